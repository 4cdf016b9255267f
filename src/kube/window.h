#pragma once
// How many requests may be in flight: additive increase, multiplicative decrease (as TCP), steered
// by the API server's 429 instead of a fixed rate. Pure.

#include <algorithm>
#include <cstddef>

#include "base/clock.h"

namespace kube {

// Not thread-safe.
class Window {
 public:
  explicit Window(std::size_t max) : max_(static_cast<double>(max)), size_(max_) {}

  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(size_); }
  // An answer that is no 429: one more for each window full of them.
  void answered() { size_ = std::min(max_, size_ + 1 / size_); }
  // A 429 to a request sent at `sent_at`: half, and never less than one; but once for all that were
  // under way together, else one moment of overload would take it to one.
  void throttled(base::Clock::time_point sent_at, base::Clock::time_point now) {
    if (sent_at < halved_at_) return;
    halved_at_ = now;
    size_ = std::max(1.0, size_ / 2);
  }

 private:
  double max_;
  double size_;
  base::Clock::time_point halved_at_;
};

}  // namespace kube
