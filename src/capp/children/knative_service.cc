#include "capp/children/knative_service.h"

#include <algorithm>
#include <utility>

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include "base/duration.h"
#include "capp/body.h"
#include "capp/kinds.h"
#include "capp/names.h"
#include "json/value.h"
#include "object/condition.h"

namespace capp {
namespace {

void overlay(boost::json::object& below, const boost::json::object& above) {
  for (const auto& [key, value] : above) below.insert_or_assign(key, value);
}

// The Capp's annotations without the bookkeeping of kubectl (the projection's part), of admission
// and of the applier.
boost::json::object passed_annotations(const Capp& capp) {
  auto annotations = capp.annotations;
  annotations.erase(kLastUpdatedByAnnotation);
  annotations.erase(object::kAppliedHashAnnotation);
  annotations.erase(object::kAdoptAnnotation);
  return annotations;
}

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

boost::json::object autoscaling_annotations(const Scale& scale, const Autoscale& defaults) {
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

// What the user wrote on the template wins over everything derived.
boost::json::object template_annotations(const World& world, const boost::json::object& own) {
  auto annotations = passed_annotations(world.capp);
  overlay(annotations, autoscaling_annotations(world.capp.spec.scale, world.config.autoscale));
  overlay(annotations, own);
  return annotations;
}

boost::json::object template_labels(const Capp& capp, const boost::json::object& own) {
  auto labels = capp.labels;
  overlay(labels, own);
  labels[kParentCappLabel] = capp.key.name;
  return labels;
}

// One claim for each NFS volume, unless the user declared a volume of that name.
void add_claims(boost::json::object& spec, const std::vector<std::string>& volumes) {
  if (volumes.empty()) return;
  auto& declared = spec["volumes"];
  if (!declared.is_array()) declared.emplace_array();
  auto& list = declared.get_array();
  for (const auto& name : volumes) {
    const bool there = std::ranges::any_of(
        list, [&](const auto& volume) { return json::string_at(volume, {"name"}) == name; });
    if (there) continue;
    list.push_back({{"name", name}, {"persistentVolumeClaim", {{"claimName", name}}}});
  }
}

boost::json::object template_spec(const Capp& capp, boost::json::object spec) {
  // Set in the body, not left to Knative's default: that is given on create only, so a later
  // change would drop it and make a revision.
  spec["enableServiceLinks"] = false;
  add_claims(spec, capp.spec.nfs_volumes);
  if (capp.spec.route.timeout_seconds) spec["timeoutSeconds"] = *capp.spec.route.timeout_seconds;
  return spec;
}

boost::json::object revision_template(const World& world, boost::json::object given) {
  auto metadata = json::object_or_empty(given, {"metadata"});
  metadata["annotations"] =
      template_annotations(world, json::object_or_empty(metadata, {"annotations"}));
  metadata["labels"] = template_labels(world.capp, json::object_or_empty(metadata, {"labels"}));
  given["spec"] = template_spec(world.capp, json::object_or_empty(given, {"spec"}));
  given["metadata"] = std::move(metadata);
  return given;
}

boost::json::object service_spec(const World& world) {
  const auto& given = world.capp.spec;
  auto spec = given.configuration;
  spec["template"] = revision_template(world, json::object_or_empty(spec, {"template"}));
  if (!given.route.traffic_target.empty()) {
    auto target = given.route.traffic_target;
    target.emplace("percent", 100);
    spec["traffic"] = boost::json::array{std::move(target)};
  }
  return spec;
}

boost::json::array revisions_status(const World& world) {
  const auto observed = world.all(kKnativeRevision);
  Records revisions(observed.begin(), observed.end());
  std::ranges::sort(revisions, {},
                    [](const auto& record) -> const auto& { return record->key.name; });
  boost::json::array list;
  for (const auto& revision : revisions) {
    boost::json::object entry{{"name", revision->key.name}};
    if (auto status = status_of(*revision); !status.empty()) {
      entry.emplace("revisionsStatus", std::move(status));
    }
    list.push_back(std::move(entry));
  }
  return list;
}

// Of what Knative says, the words for a person.
std::string told(const object::Condition& ready, const std::string& otherwise) {
  if (!ready.message.empty()) return ready.message;
  return ready.reason.empty() ? otherwise : ready.reason;
}

}  // namespace

const object::Kind& KnativeService::kind() const {
  return kKnativeService;
}

std::vector<object::Wanted> KnativeService::wanted(const World& world) const {
  const Capp& capp = world.capp;
  if (capp.spec.state == State::kDisabled) return {};
  auto body = child_body(capp, kKnativeService, capp.key.name);
  body["metadata"].as_object()["annotations"] = passed_annotations(capp);
  body["spec"] = service_spec(world);
  return {{.kind = &kKnativeService, .key = capp.key, .body = std::move(body)}};
}

Health KnativeService::health(const object::Record& live) const {
  const auto status = status_of(live);
  const auto* conditions = json::array_at(status, {"conditions"});
  if (conditions == nullptr || conditions->empty()) {
    return {.message = fmt::format("Knative Service {} has no conditions yet", live.key.name)};
  }
  // A status of an older generation tells of what is no longer wanted.
  if (json::int_at(status, {"observedGeneration"}).value_or(live.generation) < live.generation) {
    return {.message = fmt::format("Knative has not acted on generation {} of Service {} yet",
                                   live.generation, live.key.name)};
  }
  const auto ready = object::find_condition(*conditions, "Ready");
  const std::string_view created = json::string_at(status, {"latestCreatedRevisionName"});
  if (created != json::string_at(status, {"latestReadyRevisionName"})) {
    return {.message = told(ready, fmt::format("revision {} is not ready yet", created))};
  }
  if (ready.status != object::ConditionStatus::kTrue) {
    return {.message = told(ready, "Knative does not say whether the Service is ready")};
  }
  return {.ready = true, .message = {}};
}

boost::json::object KnativeService::status(const World& world, const Records& live) const {
  boost::json::object fields;
  if (!live.empty()) {
    auto status = status_of(*live.front());
    if (!status.empty()) fields.emplace("knativeObjectStatus", std::move(status));
  }
  auto revisions = revisions_status(world);
  if (!revisions.empty()) fields.emplace("revisions", std::move(revisions));
  return fields;
}

}  // namespace capp
