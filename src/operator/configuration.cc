#include "operator/configuration.h"

#include <utility>

#include "capp/kinds.h"
#include "capp/projections.h"

namespace op {
namespace {

runtime::WatchedKind& watch_one(runtime::Catalog& catalog, const object::Key& key) {
  return catalog.add(
      capp::kConfigMap, capp::config_map_projection(),
      {.ns = key.ns, .label_selector = {}, .field_selector = "metadata.name=" + key.name});
}

}  // namespace

Configuration::Configuration(runtime::Catalog& catalog, runtime::EventRecorder& events,
                             const std::string& ns, const telemetry::log::Logger& log)
    : defaults_(watch_one(catalog, {.ns = ns, .name = std::string(capp::kAutoscaleDefaults)})),
      fallback_(
          watch_one(catalog, {.ns = ns, .name = std::string(capp::kAutoscaleDefaultsFallback)})),
      defaults_key_{.ns = ns, .name = std::string(capp::kAutoscaleDefaults)},
      fallback_key_{.ns = ns, .name = std::string(capp::kAutoscaleDefaultsFallback)},
      events_(events),
      log_(log.named("configuration")),
      current_(std::make_shared<const capp::Config>()) {
  for (auto* source : {&defaults_, &fallback_}) {
    source->store.set_handler([this](const runtime::Change&) { read(); });
  }
}

std::shared_ptr<const capp::Config> Configuration::current() const {
  const base::MutexLock lock(mutex_);
  return current_;
}

void Configuration::read() {
  const auto config =
      capp::read_config({.autoscale_defaults = defaults_.store.get(defaults_key_),
                         .autoscale_defaults_fallback = fallback_.store.get(fallback_key_)});
  if (!config) return report(config.error());
  {
    const base::MutexLock lock(mutex_);
    if (*config == *current_) return;
    current_ = std::make_shared<const capp::Config>(*config);
  }
  log_.info("configuration changed");
  if (changed_) changed_();
}

void Configuration::report(const std::vector<capp::ConfigProblem>& problems) {
  const auto record = defaults_.store.get(defaults_key_) ? defaults_.store.get(defaults_key_)
                                                         : fallback_.store.get(fallback_key_);
  for (const auto& problem : problems) {
    log_.error("configuration refused, keeping the last good one",
               {{"problem", problem.message()}});
    events_.record({.type = runtime::ObjectEvent::Type::kWarning,
                    .reason = "ConfigInvalid",
                    .action = "Read",
                    .note = problem.message(),
                    .regarding = {.api_version = capp::kConfigMap.api_version(),
                                  .kind = std::string(capp::kConfigMap.kind),
                                  .ns = record->key.ns,
                                  .name = record->key.name,
                                  .uid = record->uid}});
  }
}

}  // namespace op
