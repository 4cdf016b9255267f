#include "capp/config_sources.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "capp/config_reader.h"
#include "capp/kinds.h"
#include "capp/names.h"
#include "capp/projections.h"
#include "json/canonical.h"
#include "json/parse.h"
#include "json/value.h"

namespace capp {
namespace {

using Problems = std::vector<ConfigProblem>;

// One object, or two of which the second stands in for the first.
struct Source {
  const object::Kind& kind;
  ConfigProblem::Of concerns;
  std::string_view path;  // of its keys in the object, for people
  // The keys that are read; nobody else's are kept as last good.
  json::Filter keys;
  void (*read)(const ConfigReader& reader, Config& config);
};

// What became of a source.
struct Usable {
  std::optional<Config> config;  // as it says now, or said when it last was good
  std::string content;           // what `config` was read from
  Problems problems;             // of what it says now
};

void read_autoscale(const ConfigReader& reader, Config& config) {
  reader.number("rps", 1, config.autoscale.rps);
  reader.number("cpu", 1, config.autoscale.cpu);
  reader.number("memory", 1, config.autoscale.memory);
  reader.number("concurrency", 1, config.autoscale.concurrency);
  // Knative's webhook refuses an activation-scale below 2.
  reader.number("activationScale", 2, config.autoscale.activation_scale);
}

void read_zone(const ConfigReader& reader, Dns& dns) {
  reader.required_text("zone", kZoneRule, dns.zone);
  reader.required_text("cname", kDnsNameRule, dns.cname);
  reader.text("provider", kObjectNameRule, dns.provider);
}

void read_dns_config(const ConfigReader& reader, Config& config) {
  Dns& dns = config.dns.emplace();
  read_zone(reader, dns);
  reader.text("issuer", kObjectNameRule, dns.issuer.name);
}

// Taken whole: a reference without kind or group means to cert-manager what it says there, and not
// the issuer that is built in here.
void read_issuer(const ConfigReader& reader, Issuer& issuer) {
  issuer = {.name = {}, .kind = "Issuer", .group = "cert-manager.io"};
  reader.required_text("name", kObjectNameRule, issuer.name);
  reader.text("kind", kKindRule, issuer.kind);
  reader.text("group", kApiGroupRule, issuer.group);
}

void read_limits(const ConfigReader& spec, Limits& limits) {
  spec.number("maxKafkaConsumers", 1, limits.kafka_consumers);
  const auto autoscale = spec.below("autoscaleConfig");
  autoscale.number("minReplicasLimit", 1, limits.min_replicas);
  autoscale.number("maxReplicasLimit", 1, limits.max_replicas);
  autoscale.number("maxScaleDelay", 0, limits.scale_delay_seconds);
}

void read_hostname_patterns(const ConfigReader& spec, std::vector<HostnamePattern>& patterns) {
  for (const auto& reader : spec.elements("allowedHostnamePatterns")) {
    auto& pattern = patterns.emplace_back();
    reader.required_text("match", kPatternRule, pattern.match);
    pattern.explanation = reader.words("explanation");
  }
}

void read_amounts(const ConfigReader& reader, boost::json::object& amounts) {
  for (const std::string_view resource : {"cpu", "memory"}) {
    std::string amount;
    reader.text(resource, kQuantityRule, amount);
    if (!amount.empty()) amounts.emplace(resource, amount);
  }
}

void read_capp_config(const ConfigReader& reader, Config& config) {
  config.from_capp_config = true;
  reader.number("revisionHistoryLimit", 1, config.revision_history_limit);
  read_autoscale(reader.below("autoscaleConfig"), config);
  read_limits(reader, config.limits);
  read_hostname_patterns(reader, config.hostname_patterns);
  const auto resources = reader.below("defaultResources");
  read_amounts(resources.below("requests"), config.default_resources.requests);
  read_amounts(resources.below("limits"), config.default_resources.limits);
  if (!reader.has("dnsConfig")) return;
  const auto below = reader.below("dnsConfig");
  Dns& dns = config.dns.emplace();
  read_zone(below, dns);
  if (below.has("issuerRef")) read_issuer(below.below("issuerRef"), dns.issuer);
}

const Source& capp_config_source() {
  static const Source source{
      .kind = kCappConfig,
      .concerns = ConfigProblem::Of::kAll,
      .path = "spec.",
      .keys = json::Filter::keep({"/revisionHistoryLimit",
                                  "/autoscaleConfig/rps",
                                  "/autoscaleConfig/cpu",
                                  "/autoscaleConfig/memory",
                                  "/autoscaleConfig/concurrency",
                                  "/autoscaleConfig/activationScale",
                                  "/autoscaleConfig/minReplicasLimit",
                                  "/autoscaleConfig/maxReplicasLimit",
                                  "/autoscaleConfig/maxScaleDelay",
                                  "/maxKafkaConsumers",
                                  "/allowedHostnamePatterns/*/match",
                                  "/allowedHostnamePatterns/*/explanation",
                                  "/defaultResources/requests/cpu",
                                  "/defaultResources/requests/memory",
                                  "/defaultResources/limits/cpu",
                                  "/defaultResources/limits/memory",
                                  "/dnsConfig/zone",
                                  "/dnsConfig/cname",
                                  "/dnsConfig/provider",
                                  "/dnsConfig/issuerRef/name",
                                  "/dnsConfig/issuerRef/kind",
                                  "/dnsConfig/issuerRef/group"}),
      .read = read_capp_config,
  };
  return source;
}

const Source& autoscale_source() {
  static const Source source{
      .kind = kConfigMap,
      .concerns = ConfigProblem::Of::kAll,
      .path = {},
      .keys = json::Filter::keep({"/rps", "/cpu", "/memory", "/concurrency", "/activationScale"}),
      .read = read_autoscale,
  };
  return source;
}

const Source& dns_source() {
  static const Source source{
      .kind = kConfigMap,
      .concerns = ConfigProblem::Of::kHostnames,
      .path = {},
      .keys = json::Filter::keep({"/zone", "/cname", "/provider", "/issuer"}),
      .read = read_dns_config,
  };
  return source;
}

boost::json::object content_of(const Source& source, const std::string& text) {
  const auto parsed = json::parse(text, source.keys);
  if (!parsed || !parsed->is_object()) return {};
  // Typed Go clients write "" and {} into a CappConfig for what a person left out. In a ConfigMap a
  // person has written it.
  if (source.kind == kCappConfig) return json::significant(*parsed).get_object();
  return parsed->get_object();
}

Config read_content(const Source& source, const std::string& object,
                    const boost::json::object& content, Problems& problems) {
  Config config;
  const ConfigProblem about{.of = source.concerns,
                            .object = object,
                            .key = std::string(source.path),
                            .value = {},
                            .rule = {}};
  source.read({content, about, problems}, config);
  return config;
}

Usable read_source(const Source& source, const object::RecordPtr& record,
                   const std::string& last_good) {
  if (!record) return {};
  const std::string object = config_object_name(source.kind, record->key);
  const auto content = content_of(source, record->body);
  Usable usable;
  auto config = read_content(source, object, content, usable.problems);
  if (usable.problems.empty()) {
    usable.config = std::move(config);
    usable.content = json::canonical(content);
    return usable;
  }
  if (last_good.empty()) return usable;
  // Anybody may have edited it, and another version of this operator may have kept it.
  Problems kept_problems;
  auto kept = read_content(source, object, content_of(source, last_good), kept_problems);
  if (kept_problems.empty()) {
    usable.config = std::move(kept);
    usable.content = last_good;
  }
  return usable;
}

std::string sentence(const Problems& problems) {
  std::string text;
  for (const auto& problem : problems) {
    if (!text.empty()) text += "; ";
    text += problem.message();
  }
  return text;
}

constexpr std::string_view kNeeded = "a hostname needs its keys zone and cname";

// By the ConfigMaps, where there is no CappConfig that could be used.
Config from_config_maps(const ConfigSources& sources, const Usable& autoscale, const Usable& dns,
                        const Problems& of_capp_config) {
  Config config = autoscale.config.value_or(Config{});
  if (dns.config) {
    config.dns = dns.config->dns;
  } else if (!dns.problems.empty()) {
    config.dns_problem = sentence(dns.problems);
  } else if (!of_capp_config.empty()) {
    config.dns_problem = sentence(of_capp_config);
  } else {
    const object::Key key{.ns = sources.ns, .name = std::string(kDnsConfig)};
    config.dns_problem =
        fmt::format("{} does not exist: {}", config_object_name(kConfigMap, key), kNeeded);
  }
  return config;
}

Config from_capp_config(const object::Record& record, Config config) {
  if (!config.dns) {
    config.dns_problem = fmt::format("{} has no spec.dnsConfig: {}",
                                     config_object_name(kCappConfig, record.key), kNeeded);
  }
  return config;
}

std::string spec_body(const boost::json::object& object) {
  const auto* spec = json::object_at(object, {"spec"});
  return spec != nullptr ? boost::json::serialize(*spec) : std::string{};
}

}  // namespace

object::Projection capp_config_projection() {
  auto projection = config_map_projection();
  auto paths = object::record_metadata_paths();
  paths.emplace_back("/spec");
  projection.filter = json::Filter::keep(paths);
  projection.body = spec_body;
  return projection;
}

object::Projection last_good_projection() {
  auto projection = config_map_projection();
  auto paths = object::record_metadata_paths();
  paths.emplace_back("/data");
  projection.filter = json::Filter::keep(paths);
  projection.labels = {std::string(kManagedByLabel)};
  projection.field_manager = kFieldManager;
  return projection;
}

std::string config_object_name(const object::Kind& kind, const object::Key& key) {
  return fmt::format("{} {}", kind.kind, key.to_string());
}

ConfigReading read_config(const ConfigSources& sources, const LastGood& last_good) {
  const auto capp_config =
      read_source(capp_config_source(), sources.capp_config, last_good.capp_config);
  const auto autoscale = read_source(
      autoscale_source(),
      sources.autoscale_defaults ? sources.autoscale_defaults : sources.autoscale_defaults_fallback,
      last_good.autoscale_defaults);
  const auto dns = read_source(dns_source(), sources.dns_config, last_good.dns_config);

  ConfigReading reading{.in_force = {.config = {}, .problems = capp_config.problems},
                        .last_good = {.capp_config = capp_config.content,
                                      .autoscale_defaults = autoscale.content,
                                      .dns_config = dns.content}};
  if (capp_config.config) {
    reading.in_force.config = from_capp_config(*sources.capp_config, *capp_config.config);
    return reading;
  }
  reading.in_force.config = from_config_maps(sources, autoscale, dns, capp_config.problems);
  for (const auto* source : {&autoscale, &dns}) {
    std::ranges::copy(source->problems, std::back_inserter(reading.in_force.problems));
  }
  return reading;
}

LastGood read_last_good(const object::Record& record) {
  const auto data = json::parse(record.body);
  if (!data || !data->is_object()) return {};
  const auto& entries = data->get_object();
  return {.capp_config = std::string(json::string_at(entries, {kCappConfigName})),
          .autoscale_defaults = std::string(json::string_at(entries, {kAutoscaleDefaults})),
          .dns_config = std::string(json::string_at(entries, {kDnsConfig}))};
}

object::Wanted last_good_object(const std::string& ns, const LastGood& last_good) {
  boost::json::object data;
  const auto keep = [&](std::string_view name, const std::string& content) {
    if (!content.empty()) data.emplace(name, content);
  };
  keep(kCappConfigName, last_good.capp_config);
  keep(kAutoscaleDefaults, last_good.autoscale_defaults);
  keep(kDnsConfig, last_good.dns_config);
  object::Wanted wanted{.kind = &kConfigMap,
                        .key = {.ns = ns, .name = std::string(kLastGoodName)},
                        .body = {{"apiVersion", kConfigMap.api_version()},
                                 {"kind", kConfigMap.kind},
                                 {"metadata",
                                  {{"name", kLastGoodName},
                                   {"namespace", ns},
                                   {"labels", {{kManagedByLabel, kManagedByValue}}}}}}};
  if (!data.empty()) wanted.body.emplace("data", std::move(data));
  return wanted;
}

}  // namespace capp
