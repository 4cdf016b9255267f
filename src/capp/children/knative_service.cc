#include "capp/children/knative_service.h"

#include <algorithm>
#include <utility>

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include "capp/autoscaling.h"
#include "capp/body.h"
#include "capp/kinds.h"
#include "capp/leaf_cause.h"
#include "capp/names.h"
#include "json/value.h"

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

// The template's own win over the Capp's, and those of the autoscaler over both.
boost::json::object template_annotations(const World& world, const boost::json::object& own) {
  auto annotations = passed_annotations(world.capp);
  overlay(annotations, with_autoscaling(own, world.capp.spec.scale, world.config));
  return annotations;
}

boost::json::object template_labels(const Capp& capp, const boost::json::object& own) {
  auto labels = capp.labels;
  overlay(labels, own);
  labels[kParentCappLabel] = capp.key.name;
  return labels;
}

// One claim for each NFS volume, unless the user declared a volume of that name.
void add_claims(boost::json::object& spec, const std::vector<NfsVolume>& volumes) {
  if (volumes.empty()) return;
  auto& declared = spec["volumes"];
  if (!declared.is_array()) declared.emplace_array();
  auto& list = declared.get_array();
  for (const auto& [name, server, path, capacity] : volumes) {
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

// Knative's words, then what lies behind them, then who is affected.
std::string explain(const World& world, const boost::json::object& status, std::string message) {
  const auto revision = failing_revision(world, status);
  if (revision == nullptr) return message;
  if (message.ends_with('.')) message.pop_back();  // it goes on
  if (const auto cause = leaf_cause(status_of(*revision), world.answers.pods); !cause.empty()) {
    message += fmt::format("; revision {}: {}", revision->key.name, cause);
  }
  return fmt::format("{}; {}", message, who_serves(status, revision->key.name));
}

}  // namespace

const object::Kind& KnativeService::kind() const {
  return kKnativeService;
}

std::vector<Asked> KnativeService::wanted(const World& world) const {
  const Capp& capp = world.capp;
  if (capp.spec.state == State::kDisabled) return {};
  auto body = child_body(capp, kKnativeService, capp.key.name);
  body["metadata"].as_object()["annotations"] = passed_annotations(capp);
  body["spec"] = service_spec(world);
  return one({.kind = &kKnativeService, .key = capp.key, .body = std::move(body)});
}

Health KnativeService::health(const World& world, const object::Record& live) const {
  const auto status = status_of(live);
  auto health = ready_condition(live, status, "Knative Service");
  const std::string_view created = json::string_at(status, {"latestCreatedRevisionName"});
  if (health.ready && created != json::string_at(status, {"latestReadyRevisionName"})) {
    health = {.message = fmt::format("revision {} is not ready yet", created)};
  }
  if (!health.ready) health.message = explain(world, status, std::move(health.message));
  return health;
}

boost::json::object KnativeService::status(const World& world, const Live& live) const {
  auto fields = status_at({"knativeObjectStatus"}, live.of(kKnativeService));
  if (auto revisions = revisions_status(world); !revisions.empty()) {
    fields.emplace("revisions", std::move(revisions));
  }
  return fields;
}

object::RecordPtr failing_revision(const World& world, const boost::json::object& service_status) {
  const auto revision =
      world.find(kKnativeRevision, json::string_at(service_status, {"latestCreatedRevisionName"}));
  if (revision == nullptr) return nullptr;
  const auto ready = condition_of(status_of(*revision), "Ready");
  return json::string_at(ready, {"status"}) == "True" ? nullptr : revision;
}

}  // namespace capp
