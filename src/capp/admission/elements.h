#pragma once
// The objects in the lists of a spec, each with its path for people.

#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "json/value.h"

namespace capp::admission {

struct Element {
  std::string path;  // "spec.volumesSpec.nfsVolumes[1]"
  const boost::json::object& object;
};

// Those of the list at `path` below the spec; elements that are no objects are skipped.
[[nodiscard]] std::vector<Element> elements(const boost::json::object& spec, json::Path path);

}  // namespace capp::admission
