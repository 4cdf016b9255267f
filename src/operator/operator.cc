#include "operator/operator.h"

#include <string>
#include <string_view>
#include <utility>

#include "capp/children/table.h"
#include "capp/config_change.h"
#include "capp/kinds.h"
#include "capp/names.h"
#include "capp/projections.h"
#include "runtime/predicates.h"

namespace op {
namespace {

using object::Record;

// Where OpenShift keeps the Route of its console, "console".
constexpr std::string_view kConsoleNamespace = "openshift-console";

// "namespace/name" of the Capp that a record belongs to; empty where it names none.
std::string by_label(const Record& record, std::string_view label) {
  const std::string_view capp = record.label(label);
  return capp.empty() ? std::string()
                      : object::Key{.ns = record.key.ns, .name = std::string(capp)}.to_string();
}

// The owner reference counts more than the label, which anybody may edit.
std::string by_owner_or_label(const Record& record, std::string_view label) {
  const auto* controller = record.controller();
  if (controller != nullptr && controller->kind == capp::kCapp.kind) {
    return object::Key{.ns = record.key.ns, .name = controller->name}.to_string();
  }
  return by_label(record, label);
}

std::string owner_of_child(const Record& record) {
  if (!record.key.ns.empty()) return by_owner_or_label(record, capp::kParentCappLabel);
  // Cluster-scoped: it cannot have an owner in a namespace.
  const std::string_view ns = record.label(capp::kParentCappNsLabel);
  const std::string_view capp = record.label(capp::kParentCappLabel);
  if (ns.empty() || capp.empty()) return {};
  return object::Key{.ns = std::string(ns), .name = std::string(capp)}.to_string();
}

std::string owner_of_revision(const Record& record) {
  return by_owner_or_label(record, capp::kCappNameLabel);
}

std::string owner_of_knative_revision(const Record& record) {
  return by_label(record, capp::kKnativeConfigurationLabel);
}

object::Key key_of(std::string_view id) {
  const auto slash = id.find('/');
  return {.ns = std::string(id.substr(0, slash)), .name = std::string(id.substr(slash + 1))};
}

int priority_of(const runtime::Change& change) {
  return change.initial ? runtime::kLowPriority : runtime::kDefaultPriority;
}

std::string label_selector(std::string_view label, std::string_view value) {
  return std::string(label).append("=").append(value);
}

}  // namespace

Operator::Operator(runtime::Manager& manager, kube::Client& admission_client,
                   const OperatorOptions& options)
    : manager_(manager),
      configuration_(manager, options.ns),
      capps_(manager.catalog().add(capp::kCapp, capp::capp_projection(), {}, capp::hostname_of)),
      admission_(manager, admission_client, configuration_, capps_.store, options.admission),
      reconciler_(manager, configuration_, options.dns_api),
      controller_(manager.add_controller(
          {.name = "capp", .kind = std::string(capp::kCapp.kind), .workers = options.workers},
          reconciler_)) {
  read_kinds();
  wake_on_changes();
}

void Operator::read_kinds() {
  runtime::Catalog& catalog = manager_.catalog();
  catalog.add(capp::kCappRevision, capp::revision_projection(), {}, owner_of_revision);
  for (const auto* child : capp::children()) {
    catalog.add(child->kind(), child->projection(),
                {.ns = {},
                 .label_selector = label_selector(capp::kManagedByLabel, capp::kManagedByValue),
                 .field_selector = {}},
                owner_of_child);
  }
  auto& revisions = catalog.add(capp::kKnativeRevision, capp::knative_revision_projection(),
                                {.ns = {},
                                 .label_selector = std::string(capp::kKnativeConfigurationLabel),
                                 .field_selector = {}},
                                owner_of_knative_revision);
  // Revisions of Services that are no Capp's take no memory (design 3.3).
  revisions.after = &capps_;
  revisions.admit = [&capps = capps_](const Record& revision) {
    return capps.store.get(key_of(owner_of_knative_revision(revision))) != nullptr;
  };
  catalog.add(capp::kRoute, capp::route_projection(),
              {.ns = std::string(kConsoleNamespace),
               .label_selector = {},
               .field_selector = "metadata.name=console"});
  manager_.require(capp::kCapp);
  manager_.require(capp::kCappRevision);
  manager_.require(capp::kConfigMap);
  // One that cannot be read must not count as none: another configuration would be in force.
  manager_.require_if_served(capp::kCappConfig);
}

void Operator::wake_on_changes() {
  runtime::Catalog& catalog = manager_.catalog();
  for (const auto& kind : catalog.kinds()) {
    if (kind->kind == capp::kCapp || kind->kind == capp::kRoute ||
        Configuration::reads(kind->kind)) {
      continue;
    }
    kind->store.set_handler([this, &store = kind->store](const runtime::Change& change) {
      if (!runtime::content_changed(change)) return;
      // Both: a child whose label was moved to another Capp is missed by the first.
      if (change.before) wake(store.index_value(*change.before), priority_of(change));
      if (change.after) wake(store.index_value(*change.after), priority_of(change));
    });
  }
  const auto& revisions = *catalog.find(capp::kKnativeRevision);
  catalog.find(capp::kCapp)->store.set_handler([this, &revisions](const runtime::Change& change) {
    if (!runtime::content_changed(change)) return;
    const object::Key& key = change.record().key;
    if (!change.before && !change.initial) manager_.admit_again(revisions, key.to_string());
    controller_.queue().add(key, {.priority = priority_of(change)});
  });
  catalog.find(capp::kRoute)->store.set_handler([this](const runtime::Change& change) {
    if (!change.initial && runtime::content_changed(change)) wake_all();
  });
  configuration_.on_change([this](const capp::InForce& before, const capp::InForce& after) {
    wake_concerned(before, after);
  });
  manager_.on_availability(
      [this](const runtime::WatchedKind& kind, runtime::Availability availability) {
        // What is read at the start wakes the Capps anyway, at low priority; and what goes takes
        // its records along, each of which wakes its Capp.
        if (availability != runtime::Availability::kReady || !manager_.working()) return;
        manager_.applier().forget(kind.kind);
        wake_waiting_for(kind.kind);
      });
}

void Operator::wake(const std::string& owner, int priority) {
  if (!owner.empty()) controller_.queue().add(key_of(owner), {.priority = priority});
}

void Operator::wake_where(const std::function<bool(const Record&)>& chosen, int priority) {
  for (const auto& record : manager_.catalog().find(capp::kCapp)->store.all()) {
    if (chosen(*record)) controller_.queue().add(record->key, {.priority = priority});
  }
}

void Operator::wake_all() {
  wake_where([](const Record&) { return true; }, runtime::kLowPriority);
}

// Those that say in their status that they miss the kind.
void Operator::wake_waiting_for(const object::Kind& kind) {
  wake_where([name = kind.resource()](const Record& capp) { return capp.body.contains(name); },
             runtime::kDefaultPriority);
}

void Operator::wake_concerned(const capp::InForce& before, const capp::InForce& after) {
  wake_where(
      [&](const Record& record) {
        const auto capp = capp::read_capp(record);
        return !capp || capp::concerns(before, after, *capp);
      },
      runtime::kLowPriority);
}

}  // namespace op
