#pragma once
// The beginning that all bodies have in common.

#include <string_view>

#include <boost/json/object.hpp>

#include "capp/capp.h"
#include "object/kind.h"

namespace capp {

// apiVersion, kind, and metadata with name, namespace, our labels and the owner reference to
// `capp`. `kind` must be namespaced: an owner in a namespace cannot own a cluster-scoped object.
[[nodiscard]] boost::json::object child_body(const Capp& capp, const object::Kind& kind,
                                             std::string_view name);

}  // namespace capp
