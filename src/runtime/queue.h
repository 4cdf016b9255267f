#pragma once
// The work queue of a controller: de-duplicating, delaying, prioritised, with a back-off for each
// key. QueueState is the pure rule book (every method is told the time); Queue is it behind a lock,
// with a blocking get.
//
// A key is in exactly one of three places: ready, waiting (for its time) or processing (handed
// out). A key that is added while it is processed is remembered and handed out again after done(),
// so that no two workers ever have the same key.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <unordered_map>

#include "base/clock.h"
#include "base/mutex.h"
#include "object/key.h"
#include "runtime/backoff.h"

namespace runtime {

// Of what a person or the cluster has just changed.
inline constexpr int kDefaultPriority = 0;
// Of the initial list, resyncs and configuration fan-out: a live edit overtakes ten thousand of
// them. The number is controller-runtime's handler.LowPriority, which its dashboards
// (workqueue_depth by priority) show.
inline constexpr int kLowPriority = -100;

struct AddOptions {
  int priority = kDefaultPriority;  // higher goes first
  base::Clock::duration after{};    // not before so long from now; negative is 0
};

struct QueueItem {
  object::Key key;
  // What the key was queued with; a retry is added with the same.
  int priority = kDefaultPriority;
  // Keys of at least this priority were ready behind it: whoever works on it keeps them waiting.
  bool others_wait = false;
};

// Told what happens in a queue, for metrics. Called with the queue's lock held: count, never call
// back.
class QueueObserver {
 public:
  virtual ~QueueObserver() = default;
  // A key became ready.
  virtual void added() {}
  // So many keys of this priority are ready now.
  virtual void depth_changed(int /*priority*/, std::size_t /*depth*/) {}
  // A key was added with a delay.
  virtual void retried() {}
  // A key was handed out, so long after it was due.
  virtual void started(base::Clock::duration /*queued*/) {}
  // done() was called, so long after the key was handed out.
  virtual void finished(base::Clock::duration /*worked*/) {}
};

// Not thread-safe. `now` never goes back from call to call.
class QueueState {
 public:
  using TimePoint = base::Clock::time_point;

  // `observer` may be null and must outlive the queue.
  explicit QueueState(ItemBackoff backoff = {}, QueueObserver* observer = nullptr)
      : backoff_(backoff), observer_(observer) {}
  QueueState(const QueueState&) = delete;
  QueueState& operator=(const QueueState&) = delete;

  // Wants `key` handed out. If it is wanted already, the greater priority and the earlier time
  // hold. Does nothing after shut_down().
  void add(const object::Key& key, AddOptions options, TimePoint now);
  // Counts a failure of `key` and adds it after its back-off.
  void add_rate_limited(const object::Key& key, int priority, TimePoint now);
  // The next failure of `key` counts as the first.
  void forget(const object::Key& key);
  // Failures since the last forget().
  [[nodiscard]] std::uint32_t failures(const object::Key& key) const;

  // Hands out the ready key of the highest priority, of equals the one that is ready longest;
  // nothing if none is ready or the queue is shut down. Each one must be given back by done().
  [[nodiscard]] std::optional<QueueItem> get(TimePoint now);
  // The work on a key that get() handed out has ended.
  void done(const object::Key& key, TimePoint now);

  // From now on nothing is added and nothing handed out; what was queued is dropped. Work in hand
  // may end.
  void shut_down();
  [[nodiscard]] bool is_shut_down() const { return shut_down_; }

  // Keys that are ready; neither waiting nor processing ones.
  [[nodiscard]] std::size_t size(TimePoint now);
  // When the next waiting key is due; nothing if none waits.
  [[nodiscard]] std::optional<TimePoint> next_due() const;
  // Keys handed out and not done.
  [[nodiscard]] std::size_t processing() const { return processing_.size(); }
  // Sum over the keys in work of the time since they were handed out
  // (workqueue_unfinished_work_seconds).
  [[nodiscard]] base::Clock::duration unfinished_work(TimePoint now) const;
  // The greatest of these times; 0 if no key is in work
  // (workqueue_longest_running_processor_seconds).
  [[nodiscard]] base::Clock::duration longest_running(TimePoint now) const;

 private:
  enum class Place : std::uint8_t {
    kNowhere,  // only its failures are remembered, or it is in work and not wanted again
    kReady,
    kWaiting,
    kHeld,  // wanted again, in work
  };
  struct Entry {
    Place place = Place::kNowhere;
    bool processing = false;
    int priority = 0;
    std::uint32_t failures = 0;
    std::uint64_t sequence = 0;
    TimePoint due;
    TimePoint started;
  };
  // A map node: its address and key stay while it lives.
  using Entries = std::unordered_map<object::Key, Entry>;
  using Node = Entries::value_type;
  struct ReadyOrder {
    bool operator()(const Node* a, const Node* b) const;
  };
  struct DueOrder {
    bool operator()(const Node* a, const Node* b) const;
  };

  void put_in(Node& node, TimePoint now);
  void make_ready(Node& node);
  void raise(Node& node, int priority);
  void promote_due(TimePoint now);
  void drop_if_idle(Entries::iterator found);
  // `by` is 1 or -1.
  void change_depth(int priority, int by);

  ItemBackoff backoff_;
  QueueObserver* observer_;
  Entries entries_;
  std::set<Node*, ReadyOrder> ready_;
  std::set<Node*, DueOrder> waiting_;
  std::set<const Node*> processing_;
  std::map<int, std::size_t> depth_;  // ready keys by priority, without zeros
  std::uint64_t next_sequence_ = 0;
  bool shut_down_ = false;
};

// QueueState for several threads; every method may be called from any thread at any time.
class Queue {
 public:
  explicit Queue(ItemBackoff backoff = {}, QueueObserver* observer = nullptr)
      : state_(backoff, observer) {}

  void add(const object::Key& key, AddOptions options = {}) CAPP_EXCLUDES(mutex_);
  void add_rate_limited(const object::Key& key, int priority = kDefaultPriority)
      CAPP_EXCLUDES(mutex_);
  void forget(const object::Key& key) CAPP_EXCLUDES(mutex_);
  [[nodiscard]] std::uint32_t failures(const object::Key& key) const CAPP_EXCLUDES(mutex_);

  // Blocks until a key is ready. Nothing once the queue is shut down or `stop` fires; both wake a
  // blocked caller.
  [[nodiscard]] std::optional<QueueItem> get(const std::stop_token& stop) CAPP_EXCLUDES(mutex_);
  void done(const object::Key& key) CAPP_EXCLUDES(mutex_);

  void shut_down() CAPP_EXCLUDES(mutex_);
  [[nodiscard]] std::size_t size() CAPP_EXCLUDES(mutex_);
  [[nodiscard]] std::size_t processing() const CAPP_EXCLUDES(mutex_);
  [[nodiscard]] base::Clock::duration unfinished_work() const CAPP_EXCLUDES(mutex_);
  [[nodiscard]] base::Clock::duration longest_running() const CAPP_EXCLUDES(mutex_);

 private:
  mutable base::Mutex mutex_;
  base::CondVar changed_;
  QueueState state_ CAPP_GUARDED_BY(mutex_);
};

}  // namespace runtime
