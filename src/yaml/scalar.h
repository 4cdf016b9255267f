#pragma once
// What a plain (unquoted) scalar means.

#include <string_view>

#include <boost/json/value.hpp>

namespace yaml {

// True for .inf and .nan in their spellings: numbers to YAML that JSON cannot say.
bool is_non_finite(std::string_view plain);

// Null, a boolean, a number or a string, by the rules of convert.h.
boost::json::value resolve_plain(std::string_view plain);

}  // namespace yaml
