#include "telemetry/metrics/family.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace telemetry::metrics {
namespace {

void write(ExpositionWriter& writer, const FamilyBase::Description& family,
           std::span<const std::string> values, const Counter& counter) {
  writer.sample(family.name, family.label_names, values, counter.value());
}

void write(ExpositionWriter& writer, const FamilyBase::Description& family,
           std::span<const std::string> values, const Gauge& gauge) {
  writer.sample(family.name, family.label_names, values, gauge.value());
}

void write(ExpositionWriter& writer, const FamilyBase::Description& family,
           std::span<const std::string> values, const Histogram& histogram) {
  const Histogram::Snapshot snapshot = histogram.snapshot();
  for (std::size_t i = 0; i < snapshot.cumulative.size(); ++i) {
    const bool last = i == histogram.bounds().size();
    writer.sample(family.name + "_bucket", family.label_names, values,
                  static_cast<double>(snapshot.cumulative[i]),
                  {"le", last ? "+Inf" : format_number(histogram.bounds()[i])});
  }
  writer.sample(family.name + "_sum", family.label_names, values, snapshot.sum);
  writer.sample(family.name + "_count", family.label_names, values,
                static_cast<double>(snapshot.cumulative.back()));
}

}  // namespace

void FamilyBase::check_label_count(std::size_t count) const {
  if (count == description_.label_names.size()) return;
  throw std::logic_error(fmt::format("metric {} has {} labels, {} values were given",
                                     description_.name, description_.label_names.size(), count));
}

template <class Instrument>
void Family<Instrument>::write_samples(ExpositionWriter& writer) const {
  const base::MutexLock lock(mutex_);
  for (const auto& [values, instrument] : instruments_) {
    write(writer, description(), values, *instrument);
  }
}

template class Family<Counter>;
template class Family<Gauge>;
template class Family<Histogram>;

struct Collector::Shared {
  // Held while `collect` runs, so that the destructor of the Collector waits for it.
  base::Mutex mutex;
  Collect collect CAPP_GUARDED_BY(mutex);
};

Collector::Collector(Collect collect) : shared_(std::make_shared<Shared>()) {
  const base::MutexLock lock(shared_->mutex);
  shared_->collect = std::move(collect);
}

Collector::~Collector() {
  if (!shared_) return;  // moved from
  const base::MutexLock lock(shared_->mutex);
  shared_->collect = nullptr;
}

Collector CollectedFamily::attach(Collect collect) {
  Collector collector(std::move(collect));
  const base::MutexLock lock(mutex_);
  collectors_.push_back(collector.shared_);
  return collector;
}

void CollectedFamily::write_samples(ExpositionWriter& writer) const {
  std::vector<std::shared_ptr<Collector::Shared>> live;
  {
    const base::MutexLock lock(mutex_);
    std::erase_if(collectors_, [](const auto& collector) { return collector.expired(); });
    for (const auto& collector : collectors_) live.push_back(collector.lock());
  }
  // Two collectors of the same label values would make an exposition that Prometheus refuses: the
  // last wins.
  std::map<std::vector<std::string>, double> samples;
  for (const auto& collector : live) {
    if (!collector) continue;
    const base::MutexLock lock(collector->mutex);
    if (!collector->collect) continue;
    for (auto& sample : collector->collect()) {
      check_label_count(sample.label_values.size());
      samples.insert_or_assign(std::move(sample.label_values), sample.value);
    }
  }
  for (const auto& [values, value] : samples) {
    writer.sample(description().name, description().label_names, values, value);
  }
}

}  // namespace telemetry::metrics
