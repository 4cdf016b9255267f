#pragma once
// The one text of a value: keys sorted bytewise, no white space. Equal values have equal text.

#include <string>

#include <boost/json/value.hpp>

namespace json {

std::string canonical(const boost::json::value& value);
std::string canonical(const boost::json::object& object);

}  // namespace json
