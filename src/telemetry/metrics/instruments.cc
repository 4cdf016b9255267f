#include "telemetry/metrics/instruments.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <stdexcept>
#include <utility>

namespace telemetry::metrics {
namespace {

std::vector<double> checked(std::vector<double> bounds) {
  const bool finite =
      std::ranges::all_of(bounds, [](double bound) { return std::isfinite(bound); });
  const bool increasing =
      std::ranges::adjacent_find(bounds, std::greater_equal<>()) == bounds.end();
  if (!finite || !increasing)
    throw std::logic_error("histogram bounds must be finite and increase");
  return bounds;
}

}  // namespace

void Counter::increment(double amount) {
  if (!(amount >= 0)) throw std::logic_error("a counter only goes up");
  value_.fetch_add(amount, std::memory_order_relaxed);
}

Histogram::Histogram(std::vector<double> bounds)
    : bounds_(checked(std::move(bounds))),
      buckets_(std::make_unique<std::atomic<std::uint64_t>[]>(bounds_.size() + 1)) {}

void Histogram::observe(double value) {
  // NaN is not below any bound, and so is counted where +Inf is.
  const auto bucket =
      std::ranges::find_if(bounds_, [value](double bound) { return value <= bound; });
  const auto index = static_cast<std::size_t>(bucket - bounds_.begin());
  buckets_[index].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

Histogram::Snapshot Histogram::snapshot() const {
  Snapshot snapshot{.sum = sum_.load(std::memory_order_relaxed)};
  std::uint64_t total = 0;
  for (std::size_t i = 0; i <= bounds_.size(); ++i) {
    total += buckets_[i].load(std::memory_order_relaxed);
    snapshot.cumulative.push_back(total);
  }
  return snapshot;
}

std::vector<double> exponential_bounds(double start, double factor, int count) {
  std::vector<double> bounds;
  for (double bound = start; std::cmp_less(bounds.size(), count); bound *= factor) {
    bounds.push_back(bound);
  }
  return bounds;
}

}  // namespace telemetry::metrics
