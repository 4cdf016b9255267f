#pragma once
// Who owns a field that we want. Pure.

#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "object/owned_set.h"

namespace runtime {

// The field manager of `live` other than `own_manager` that owns `path` of the apply body `wanted`
// (a path of object::OwnershipGap), or a part of it; "another manager" where none does any more.
[[nodiscard]] std::string rival_of(const std::string& path, const boost::json::object& wanted,
                                   const boost::json::value& live, std::string_view own_manager,
                                   object::OwnedSetPool& pool);

}  // namespace runtime
