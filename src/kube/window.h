#pragma once
// How many requests may be in flight: additive increase, multiplicative decrease (as TCP), steered
// by the API server's 429 instead of a fixed rate. Pure.

#include <algorithm>
#include <cstddef>

namespace kube {

// Not thread-safe.
class Window {
 public:
  explicit Window(std::size_t max) : max_(static_cast<double>(max)), size_(max_) {}

  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(size_); }
  // An answer that is no 429: one more for each window full of them.
  void answered() { size_ = std::min(max_, size_ + 1 / size_); }
  // A 429: half, and never less than one.
  void throttled() { size_ = std::max(1.0, size_ / 2); }

 private:
  double max_;
  double size_;
};

}  // namespace kube
