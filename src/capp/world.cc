#include "capp/world.h"

#include <algorithm>

#include "capp/kinds.h"
#include "capp/names.h"

namespace capp {
namespace {

object::OwnerReference reference_to(const Capp& capp) {
  return {.api_version = kCapp.api_version(),
          .kind = std::string(kCapp.kind),
          .name = capp.key.name,
          .uid = capp.uid,
          .controller = true};
}

}  // namespace

std::span<const object::RecordPtr> World::all(const object::Kind& kind) const {
  const auto it =
      std::ranges::find_if(observed, [&](const auto& entry) { return *entry.first == kind; });
  if (it == observed.end()) return {};
  return it->second;
}

object::RecordPtr World::find(const object::Kind& kind, std::string_view name) const {
  const auto records = all(kind);
  const auto it = std::ranges::find_if(
      records, [&](const object::RecordPtr& record) { return record->key.name == name; });
  return it != records.end() ? *it : nullptr;
}

bool World::is_absent(const object::Kind& kind) const {
  return std::ranges::any_of(absent, [&](const object::Kind* other) { return *other == kind; });
}

bool World::is_unread(const object::Kind& kind) const {
  return std::ranges::any_of(unread, [&](const object::Kind* other) { return *other == kind; });
}

object::Ownership child_ownership(const Capp& capp) {
  return {.controller = reference_to(capp),
          .identity = {{std::string(kManagedByLabel), std::string(kManagedByValue)},
                       {std::string(kParentCappLabel), capp.key.name}},
          .cluster_identity = {{std::string(kParentCappNsLabel), capp.key.ns}},
          .generation = capp.generation};
}

bool is_ours(const World& world, const object::Record& record) {
  return object::is_ours(record, child_ownership(world.capp), {}) == object::Ours::kYes;
}

object::RecordPtr find_ours(const World& world, const object::Kind& kind, std::string_view name) {
  auto record = world.find(kind, name);
  return record != nullptr && is_ours(world, *record) ? record : nullptr;
}

object::Ownership revision_ownership(const Capp& capp) {
  return {.controller = reference_to(capp),
          .identity = {{std::string(kCappNameLabel), capp.key.name}},
          .cluster_identity = {},
          .generation = capp.generation};
}

}  // namespace capp
