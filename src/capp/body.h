#pragma once
// The beginning that all bodies have in common.

#include <string_view>

#include <boost/json/object.hpp>

#include "capp/capp.h"
#include "object/kind.h"

namespace capp {

// apiVersion, kind, and metadata: name, our labels and, of a
// namespaced kind, the namespace and the owner reference to `capp` (an owner in a namespace cannot
// own a cluster-scoped object).
[[nodiscard]] boost::json::object child_body(const Capp& capp, const object::Kind& kind,
                                             std::string_view name);

// `spec.sink` and the like: a reference to the Capp's Knative Service.
[[nodiscard]] boost::json::object service_reference(const Capp& capp);

}  // namespace capp
