#pragma once
// Everything that a decision about one Capp depends on, read once. A value.

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "capp/capp.h"
#include "capp/config.h"
#include "object/kind.h"
#include "object/record.h"
#include "object/wanted.h"

namespace capp {

using Records = std::vector<object::RecordPtr>;

struct World {
  Capp capp;
  Config config;
  std::string now;  // RFC 3339; only for timestamps that a status shows
  // Kinds that the cluster does not serve. Nothing of them is written.
  std::vector<const object::Kind*> absent;
  // The objects of this Capp that a store has, in any order: children by their labels or owner,
  // Knative Revisions and CappRevisions by theirs. They need not be ours: see is_ours.
  std::vector<std::pair<const object::Kind*, Records>> observed;

  [[nodiscard]] std::span<const object::RecordPtr> all(const object::Kind& kind) const;
  // Null where it is not observed.
  [[nodiscard]] object::RecordPtr find(const object::Kind& kind, std::string_view name) const;
  [[nodiscard]] bool lacks(const object::Kind& kind) const;
};

// How children of this Capp are told from other objects.
[[nodiscard]] object::Ownership child_ownership(const Capp& capp);
// How its CappRevisions are: older ones have neither our labels nor an owner.
[[nodiscard]] object::Ownership revision_ownership(const Capp& capp);

}  // namespace capp
