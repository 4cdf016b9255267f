#include "capp/plan.h"

#include <algorithm>
#include <utility>

#include "capp/children/table.h"
#include "capp/kinds.h"
#include "capp/names.h"

namespace capp {
namespace {

object::Unwanted removal(const object::Kind& kind, const object::Record& record) {
  return {.kind = &kind, .key = record.key, .uid = record.uid};
}

bool is_ours(const object::Record& record, const object::Ownership& ownership) {
  return object::is_ours(record, ownership, {}) == object::Ours::kYes;
}

// The garbage collector deletes what names the Capp as an owner.
bool is_collected(const object::Record& record, const Capp& capp) {
  return std::ranges::find(record.owners, capp.uid, &object::OwnerReference::uid) !=
         record.owners.end();
}

void add_wanted(Plan& plan, const World& world, ChildWanted wanted) {
  const auto live = world.find(*wanted.object.kind, wanted.object.key.name);
  if (world.lacks(*wanted.object.kind)) {
    plan.missing.push_back(std::move(wanted));
  } else if (live && live->terminating) {
    plan.terminating.push_back(std::move(wanted));
  } else {
    plan.wanted.push_back(std::move(wanted));
  }
}

void add_child(Plan& plan, const World& world, const Child& child) {
  std::vector<object::Key> keys;
  for (auto& wanted : child.wanted(world)) {
    keys.push_back(wanted.key);
    add_wanted(plan, world, {.child = &child, .object = std::move(wanted)});
  }
  for (const auto& record : world.all(child.kind())) {
    if (record->terminating || !is_ours(*record, plan.ownership)) continue;
    if (std::ranges::find(keys, record->key) != keys.end()) continue;
    plan.unwanted.push_back({.child = &child, .object = removal(child.kind(), *record)});
  }
}

std::optional<std::vector<std::string>> with_finalizer(std::vector<std::string> finalizers) {
  if (std::ranges::find(finalizers, kFinalizer) != finalizers.end()) return std::nullopt;
  finalizers.emplace_back(kFinalizer);
  return finalizers;
}

std::optional<std::vector<std::string>> without_finalizer(std::vector<std::string> finalizers) {
  if (std::erase(finalizers, kFinalizer) == 0) return std::nullopt;
  return finalizers;
}

Plan plan_life(const World& world) {
  Plan plan;
  plan.ownership = child_ownership(world.capp);
  for (const Child* child : children()) add_child(plan, world, *child);
  plan.finalizers = with_finalizer(world.capp.finalizers);
  plan.history = plan_history(world);
  return plan;
}

// Objects of `kind` that are ours and that nobody else will delete, also those that are on their
// way out already.
Records left_to_us(const World& world, const object::Kind& kind,
                   const object::Ownership& ownership) {
  Records left;
  for (const auto& record : world.all(kind)) {
    if (is_ours(*record, ownership) && !is_collected(*record, world.capp)) left.push_back(record);
  }
  return left;
}

// Nothing is added while the Capp goes away, whoever it still waits for: the API server would
// refuse a finalizer, and a child would be an orphan.
Plan plan_deletion(const World& world) {
  Plan plan;
  plan.ownership = child_ownership(world.capp);
  bool gone = true;
  for (const Child* child : children()) {
    for (const auto& record : left_to_us(world, child->kind(), plan.ownership)) {
      gone = false;
      if (record->terminating) continue;
      plan.unwanted.push_back({.child = child, .object = removal(child->kind(), *record)});
    }
  }
  for (const auto& record : left_to_us(world, kCappRevision, revision_ownership(world.capp))) {
    gone = false;
    if (!record->terminating) plan.history.prune.push_back(removal(kCappRevision, *record));
  }
  if (gone) plan.finalizers = without_finalizer(world.capp.finalizers);
  return plan;
}

}  // namespace

Plan plan(const World& world) {
  return world.capp.terminating ? plan_deletion(world) : plan_life(world);
}

}  // namespace capp
