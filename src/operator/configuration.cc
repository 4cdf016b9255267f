#include "operator/configuration.h"

#include <algorithm>
#include <utility>

#include "capp/kinds.h"
#include "capp/names.h"
#include "capp/projections.h"

namespace op {

Configuration::Configuration(runtime::Manager& manager, std::string ns)
    : manager_(manager),
      ns_(std::move(ns)),
      log_(manager.log().named("configuration")),
      kept_(watch(capp::kConfigMap, capp::last_good_projection(), capp::kLastGoodName)),
      capp_config_(watch(capp::kCappConfig, capp::capp_config_projection(), capp::kCappConfigName)),
      autoscale_(watch(capp::kConfigMap, capp::config_map_projection(), capp::kAutoscaleDefaults)),
      autoscale_fallback_(
          watch(capp::kConfigMap, capp::config_map_projection(), capp::kAutoscaleDefaultsFallback)),
      dns_(watch(capp::kConfigMap, capp::config_map_projection(), capp::kDnsConfig)),
      controller_(
          manager.add_controller({.name = "configuration",
                                  .kind = std::string(capp::kConfigMap.kind),
                                  .workers = 1,
                                  .runs = runtime::ControllerOptions::Runs::kOnEveryReplica},
                                 *this)) {
  for (const auto* source : {&kept_, &capp_config_, &autoscale_, &autoscale_fallback_, &dns_}) {
    source->watched.store.set_handler([this](const runtime::Change&) { read(); });
  }
  // What others do not do for us any more: events about problems that were found before, and the
  // last good one is kept.
  manager.on_leading([this] { controller_.queue().add(kept_.key); });
  read();
}

bool Configuration::reads(const object::Kind& kind) {
  return kind == capp::kConfigMap || kind == capp::kCappConfig;
}

Configuration::Source Configuration::watch(const object::Kind& kind, object::Projection projection,
                                           std::string_view name) {
  return {.watched = manager_.catalog().add(
              kind, std::move(projection),
              {.ns = ns_,
               .label_selector = {},
               .field_selector = std::string("metadata.name=").append(name)}),
          .key = {.ns = ns_, .name = std::string(name)}};
}

std::shared_ptr<const capp::InForce> Configuration::current() const {
  const base::MutexLock lock(mutex_);
  return current_;
}

void Configuration::read() {
  {
    const base::MutexLock lock(mutex_);
    // What was last good is what this process has seen since it works. Until then it is what was
    // kept, by an earlier process or by the one that works now.
    const bool working = manager_.working();
    if (!working) {
      const auto kept = kept_.record();
      last_good_ = kept ? capp::read_last_good(*kept) : capp::LastGood{};
    }
    auto reading = capp::read_config({.ns = ns_,
                                      .capp_config = capp_config_.record(),
                                      .autoscale_defaults = autoscale_.record(),
                                      .autoscale_defaults_fallback = autoscale_fallback_.record(),
                                      .dns_config = dns_.record()},
                                     last_good_);
    last_good_ = std::move(reading.last_good);
    current_ = std::make_shared<const capp::InForce>(std::move(reading.in_force));
    if (!working) spread_ = current_;
  }
  controller_.queue().add(kept_.key);
}

base::Result<runtime::Requeue> Configuration::reconcile(const runtime::QueueItem& /*item*/,
                                                        const telemetry::log::Logger& /*log*/,
                                                        std::stop_token stop) {
  InForcePtr before;
  InForcePtr after;
  capp::LastGood last_good;
  {
    const base::MutexLock lock(mutex_);
    after = current_;
    before = std::exchange(spread_, after);
    last_good = last_good_;
  }
  tell(after->problems);
  if (before->config != after->config) log_.info("configuration changed");
  if (*before != *after) changed_(*before, *after);
  return keep(last_good, stop);
}

void Configuration::tell(const std::vector<capp::ConfigProblem>& problems) {
  const auto is_in = [](const std::vector<capp::ConfigProblem>& known, const auto& problem) {
    return std::ranges::find(known, problem) != known.end();
  };
  const bool leading = manager_.leading();
  for (const auto& problem : problems) {
    if (!is_in(logged_, problem)) {
      log_.error("configuration refused, keeping the last good one",
                 {{"problem", problem.message()}});
    }
    if (leading && !is_in(recorded_, problem)) record_event(problem);
  }
  if (problems.empty() && !logged_.empty()) log_.info("the configuration has no problem any more");
  logged_ = problems;
  if (leading) recorded_ = problems;
}

void Configuration::record_event(const capp::ConfigProblem& problem) {
  for (const auto* source : {&capp_config_, &autoscale_, &autoscale_fallback_, &dns_}) {
    const object::Kind& kind = source->watched.kind;
    const auto record = source->record();
    if (!record || capp::config_object_name(kind, record->key) != problem.object) continue;
    const std::string_view in = kind == capp::kConfigMap ? "data." : "";
    manager_.events().record({.type = runtime::ObjectEvent::Type::kWarning,
                              .reason = "ConfigInvalid",
                              .action = "Read",
                              .note = problem.message(),
                              .regarding = {.api_version = kind.api_version(),
                                            .kind = std::string(kind.kind),
                                            .ns = record->key.ns,
                                            .name = record->key.name,
                                            .uid = record->uid,
                                            .field_path = std::string(in) + problem.key}});
  }
}

base::Result<runtime::Requeue> Configuration::keep(const capp::LastGood& last_good,
                                                   const std::stop_token& stop) {
  if (!manager_.leading()) return runtime::Requeue{};
  if (!kept_.record() && last_good == capp::LastGood{}) return runtime::Requeue{};
  std::vector<object::Write> writes;
  writes.emplace_back(capp::last_good_object(ns_, last_good));
  const object::Ownership ownership{
      .controller = {},
      .identity = {{std::string(capp::kManagedByLabel), std::string(capp::kManagedByValue)}},
      .cluster_identity = {}};
  const auto outcome =
      std::move(manager_.applier().run(kept_.key, std::move(writes), ownership, stop).front());
  return runtime::Requeue{.after = outcome.retry_after,
                          .failed = outcome.what == object::Outcome::What::kFailed};
}

}  // namespace op
