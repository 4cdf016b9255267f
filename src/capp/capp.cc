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

// The objects of a list; elements that are none are skipped.
std::vector<const boost::json::object*> objects_at(const boost::json::object& spec,
                                                   json::Path path) {
  std::vector<const boost::json::object*> objects;
  const auto* list = json::array_at(spec, path);
  if (list == nullptr) return objects;
  for (const auto& element : *list) {
    if (const auto* object = element.if_object()) objects.push_back(object);
  }
  return objects;
}

boost::json::array array_or_empty(const boost::json::object& object, std::string_view member) {
  const auto* array = json::array_at(object, {member});
  return array != nullptr ? *array : boost::json::array{};
}

std::string text_at(const boost::json::object& object, json::Path path) {
  return std::string(json::string_at(object, path));
}

Route read_route(const boost::json::object& spec) {
  auto target = json::significant(json::object_or_empty(spec, {"routeSpec", "trafficTarget"}));
  return {.hostname = text_at(spec, {"routeSpec", "hostname"}),
          .tls = json::bool_at(spec, {"routeSpec", "tlsEnabled"}).value_or(false),
          .traffic_target = std::move(target.get_object()),
          .timeout_seconds = json::int_at(spec, {"routeSpec", "routeTimeoutSeconds"})};
}

std::vector<NfsVolume> read_nfs_volumes(const boost::json::object& spec) {
  std::vector<NfsVolume> volumes;
  for (const auto* entry : objects_at(spec, {"volumesSpec", "nfsVolumes"})) {
    NfsVolume volume{.name = text_at(*entry, {"name"}),
                     .server = text_at(*entry, {"server"}),
                     .path = text_at(*entry, {"path"}),
                     .capacity = json::object_or_empty(*entry, {"capacity"})};
    if (!volume.name.empty()) volumes.push_back(std::move(volume));
  }
  return volumes;
}

std::optional<Log> read_log(const boost::json::object& spec) {
  const auto& log = json::object_or_empty(spec, {"logSpec"});
  const std::string_view type = json::string_at(log, {"type"});
  if (type != "elastic" && type != "elastic-datastream") return std::nullopt;
  return Log{.type = type == "elastic" ? LogType::kElastic : LogType::kElasticDatastream,
             .host = text_at(log, {"host"}),
             .index = text_at(log, {"index"}),
             .user = text_at(log, {"user"}),
             .password_secret = text_at(log, {"passwordSecret"})};
}

std::optional<Ping> read_ping(const boost::json::object& source) {
  const auto* given = json::object_at(source, {"pingSourceConfiguration"});
  if (given == nullptr) return std::nullopt;
  Ping ping{.schedule = text_at(*given, {"schedule"}), .data = text_at(*given, {"data"})};
  if (ping.schedule.empty()) ping.schedule = "* * * * *";  // behaviour 1: every minute
  return ping;
}

std::optional<Kafka> read_kafka(const boost::json::object& source) {
  const auto* given = json::object_at(source, {"kafkaSourceConfiguration"});
  if (given == nullptr) return std::nullopt;
  return Kafka{.bootstrap_servers = array_or_empty(*given, "bootstrapServers"),
               .topics = array_or_empty(*given, "topics"),
               .consumer_group = text_at(*given, {"consumerGroup"}),
               .consumers = positive(json::int_at(*given, {"consumers"})).value_or(1),
               .secret = text_at(*given, {"secretRef", "name"})};
}

std::vector<EventSource> read_sources(const boost::json::object& spec) {
  std::vector<EventSource> sources;
  for (const auto* entry : objects_at(spec, {"eventSourcesSpec", "sources"})) {
    EventSource source{.name = text_at(*entry, {"name"}),
                       .uri = text_at(*entry, {"uri"}),
                       .ping = read_ping(*entry),
                       .kafka = read_kafka(*entry)};
    if (!source.name.empty()) sources.push_back(std::move(source));
  }
  return sources;
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

Spec read_spec(const boost::json::object& spec) {
  auto configuration = json::without_nulls(json::object_or_empty(spec, {"configurationSpec"}));
  return {.state = read_state(spec),
          .scale = read_scale(spec),
          .route = read_route(spec),
          .nfs_volumes = read_nfs_volumes(spec),
          .log = read_log(spec),
          .sources = read_sources(spec),
          .configuration = std::move(configuration.get_object())};
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

std::string hostname_of(const object::Record& record) {
  static const json::Filter filter = json::Filter::keep({"/spec/routeSpec/hostname"});
  const auto body = json::parse(record.body, filter);
  if (!body) return {};
  return std::string(json::string_at(*body, {"spec", "routeSpec", "hostname"}));
}

}  // namespace capp
