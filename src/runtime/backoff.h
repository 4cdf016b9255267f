#pragma once
// How long to wait before trying again. Plain values: no clock, no lock; the owner gives time and
// randomness.

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/random.h"

namespace runtime {

// The parameters of Backoff. Defaults are the reflector's (client-go tools/cache/reflector.go: with
// some hundred clients that all lost the same API server, 0.22 requests a second remain).
struct BackoffOptions {
  base::Clock::duration initial = std::chrono::milliseconds(800);
  // Of the undisturbed delay; with jitter a wait is less than twice this.
  base::Clock::duration cap = std::chrono::seconds(30);
  // After so long without a failure the next one starts at `initial` again.
  base::Clock::duration reset_after = std::chrono::minutes(2);
};

// Doubling delays with full jitter, for one thing that is tried again and again (a connection, a
// list).
class Backoff {
 public:
  // `random` must outlive this object.
  Backoff(BackoffOptions options, base::RandomSource& random)
      : options_(options), random_(random), delay_(options.initial) {}

  // The wait after a failure at `now`: uniform in [d, 2d), where d starts at `initial` and doubles
  // up to `cap`.
  base::Clock::duration next(base::Clock::time_point now);

 private:
  BackoffOptions options_;
  base::RandomSource& random_;
  base::Clock::duration delay_;
  // When the last wait ended: the time without a failure counts from there.
  std::optional<base::Clock::time_point> last_;
};

// Delay of one queue item that failed `failures` times before: base * 2^failures, at most `cap`.
// Without jitter, as in client-go's ItemExponentialFailureRateLimiter: items fail at different
// times anyway.
struct ItemBackoff {
  base::Clock::duration initial = std::chrono::milliseconds(5);
  base::Clock::duration cap = std::chrono::seconds(1000);

  [[nodiscard]] base::Clock::duration delay(std::uint32_t failures) const;
};

}  // namespace runtime
