// Random operation sequences against a queue that is written down as naively as its rules are
// spoken (R21-R23).

#include <algorithm>
#include <optional>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "runtime/queue.h"
#include "tests/runtime/model.h"

namespace runtime::test {
namespace {

using namespace std::chrono_literals;
using TimePoint = base::Clock::time_point;

// One list; every question walks all of it.
class NaiveQueue {
 public:
  void add(int key, int priority, base::Clock::duration after, TimePoint now) {
    settle(now);
    for (auto& wanted : wanted_) {
      if (wanted.key != key) continue;
      if (priority > wanted.priority && wanted.ready_since) wanted.ready_since = ++turn_;
      wanted.priority = std::max(wanted.priority, priority);
      wanted.due = std::min(wanted.due, now + after);
      return settle(now);
    }
    wanted_.push_back({key, priority, now + after, {}});
    settle(now);
  }
  std::optional<std::pair<int, int>> get(TimePoint now) {
    settle(now);
    const auto first = std::ranges::max_element(wanted_, [](const Wanted& a, const Wanted& b) {
      if (a.ready_since.has_value() != b.ready_since.has_value()) return b.ready_since.has_value();
      if (!a.ready_since) return false;
      return std::tuple(a.priority, -*a.ready_since) < std::tuple(b.priority, -*b.ready_since);
    });
    if (first == wanted_.end() || !first->ready_since) return std::nullopt;
    const std::pair taken(first->key, first->priority);
    in_work_.push_back(first->key);
    wanted_.erase(first);
    return taken;
  }
  void done(int key, TimePoint now) {
    settle(now);
    std::erase(in_work_, key);
    settle(now);
  }
  [[nodiscard]] const std::vector<int>& in_work() const { return in_work_; }
  std::size_t size(TimePoint now) {
    settle(now);
    return static_cast<std::size_t>(std::ranges::count_if(
        wanted_, [](const Wanted& one) { return one.ready_since.has_value(); }));
  }
  [[nodiscard]] bool empty() const { return wanted_.empty() && in_work_.empty(); }

 private:
  struct Wanted {
    int key;
    int priority;
    TimePoint due;
    std::optional<int> ready_since;
  };

  // Gives a turn to all that became ready, in the order of their times.
  void settle(TimePoint now) {
    std::ranges::sort(wanted_, {}, &Wanted::due);
    for (auto& wanted : wanted_) {
      const bool free = std::ranges::find(in_work_, wanted.key) == in_work_.end();
      if (!wanted.ready_since && free && wanted.due <= now) wanted.ready_since = ++turn_;
    }
  }

  std::vector<Wanted> wanted_;
  std::vector<int> in_work_;
  int turn_ = 0;
};

object::Key key(int number) {
  return {.ns = "ns", .name = std::to_string(number)};
}

// Both queues side by side; they must never differ.
class Pair {
 public:
  void run(std::uint8_t operation, std::uint8_t subject, std::uint8_t argument) {
    const int number = subject % 5;
    // Times never coincide, so that the order of delayed keys of one instant is left to the
    // implementation.
    now_ += 1us;
    switch (operation % 6) {
      case 0:
        return add(number, argument % 3, 0ms);
      case 1:
        return add(number, argument % 3, std::chrono::milliseconds(argument));
      case 2:
      case 3:
        return take();
      case 4:
        return finish(argument);
      default:
        now_ += std::chrono::milliseconds(argument);
        return;
    }
  }
  // Everything that was added is handed out in the end.
  void drain() {
    now_ += 1h;
    while (!naive_.empty()) {
      while (!naive_.in_work().empty()) finish(0);
      take();
    }
    RC_ASSERT(!queue_.get(now_));
    RC_ASSERT(!queue_.next_due());
  }

 private:
  void add(int number, int priority, base::Clock::duration after) {
    naive_.add(number, priority, after, now_);
    queue_.add(key(number), {.priority = priority, .after = after}, now_);
    compare();
  }
  void take() {
    const auto expected = naive_.get(now_);
    const auto item = queue_.get(now_);
    RC_ASSERT(item.has_value() == expected.has_value());
    if (!item) return;
    RC_ASSERT(item->key == key(expected->first));
    RC_ASSERT(item->priority == expected->second);
    compare();
  }
  void finish(std::uint8_t which) {
    if (naive_.in_work().empty()) return;
    const int number = naive_.in_work()[which % naive_.in_work().size()];
    naive_.done(number, now_);
    queue_.done(key(number), now_);
    compare();
  }
  void compare() {
    RC_ASSERT(queue_.size(now_) == naive_.size(now_));
    RC_ASSERT(queue_.processing() == naive_.in_work().size());
  }

  TimePoint now_ = kStart;
  NaiveQueue naive_;
  QueueState queue_;
};

RC_GTEST_PROP(
    WorkQueueProperty, BehavesAsTheNaiveQueue,
    (const std::vector<std::tuple<std::uint8_t, std::uint8_t, std::uint8_t>>& operations)) {
  Pair queues;
  for (const auto& [operation, subject, argument] : operations)
    queues.run(operation, subject, argument);
  queues.drain();
}

}  // namespace
}  // namespace runtime::test
