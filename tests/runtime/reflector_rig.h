#pragma once
// A reflector on a bench: virtual time, a model store behind it, and every step as text.

#include <string>
#include <utility>
#include <vector>

#include "runtime/reflector.h"
#include "tests/runtime/model.h"

namespace runtime::test {

using Steps = std::vector<std::string>;

// A reflector with the time, a model store behind it, and inputs in the words of the server.
class Rig {
 public:
  explicit Rig(ReflectorOptions options = {}, double random = 0.0)
      : random_(random), reflector_(options, random_) {}

  Steps feed(Input input) {
    Steps steps;
    for (const Effect& effect : reflector_.step(std::move(input), now_)) {
      steps.push_back(describe(effect, now_));
      store.take(effect);
      if (const auto* timer = std::get_if<SetTimer>(&effect)) timer_ = timer->at;
    }
    return steps;
  }
  void pass(base::Clock::duration time) { now_ += time; }
  // The timer that was set last fires.
  Steps timer() {
    now_ = timer_;
    return feed(Timer{});
  }

  // Brings it to the watch after initial events of these records.
  void sync_by_stream(const std::vector<object::RecordPtr>& records, std::uint64_t version) {
    feed(Start{});
    feed(WatchOpened{});
    for (const auto& one : records) feed(Event{EventType::kAdded, one});
    feed(Bookmark{version, true});
  }
  void sync_by_list(std::vector<object::RecordPtr> records, std::uint64_t version) {
    feed(Start{});
    feed(ListPage{std::move(records), version, ""});
    feed(WatchOpened{});
  }

  [[nodiscard]] const State& state() const { return reflector_.state(); }
  ModelStore store;

 private:
  FixedRandom random_;
  Reflector reflector_;
  base::Clock::time_point now_ = kStart;
  base::Clock::time_point timer_ = kStart;
};

inline ReflectorOptions by_list() {
  return {.watch_list = false};
}

inline base::Error retry_after(base::Reason reason, std::chrono::seconds wait) {
  auto made = error(reason);
  made.retry_after = wait;
  return made;
}

}  // namespace runtime::test
