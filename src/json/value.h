#pragma once
// Reading and comparing boost::json values without throwing.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace json {

using Path = std::initializer_list<std::string_view>;

// The value below `keys`, or null where an element is absent or no object.
const boost::json::value* find(const boost::json::value& value, Path keys);
const boost::json::value* find(const boost::json::object& object, Path keys);

// The typed value below `keys`; empty (or null) where it is absent or of another type.
std::string_view string_at(const boost::json::value& value, Path keys);
std::string_view string_at(const boost::json::object& object, Path keys);
std::optional<std::int64_t> int_at(const boost::json::object& object, Path keys);
std::optional<bool> bool_at(const boost::json::object& object, Path keys);
const boost::json::object* object_at(const boost::json::object& object, Path keys);
// The object below `keys`; an empty one where there is none. Lives as long as `object`.
const boost::json::object& object_or_empty(const boost::json::object& object, Path keys);
const boost::json::array* array_at(const boost::json::object& object, Path keys);

// Equal as JSON: keys in any order, integers of either signedness by value.
bool equal(const boost::json::value& a, const boost::json::value& b);

// The value without nulls at any depth. Empty containers stay: `emptyDir: {}` means something to an
// API.
boost::json::value without_nulls(const boost::json::value& value);

// The value without the members that say nothing: nulls, empty strings, lists and objects, at any
// depth (elements of lists stay, since their number means something). Two values of which this is
// equal differ only in how an absent field was written (typed Go clients send `{}`, "" and null).
boost::json::value significant(const boost::json::value& value);

}  // namespace json
