#pragma once
// When an exec plugin runs: before its credentials expire, at a 401, and never in a storm.

#include <chrono>
#include <optional>

#include "base/clock.h"

namespace kube {

// Credentials are renewed this long before they expire, or at half of their life if that is later.
inline constexpr std::chrono::seconds kExecLeeway{60};
// Between two runs after failures, or after 401s to what a run has just given: 1, 2, 4 … 60 s.
inline constexpr std::chrono::seconds kExecBackoffBase{1};
inline constexpr std::chrono::seconds kExecBackoffMax{60};
// A 401 this long after the last run has nothing to do with the ones before it.
inline constexpr std::chrono::minutes kExecForget{5};

// Pure: told what happened, it says when to run next. The first run is due at once.
class ExecSchedule {
 public:
  void succeeded(base::Clock::time_point now, std::optional<base::Clock::time_point> expires);
  void failed(base::Clock::time_point now);
  // A 401 to the credentials of the last run.
  void rejected(base::Clock::time_point now);

  // time_point::max(): not before a 401.
  [[nodiscard]] base::Clock::time_point next_run() const { return next_run_; }

 private:
  [[nodiscard]] std::chrono::seconds backoff() const;

  base::Clock::time_point next_run_ = base::Clock::time_point::min();
  base::Clock::time_point last_run_{};
  int troubles_ = 0;       // failures and rejections in a row
  bool rejected_ = false;  // since the last run
};

}  // namespace kube
