#include "capp/autoscaling.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/duration.h"

namespace capp {
namespace {

std::int64_t target_of(Metric metric, const Autoscale& defaults) {
  switch (metric) {
    case Metric::kConcurrency:
      return defaults.concurrency;
    case Metric::kRps:
      return defaults.rps;
    case Metric::kCpu:
      return defaults.cpu;
    case Metric::kMemory:
      return defaults.memory;
  }
  std::unreachable();
}

std::string_view class_of(Metric metric) {
  const bool hpa = metric == Metric::kCpu || metric == Metric::kMemory;
  return hpa ? "hpa.autoscaling.knative.dev" : "kpa.autoscaling.knative.dev";
}

boost::json::object derived(const Scale& scale, const Autoscale& defaults) {
  boost::json::object annotations{
      {"autoscaling.knative.dev/class", class_of(scale.metric)},
      {"autoscaling.knative.dev/metric", to_string(scale.metric)},
      {"autoscaling.knative.dev/target", std::to_string(target_of(scale.metric, defaults))},
  };
  if (scale.min_replicas) {
    annotations["autoscaling.knative.dev/min-scale"] = std::to_string(*scale.min_replicas);
  } else {
    annotations["autoscaling.knative.dev/activation-scale"] =
        std::to_string(defaults.activation_scale);
  }
  if (scale.max_replicas) {
    annotations["autoscaling.knative.dev/max-scale"] = std::to_string(*scale.max_replicas);
  }
  if (scale.down_delay) {
    annotations["autoscaling.knative.dev/scale-down-delay"] =
        base::format_duration(*scale.down_delay);
  }
  return annotations;
}

}  // namespace

boost::json::object with_autoscaling(boost::json::object own, const Scale& scale,
                                     const Config& config) {
  auto annotations = std::move(own);
  for (auto& [key, value] : derived(scale, config.autoscale)) {
    if (config.from_capp_config || !annotations.contains(key)) annotations[key] = std::move(value);
  }
  return annotations;
}

}  // namespace capp
