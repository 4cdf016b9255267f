#pragma once
// What the applier remembers of each object that it writes: failures that are backing off, and
// objects that an apply does not change any more. Time comes in. Not here: the decision whether an
// object differs (applier_decision.h).

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "base/error.h"
#include "base/mutex.h"
#include "object/key.h"
#include "object/kind.h"
#include "object/record.h"

namespace runtime {

// Which write is remembered: the object, and what is done to it (its index in object::Write).
struct WriteId {
  const object::Kind* kind = nullptr;  // never null; a constant
  object::Key key;
  std::size_t verb = 0;
  object::Key owner{};  // on whose behalf

  friend bool operator==(const WriteId& a, const WriteId& b) {
    return *a.kind == *b.kind && a.key == b.key && a.verb == b.verb && a.owner == b.owner;
  }
};

struct WriteMemoryOptions {
  // What only a change can cure is tried again this slowly: at most 5 tries in the first 10 s
  // (behaviour, rule 6).
  std::chrono::milliseconds permanent_first{1000};
  // What time can cure (R22).
  std::chrono::milliseconds transient_first{5};
  std::chrono::milliseconds limit = std::chrono::minutes(5);
  // So many repairs of one path, each this soon after the one before, are a fight and not drift
  // (design 3.2).
  int fight_repairs = 5;
  std::chrono::milliseconds fight_interval{2000};
};

// What can make a failed write succeed.
enum class Cure {
  kTime,    // trying again, soon
  kChange,  // another content, another object, other rules of the server
};

// Thread-safe. Nobody else uses an id at the same time (one owner, one pass).
class WriteMemory {
 public:
  using TimePoint = base::Clock::time_point;

  explicit WriteMemory(WriteMemoryOptions options = {}) : options_(options) {}

  // A failure of the same content that is still backing off.
  struct Waiting {
    base::Error error;
    std::chrono::milliseconds remaining;
    object::RecordPtr found;  // as failed() was told
  };
  // `hash` is of what is to be written, `live` what is there (may be null). Another hash, or a
  // change of the object, ends a wait; so does its time. A change of its status alone does not: a
  // rollout brings many of them in a second, and cures nothing.
  [[nodiscard]] std::optional<Waiting> waiting(const WriteId& id, const std::string& hash,
                                               const object::RecordPtr& live, TimePoint now) const
      CAPP_EXCLUDES(mutex_);

  // True where an apply of `hash` has left exactly what `live` owns now: another would not change
  // it either.
  [[nodiscard]] bool settled(const WriteId& id, const std::string& hash,
                             const object::Record& live) const CAPP_EXCLUDES(mutex_);

  // The write failed, or cannot be made yet. Returns when it may be tried again; a Retry-After is a
  // lower bound. `found`: what the wait is for, where `live` does not have it.
  std::chrono::milliseconds failed(const WriteId& id, const std::string& hash,
                                   const object::RecordPtr& live, const base::Error& error,
                                   Cure cure, TimePoint now, object::RecordPtr found = nullptr)
      CAPP_EXCLUDES(mutex_);
  // The write succeeded and left `after`. `complete`: `after` has the hash and owns exactly what
  // was wanted.
  void succeeded(const WriteId& id, const std::string& hash, const object::Record& after,
                 bool complete, TimePoint now) CAPP_EXCLUDES(mutex_);

  // An object of ours was found changed at `path` and is about to be repaired. True where this is a
  // fight: then it is not to be repaired but to be given up for a while, by lost().
  bool fighting(const WriteId& id, const std::string& path, TimePoint now) CAPP_EXCLUDES(mutex_);
  // As failed(), but news of the object does not end the wait: they are what the fight is made of.
  std::chrono::milliseconds lost(const WriteId& id, const std::string& hash,
                                 const base::Error& error, TimePoint now) CAPP_EXCLUDES(mutex_);

  // Nobody writes the object any more.
  void forget(const WriteId& id) CAPP_EXCLUDES(mutex_);
  // The owner is gone. Looks at every entry: there is one for each write that failed, not for each
  // object.
  void forget_owner(const object::Key& owner) CAPP_EXCLUDES(mutex_);
  // What the server said of the kind does not hold any more.
  void forget_kind(const object::Kind& kind) CAPP_EXCLUDES(mutex_);

  [[nodiscard]] std::size_t size() const CAPP_EXCLUDES(mutex_);

 private:
  struct Entry {
    std::string hash;
    // Of a failure.
    std::optional<base::Error> error;
    object::RecordPtr live;  // as it was at the failure
    object::RecordPtr found;
    std::uint32_t failures = 0;
    TimePoint not_before;
    // Of an apply that cannot do better.
    object::OwnedSet settled;
    // Of repairs.
    std::string repaired_path;
    TimePoint repaired_at;
    int repairs = 0;
    bool fight = false;
  };
  // Whether the next repair has to be compared with the last one.
  bool may_be_fought_over(const Entry& entry, TimePoint now) const;
  std::chrono::milliseconds back_off(Entry& entry, const base::Error& error, Cure cure,
                                     TimePoint now) const;

  struct Hash {
    std::size_t operator()(const WriteId& id) const;
  };

  const WriteMemoryOptions options_;
  mutable base::Mutex mutex_;
  std::unordered_map<WriteId, Entry, Hash> entries_ CAPP_GUARDED_BY(mutex_);
};

}  // namespace runtime
