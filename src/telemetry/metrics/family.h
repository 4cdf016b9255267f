#pragma once
// A metric with labels: one instrument for each combination of label values.

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "telemetry/metrics/exposition.h"
#include "telemetry/metrics/instruments.h"

namespace telemetry::metrics {

// What every family has: made, checked and written by the Registry.
class FamilyBase {
 public:
  // Of a metric; label names in the order in which label values are given.
  struct Description {
    Type type = Type::kGauge;
    std::string name{};
    std::string help{};
    std::vector<std::string> label_names{};
    std::vector<double> bounds{};  // of a histogram's buckets
    friend bool operator==(const Description&, const Description&) = default;
  };

  explicit FamilyBase(Description description) : description_(std::move(description)) {}
  virtual ~FamilyBase() = default;
  FamilyBase(const FamilyBase&) = delete;
  FamilyBase& operator=(const FamilyBase&) = delete;

  [[nodiscard]] const Description& description() const { return description_; }
  // All samples, ordered by label values.
  virtual void write_samples(ExpositionWriter& writer) const = 0;

 protected:
  // Throws std::logic_error unless there is one value for each label name.
  void check_label_count(std::size_t count) const;

 private:
  const Description description_;
};

// Counter, Gauge or Histogram by label values. Thread-safe.
template <class Instrument>
class Family final : public FamilyBase {
 public:
  using FamilyBase::FamilyBase;

  // The instrument of these label values, in the order of the label names; made at 0 at the first
  // call, which is how a label set is shown before anything happened. The reference lives as long
  // as the Registry: keep it instead of asking on a hot path. Values must come from a small,
  // bounded set: nothing is ever removed.
  Instrument& with(std::initializer_list<std::string_view> label_values) {
    check_label_count(label_values.size());
    const base::MutexLock lock(mutex_);
    auto& instrument = instruments_[{label_values.begin(), label_values.end()}];
    if (!instrument) instrument = make();
    return *instrument;
  }

  void write_samples(ExpositionWriter& writer) const override;

 private:
  using LabelValues = std::vector<std::string>;

  std::unique_ptr<Instrument> make() const {
    if constexpr (std::is_same_v<Instrument, Histogram>) {
      return std::make_unique<Histogram>(description().bounds);
    } else {
      return std::make_unique<Instrument>();
    }
  }

  mutable base::Mutex mutex_;
  std::map<LabelValues, std::unique_ptr<Instrument>> instruments_ CAPP_GUARDED_BY(mutex_);
};

// One value of a collected metric, read at the moment of a scrape.
struct Sample {
  std::vector<std::string> label_values{};
  double value = 0;
};

// Reads samples at each scrape, on the thread that scrapes. Must not use the Registry.
using Collect = std::function<std::vector<Sample>()>;

// A Collect that is asked as long as this lives; its owner keeps it next to what the Collect reads.
// Once the destructor has returned the Collect does not run any more. Safe to outlive the Registry.
class Collector {
 public:
  explicit Collector(Collect collect);
  ~Collector();
  Collector(Collector&&) noexcept = default;
  Collector& operator=(Collector&&) = delete;
  Collector(const Collector&) = delete;

 private:
  friend class CollectedFamily;
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

// A metric whose samples are read at each scrape, from any number of Collectors. Thread-safe.
class CollectedFamily final : public FamilyBase {
 public:
  using FamilyBase::FamilyBase;

  [[nodiscard]] Collector attach(Collect collect);
  void write_samples(ExpositionWriter& writer) const override;

 private:
  mutable base::Mutex mutex_;
  // Those of destroyed Collectors are dropped at the next scrape.
  mutable std::vector<std::weak_ptr<Collector::Shared>> collectors_ CAPP_GUARDED_BY(mutex_);
};

}  // namespace telemetry::metrics
