#include "capp/plan.h"

#include <algorithm>
#include <utility>

#include "capp/children/table.h"
#include "capp/kinds.h"
#include "capp/messages.h"
#include "capp/names.h"
#include "capp/tls_secrets.h"

namespace capp {
namespace {

object::Unwanted removal(const object::Kind& kind, const object::Record& record) {
  return {.kind = &kind, .key = record.key, .uid = record.uid};
}

// The garbage collector deletes what names the Capp as an owner.
bool is_collected(const object::Record& record, const Capp& capp) {
  return std::ranges::find(record.owners, capp.uid, &object::OwnerReference::uid) !=
         record.owners.end();
}

bool has_finalizer(const Capp& capp) {
  return std::ranges::find(capp.finalizers, kFinalizer) != capp.finalizers.end();
}

void add_wanted(Plan& plan, const World& world, const Child& child, Asked asked) {
  const object::Kind& kind = child.kind();
  const auto live = find_ours(world, kind, asked.object.key.name);
  const auto hold = [&](Verdict verdict, std::string message) {
    plan.held.push_back({.child = &child,
                         .object = std::move(asked.object),
                         .verdict = verdict,
                         .message = std::move(message)});
  };
  if (world.is_absent(kind)) return hold(Verdict::kMissing, missing_text(kind));
  if (world.is_unread(kind)) return hold(Verdict::kMissing, unread_text(kind));
  if (live && live->terminating) {
    return hold(Verdict::kTerminating, terminating_text(asked.object));
  }
  if (!asked.obstacle.empty()) return hold(Verdict::kSyncFailed, std::move(asked.obstacle));
  plan.wanted.push_back({.child = &child,
                         .object = std::move(asked.object),
                         .after_finalizer = child.needs_finalizer() && !has_finalizer(world.capp)});
}

void add_child(Plan& plan, const World& world, const Child& child) {
  std::vector<object::Key> keys;
  for (auto& asked : child.wanted(world)) {
    keys.push_back(asked.object.key);
    add_wanted(plan, world, child, std::move(asked));
  }
  for (const auto& record : world.all(child.kind())) {
    if (record->terminating || !is_ours(world, *record)) continue;
    if (std::ranges::find(keys, record->key) != keys.end()) continue;
    if (!child.may_go(world, *record)) continue;
    plan.unwanted.push_back({.child = &child, .object = removal(child.kind(), *record)});
  }
}

void add_tls_secrets(Plan& plan, const World& world) {
  for (auto& name : leftover_tls_secrets(world)) {
    plan.tls_secrets.push_back(
        {.kind = &kSecret, .key = {.ns = world.capp.key.ns, .name = std::move(name)}});
  }
}

std::optional<std::vector<std::string>> with_finalizer(const Capp& capp) {
  if (has_finalizer(capp)) return std::nullopt;
  auto finalizers = capp.finalizers;
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
  add_tls_secrets(plan, world);
  plan.finalizers = with_finalizer(world.capp);
  // Numbers go on from what is seen.
  if (!world.lacks(kCappRevision)) plan.history = plan_history(world);
  return plan;
}

// What nobody else will delete, also what is on its way out already.
bool is_left_to_us(const World& world, const Child& child, const object::Record& record) {
  return is_ours(world, record) && (child.needs_finalizer() || !is_collected(record, world.capp));
}

// Of older CappRevisions: they have no owner.
Records revisions_left_to_us(const World& world) {
  const auto ownership = revision_ownership(world.capp);
  Records left;
  for (const auto& record : world.all(kCappRevision)) {
    const bool ours = object::is_ours(*record, ownership, {}) == object::Ours::kYes;
    if (ours && !is_collected(*record, world.capp)) left.push_back(record);
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
    if (child->needs_finalizer() && world.is_unread(child->kind())) plan.unseen.push_back(child);
    for (const auto& record : world.all(child->kind())) {
      if (!is_left_to_us(world, *child, *record)) continue;
      gone = false;
      if (record->terminating || !child->may_go(world, *record)) continue;
      plan.unwanted.push_back({.child = child, .object = removal(child->kind(), *record)});
    }
  }
  for (const auto& record : revisions_left_to_us(world)) {
    gone = false;
    if (!record->terminating) plan.history.prune.push_back(removal(kCappRevision, *record));
  }
  add_tls_secrets(plan, world);
  if (gone && plan.unseen.empty() && plan.tls_secrets.empty()) {
    plan.finalizers = without_finalizer(world.capp.finalizers);
  }
  return plan;
}

}  // namespace

Plan plan(const World& world) {
  return world.capp.terminating ? plan_deletion(world) : plan_life(world);
}

}  // namespace capp
