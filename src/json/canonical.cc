#include "json/canonical.h"

#include <algorithm>
#include <vector>

#include <boost/json/serialize.hpp>

namespace json {
namespace {

void append(const boost::json::value& value, std::string& text);

void append(const boost::json::object& object, std::string& text) {
  std::vector<const boost::json::key_value_pair*> members;
  members.reserve(object.size());
  for (const auto& member : object) members.push_back(&member);
  std::sort(members.begin(), members.end(),
            [](const auto* a, const auto* b) { return a->key() < b->key(); });
  text += '{';
  for (const auto* member : members) {
    if (text.back() != '{') text += ',';
    text += boost::json::serialize(member->key());
    text += ':';
    append(member->value(), text);
  }
  text += '}';
}

void append(const boost::json::value& value, std::string& text) {
  if (const auto* object = value.if_object()) {
    append(*object, text);
  } else if (const auto* array = value.if_array()) {
    text += '[';
    for (const auto& element : *array) {
      if (&element != array->data()) text += ',';
      append(element, text);
    }
    text += ']';
  } else {
    text += boost::json::serialize(value);
  }
}

}  // namespace

std::string canonical(const boost::json::value& value) {
  std::string text;
  append(value, text);
  return text;
}

std::string canonical(const boost::json::object& object) {
  std::string text;
  append(object, text);
  return text;
}

}  // namespace json
