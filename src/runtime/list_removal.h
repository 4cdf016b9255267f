#pragma once
// Takes items of ours out of lists that we no longer want at all. Pure.
//
// One apply can never succeed: where another manager added a field to an item of our list and we
// then drop the list, the API server answers 422 `Invalid value: "null"` (design 3.1). The items go
// by one JSON patch, and the apply is sent again. Only lists in objects are found: one within an
// item of another list is not reached.

#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/error.h"
#include "object/owned_set.h"

namespace runtime {

// Whether an apply was refused for that reason.
[[nodiscard]] bool refuses_removal(const base::Error& error);

// The JSON patch that removes from `live` every list item that `owned` names by its key and
// `wanted` has not. Each removal first tests that the item is still the one that was seen, and the
// whole patch that the object has `uid`. Empty where there is nothing to remove.
[[nodiscard]] boost::json::array removal_patch(const boost::json::value& live,
                                               const object::OwnedFields& owned,
                                               const boost::json::object& wanted,
                                               std::string_view uid);

}  // namespace runtime
