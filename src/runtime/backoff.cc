#include "runtime/backoff.h"

#include <algorithm>

namespace runtime {

base::Clock::duration Backoff::next(base::Clock::time_point now) {
  if (!last_ || now - *last_ > options_.reset_after) delay_ = options_.initial;
  const auto base = delay_;
  delay_ = std::min(delay_ * 2, options_.cap);
  const auto jitter = std::chrono::duration<double>(base) * random_.uniform();
  const auto wait = base + std::chrono::duration_cast<base::Clock::duration>(jitter);
  last_ = now + wait;
  return wait;
}

base::Clock::duration ItemBackoff::delay(std::uint32_t failures) const {
  auto delay = initial;
  // Stops at the cap, so that no number of failures overflows.
  for (std::uint32_t i = 0; i < failures && delay < cap; ++i) delay *= 2;
  return std::min(delay, cap);
}

}  // namespace runtime
