#pragma once
// What is counted: counters, gauges, histograms. Incrementing one is a few atomic instructions;
// nothing here locks or looks anything up. All are thread-safe and made by a Registry (registry.h),
// which keeps them.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

namespace telemetry::metrics {

// Only goes up. By convention its name ends with "_total".
class Counter {
 public:
  // Throws std::logic_error for a negative amount.
  void increment(double amount = 1);
  [[nodiscard]] double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_ = 0;
};

// Goes up and down.
class Gauge {
 public:
  void set(double value) { value_.store(value, std::memory_order_relaxed); }
  void add(double amount) { value_.fetch_add(amount, std::memory_order_relaxed); }
  [[nodiscard]] double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_ = 0;
};

// Counts observations by size. Durations are observed in seconds, as Prometheus wants them.
class Histogram {
 public:
  // The upper bounds of the buckets, inclusive and increasing, without +Inf, which is always there.
  // Throws std::logic_error where they are not finite and increasing.
  explicit Histogram(std::vector<double> bounds);

  void observe(double value);
  void observe(std::chrono::duration<double> seconds) { observe(seconds.count()); }

  struct Snapshot {
    std::vector<std::uint64_t>
        cumulative{};  // observations up to each bound; the last: all of them
    double sum = 0;
  };
  // Consistent in itself but for `sum`, which may be ahead or behind by what is being observed
  // meanwhile.
  [[nodiscard]] Snapshot snapshot() const;
  [[nodiscard]] const std::vector<double>& bounds() const { return bounds_; }

 private:
  const std::vector<double> bounds_;
  const std::unique_ptr<std::atomic<std::uint64_t>[]> buckets_;  // one more than bounds_
  std::atomic<double> sum_ = 0;
};

// `count` bounds: start, start × factor, start × factor², … (client_golang's ExponentialBuckets).
[[nodiscard]] std::vector<double> exponential_bounds(double start, double factor, int count);

}  // namespace telemetry::metrics
