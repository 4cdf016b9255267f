#pragma once
// Keeps a warning that repeats from filling the log.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/mutex.h"

namespace telemetry::log {

// Lets the same thing be said at most once in `interval` (default: a minute), however often it
// happens.
//
//   if (const auto held_back = limiter.admit(kind.name, now)) {
//     log.warn("the kind is not served", {{"kind", kind.name}, {"heldBack", *held_back}});
//   }
//
// Thread-safe. Remembers at most 1024 keys: where more repeat within the interval, the one that was
// admitted longest ago is forgotten and may be said again too early.
class RepeatLimiter {
 public:
  explicit RepeatLimiter(std::chrono::nanoseconds interval = std::chrono::minutes(1))
      : interval_(interval) {}

  // nullopt: said already, hold it back. Otherwise how often `key` was held back since it was last
  // said.
  [[nodiscard]] std::optional<std::uint64_t> admit(std::string_view key,
                                                   base::Clock::time_point now);

 private:
  struct Entry {
    base::Clock::time_point admitted_at{};
    std::uint64_t held_back = 0;
  };

  void make_room() CAPP_REQUIRES(mutex_);

  const std::chrono::nanoseconds interval_;
  base::Mutex mutex_;
  std::unordered_map<std::string, Entry> entries_ CAPP_GUARDED_BY(mutex_);
};

}  // namespace telemetry::log
