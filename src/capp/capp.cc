#include "capp/capp.h"

#include <utility>

#include "json/parse.h"
#include "json/value.h"

namespace capp {
namespace {

State read_state(const boost::json::object& spec) {
  return json::string_at(spec, {"state"}) == to_string(State::kDisabled) ? State::kDisabled
                                                                         : State::kEnabled;
}

std::optional<Metric> read_metric(std::string_view text) {
  for (const Metric metric : {Metric::kConcurrency, Metric::kRps, Metric::kCpu, Metric::kMemory}) {
    if (text == to_string(metric)) return metric;
  }
  return std::nullopt;
}

std::optional<std::int64_t> positive(std::optional<std::int64_t> number) {
  return number.value_or(0) > 0 ? number : std::nullopt;
}

Scale read_scale(const boost::json::object& spec) {
  auto minimum = json::int_at(spec, {"scaleSpec", "minReplicas"});
  if (!minimum) minimum = json::int_at(spec, {"minReplicas"});
  Scale scale{
      .metric = read_metric(json::string_at(spec, {"scaleSpec", "metric"}))
                    .value_or(read_metric(json::string_at(spec, {"scaleMetric"}))
                                  .value_or(Metric::kConcurrency)),
      .min_replicas = positive(minimum),
      .max_replicas = positive(json::int_at(spec, {"scaleSpec", "maxReplicas"})),
  };
  if (const auto delay = positive(json::int_at(spec, {"scaleSpec", "scaleDelaySeconds"}))) {
    scale.down_delay = std::chrono::seconds(*delay);
  }
  return scale;
}

Route read_route(const boost::json::object& spec) {
  auto target = json::significant(json::object_or_empty(spec, {"routeSpec", "trafficTarget"}));
  return {.traffic_target = std::move(target.get_object()),
          .timeout_seconds = json::int_at(spec, {"routeSpec", "routeTimeoutSeconds"})};
}

std::vector<std::string> read_nfs_volumes(const boost::json::object& spec) {
  std::vector<std::string> names;
  const auto* volumes = json::array_at(spec, {"volumesSpec", "nfsVolumes"});
  if (volumes == nullptr) return names;
  for (const auto& volume : *volumes) {
    if (const auto name = json::string_at(volume, {"name"}); !name.empty())
      names.emplace_back(name);
  }
  return names;
}

Spec read_spec(const boost::json::object& spec) {
  auto configuration = json::without_nulls(json::object_or_empty(spec, {"configurationSpec"}));
  return {.state = read_state(spec),
          .scale = read_scale(spec),
          .route = read_route(spec),
          .nfs_volumes = read_nfs_volumes(spec),
          .configuration = std::move(configuration.get_object())};
}

}  // namespace

std::string_view to_string(State state) {
  return state == State::kDisabled ? "disabled" : "enabled";
}

std::string_view to_string(Metric metric) {
  switch (metric) {
    case Metric::kConcurrency:
      return "concurrency";
    case Metric::kRps:
      return "rps";
    case Metric::kCpu:
      return "cpu";
    case Metric::kMemory:
      return "memory";
  }
  std::unreachable();
}

base::Result<Capp> read_capp(const object::Record& record) {
  const auto parsed = json::parse(record.body);
  if (!parsed) {
    return std::unexpected(parsed.error().wrap("reading Capp " + record.key.to_string()));
  }
  const auto* body = parsed->if_object();
  if (body == nullptr) {
    return base::fail(base::Reason::kProtocol,
                      "Capp " + record.key.to_string() + " is no JSON object");
  }
  Capp capp{
      .key = record.key,
      .uid = record.uid,
      .generation = record.generation,
      .terminating = record.terminating,
      .finalizers = record.finalizers,
      .labels = json::object_or_empty(*body, {"metadata", "labels"}),
      .annotations = json::object_or_empty(*body, {"metadata", "annotations"}),
      .raw_spec = json::object_or_empty(*body, {"spec"}),
      .status = json::object_or_empty(*body, {"status"}),
  };
  capp.spec = read_spec(capp.raw_spec);
  return capp;
}

}  // namespace capp
