#pragma once
// All metrics of a process, and their text for Prometheus.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "telemetry/metrics/family.h"
#include "telemetry/metrics/instruments.h"

namespace telemetry::metrics {

// Makes and keeps metrics. A subsystem has a `…Metrics` struct that asks for its metrics once,
// keeps the references, and calls with() for each label set that is known from the start:
//
//   struct QueueMetrics {
//     explicit QueueMetrics(Registry& registry, std::string_view queue)
//         : adds(registry.counters("workqueue_adds_total", "Total adds.", {"name"}).with({queue}))
//         {}
//     Counter& adds;
//   };
//
// Asking again for a name gives the same metric where type, help, labels and bounds are the same;
// otherwise, and for names that Prometheus does not accept, std::logic_error is thrown. References
// live as long as the registry. Thread-safe. There is no global registry.
class Registry {
 public:
  using Names = std::vector<std::string>;

  // With labels.
  Family<Counter>& counters(std::string name, std::string help, Names label_names);
  Family<Gauge>& gauges(std::string name, std::string help, Names label_names);
  // `bounds` as Histogram's.
  Family<Histogram>& histograms(std::string name, std::string help, Names label_names,
                                std::vector<double> bounds);

  // Without labels; shown from now on.
  Counter& counter(std::string name, std::string help);
  Gauge& gauge(std::string name, std::string help);
  Histogram& histogram(std::string name, std::string help, std::vector<double> bounds);

  // Read at each scrape instead of kept. Several collectors may share a metric, each with label
  // values of its own. `type` is kCounter or kGauge.
  [[nodiscard]] Collector collect(Type type, std::string name, std::string help, Names label_names,
                                  Collect collect);

  // Everything in the text format (kTextFormat), ordered by name and label values.
  [[nodiscard]] std::string exposition() const;

 private:
  template <class Wanted>
  Wanted& family(FamilyBase::Description description);

  mutable base::Mutex mutex_;
  std::map<std::string, std::unique_ptr<FamilyBase>, std::less<>> families_ CAPP_GUARDED_BY(mutex_);
};

}  // namespace telemetry::metrics
