#include "telemetry/metrics/registry.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace telemetry::metrics {
namespace {

void check(const FamilyBase::Description& family) {
  if (!is_metric_name(family.name)) {
    throw std::logic_error(fmt::format("\"{}\" is not a metric name", family.name));
  }
  for (const auto& label : family.label_names) {
    // "le" is the label of a histogram's buckets.
    if (!is_label_name(label) || (family.type == Type::kHistogram && label == "le")) {
      throw std::logic_error(fmt::format("\"{}\" is not a label of {}", label, family.name));
    }
    if (std::ranges::count(family.label_names, label) > 1) {
      throw std::logic_error(fmt::format("{} has the label {} twice", family.name, label));
    }
  }
}

}  // namespace

template <class Wanted>
Wanted& Registry::family(FamilyBase::Description description) {
  check(description);
  const base::MutexLock lock(mutex_);
  auto& slot = families_[description.name];
  if (!slot) slot = std::make_unique<Wanted>(description);
  auto* const found = dynamic_cast<Wanted*>(slot.get());
  if (found == nullptr || found->description() != description) {
    throw std::logic_error(fmt::format(
        "metric {} is there already, with another type, help, labels or bounds", description.name));
  }
  return *found;
}

Family<Counter>& Registry::counters(std::string name, std::string help, Names label_names) {
  return family<Family<Counter>>({.type = Type::kCounter,
                                  .name = std::move(name),
                                  .help = std::move(help),
                                  .label_names = std::move(label_names)});
}

Family<Gauge>& Registry::gauges(std::string name, std::string help, Names label_names) {
  return family<Family<Gauge>>({.type = Type::kGauge,
                                .name = std::move(name),
                                .help = std::move(help),
                                .label_names = std::move(label_names)});
}

Family<Histogram>& Registry::histograms(std::string name, std::string help, Names label_names,
                                        std::vector<double> bounds) {
  return family<Family<Histogram>>({.type = Type::kHistogram,
                                    .name = std::move(name),
                                    .help = std::move(help),
                                    .label_names = std::move(label_names),
                                    .bounds = std::move(bounds)});
}

Counter& Registry::counter(std::string name, std::string help) {
  return counters(std::move(name), std::move(help), {}).with({});
}

Gauge& Registry::gauge(std::string name, std::string help) {
  return gauges(std::move(name), std::move(help), {}).with({});
}

Histogram& Registry::histogram(std::string name, std::string help, std::vector<double> bounds) {
  return histograms(std::move(name), std::move(help), {}, std::move(bounds)).with({});
}

Collector Registry::collect(Type type, std::string name, std::string help, Names label_names,
                            Collect collect) {
  if (type == Type::kHistogram) throw std::logic_error("a histogram cannot be collected");
  return family<CollectedFamily>({.type = type,
                                  .name = std::move(name),
                                  .help = std::move(help),
                                  .label_names = std::move(label_names)})
      .attach(std::move(collect));
}

std::string Registry::exposition() const {
  // Families are never removed; collecting happens without the lock, so that it holds up nobody's
  // registration.
  std::vector<const FamilyBase*> families;
  {
    const base::MutexLock lock(mutex_);
    for (const auto& [name, family] : families_) families.push_back(family.get());
  }
  std::string text;
  ExpositionWriter writer(text);
  for (const FamilyBase* family : families) {
    const auto& [type, name, help, labels, bounds] = family->description();
    writer.header(name, help, type);
    family->write_samples(writer);
  }
  return text;
}

}  // namespace telemetry::metrics
