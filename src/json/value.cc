#include "json/value.h"

#include <boost/json/kind.hpp>

namespace json {

const boost::json::value* find(const boost::json::object& object, Path keys) {
  const boost::json::object* here = &object;
  const boost::json::value* value = nullptr;
  for (const std::string_view key : keys) {
    if (here == nullptr) return nullptr;
    value = here->if_contains(key);
    if (value == nullptr) return nullptr;
    here = value->if_object();
  }
  return value;
}

const boost::json::value* find(const boost::json::value& value, Path keys) {
  if (keys.size() == 0) return &value;
  const auto* object = value.if_object();
  return object != nullptr ? find(*object, keys) : nullptr;
}

std::string_view string_at(const boost::json::value& value, Path keys) {
  const auto* found = find(value, keys);
  const auto* text = found != nullptr ? found->if_string() : nullptr;
  return text != nullptr ? std::string_view(text->data(), text->size()) : std::string_view{};
}

std::string_view string_at(const boost::json::object& object, Path keys) {
  const auto* found = find(object, keys);
  return found != nullptr ? string_at(*found, {}) : std::string_view{};
}

std::optional<std::int64_t> int_at(const boost::json::object& object, Path keys) {
  const auto* found = find(object, keys);
  if (found == nullptr) return std::nullopt;
  boost::json::error_code error;
  const auto number = found->to_number<std::int64_t>(error);
  if (error) return std::nullopt;
  return number;
}

std::optional<bool> bool_at(const boost::json::object& object, Path keys) {
  const auto* found = find(object, keys);
  const auto* flag = found != nullptr ? found->if_bool() : nullptr;
  return flag != nullptr ? std::optional(*flag) : std::nullopt;
}

const boost::json::object* object_at(const boost::json::object& object, Path keys) {
  const auto* found = find(object, keys);
  return found != nullptr ? found->if_object() : nullptr;
}

const boost::json::object& object_or_empty(const boost::json::object& object, Path keys) {
  static const boost::json::object empty;
  const auto* found = object_at(object, keys);
  return found != nullptr ? *found : empty;
}

const boost::json::array* array_at(const boost::json::object& object, Path keys) {
  const auto* found = find(object, keys);
  return found != nullptr ? found->if_array() : nullptr;
}

bool equal(const boost::json::value& a, const boost::json::value& b) {
  if (a.is_object() && b.is_object()) {
    const auto& left = a.get_object();
    const auto& right = b.get_object();
    if (left.size() != right.size()) return false;
    for (const auto& [key, value] : left) {
      const auto* other = right.if_contains(key);
      if (other == nullptr || !equal(value, *other)) return false;
    }
    return true;
  }
  if (a.is_array() && b.is_array()) {
    const auto& left = a.get_array();
    const auto& right = b.get_array();
    if (left.size() != right.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i) {
      if (!equal(left[i], right[i])) return false;
    }
    return true;
  }
  return a == b;  // of scalars: numbers by value
}

boost::json::value without_nulls(const boost::json::value& value) {
  if (const auto* object = value.if_object()) {
    boost::json::object kept;
    kept.reserve(object->size());
    for (const auto& [key, member] : *object) {
      if (!member.is_null()) kept.emplace(key, without_nulls(member));
    }
    return kept;
  }
  if (const auto* array = value.if_array()) {
    boost::json::array kept;
    kept.reserve(array->size());
    for (const auto& element : *array) {
      if (!element.is_null()) kept.push_back(without_nulls(element));
    }
    return kept;
  }
  return value;
}

namespace {

bool says_nothing(const boost::json::value& value) {
  switch (value.kind()) {
    case boost::json::kind::null:
      return true;
    case boost::json::kind::string:
      return value.get_string().empty();
    case boost::json::kind::array:
      return value.get_array().empty();
    case boost::json::kind::object:
      return value.get_object().empty();
    default:
      return false;
  }
}

}  // namespace

boost::json::value significant(const boost::json::value& value) {
  if (const auto* object = value.if_object()) {
    boost::json::object kept;
    for (const auto& [key, member] : *object) {
      boost::json::value inner = significant(member);
      if (!says_nothing(inner)) kept.emplace(key, std::move(inner));
    }
    return kept;
  }
  if (const auto* array = value.if_array()) {
    boost::json::array kept;
    for (const auto& element : *array) kept.push_back(significant(element));
    return kept;
  }
  return value;
}

}  // namespace json
