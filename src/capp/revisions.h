#pragma once
// The history of a Capp (behaviour 4): one CappRevision for each change of its spec, labels or
// annotations.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "capp/world.h"
#include "object/key.h"
#include "object/wanted.h"

namespace capp {

// What is to be done about the history, in this order: the new one must be stored before an old
// one goes, so `prune` waits for `create` to have succeeded.
struct History {
  // A body to POST, not to apply: a revision is written once.
  std::optional<object::Wanted> create;
  std::vector<object::Unwanted> prune;
};

// What must change so that the newest revision describes the Capp and no more than the limit are
// kept. Numbers go on from the greatest that is seen, whoever owns it.
[[nodiscard]] History plan_history(const World& world);

// Identifies a version of a Capp: equal for templates that differ only in how an absent field or a
// quantity was written ({}, "", null; 1000m), in defaults, in `last-updated-by` or in kubectl's
// annotations.
// `capp_template` is `spec.cappTemplate` of a CappRevision.
[[nodiscard]] std::string template_hash(const boost::json::object& capp_template);

// The `spec.cappTemplate` of `capp` as it is now.
[[nodiscard]] boost::json::object capp_template(const Capp& capp);

}  // namespace capp
