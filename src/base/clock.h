#pragma once
// Time. Everything that waits or ages takes a Clock::time_point as an argument; only drivers read
// the clock.

#include <chrono>
#include <string>

namespace base {

// The monotonic clock of the process: time-outs, back-off, ages. Never shown to a person.
using Clock = std::chrono::steady_clock;
// The wall clock: timestamps in objects, logs and events. Never used to wait.
using WallClock = std::chrono::system_clock;
// As Clock, and it goes on while the machine sleeps (CLOCK_BOOTTIME): for what others count
// meanwhile, like the time until a lease is theirs to take.
struct BootClock {
  // NOLINTBEGIN(readability-identifier-naming): the names that std::chrono asks of a clock.
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootClock>;
  static constexpr bool is_steady = true;
  // NOLINTEND(readability-identifier-naming)
  static time_point now() noexcept;
};

// "2026-11-23T03:55:41Z": metav1.Time, one-second resolution.
std::string rfc3339(WallClock::time_point time);
// "2026-11-23T03:55:41.123456Z": metav1.MicroTime (events, leases).
std::string rfc3339_micro(WallClock::time_point time);

}  // namespace base
