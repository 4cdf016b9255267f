#pragma once
// Where jitter comes from; tests give a fixed one.

#include <cstdint>
#include <random>

namespace base {

class RandomSource {
 public:
  virtual ~RandomSource() = default;
  // Uniform in [0, 1).
  virtual double uniform() = 0;
};

// Seeded from the system. Not thread-safe: one per owner.
class SystemRandom final : public RandomSource {
 public:
  double uniform() override { return distribution_(engine_); }

 private:
  std::mt19937_64 engine_{std::random_device{}()};
  std::uniform_real_distribution<double> distribution_{0.0, 1.0};
};

}  // namespace base
