#include "kube/config/fields.h"

#include <fmt/format.h>

#include "base/hash.h"

namespace kube {

Place Place::below(std::string_view key) const {
  return {file, path.empty() ? std::string(key) : fmt::format("{}.{}", path, key)};
}

Place Place::item(std::size_t index) const {
  return {file, fmt::format("{}[{}]", path, index)};
}

std::unexpected<base::Error> Place::refuse(std::string_view rule) const {
  return base::fail(base::Reason::kBadInput, path.empty()
                                                 ? fmt::format("{}: {}", file, rule)
                                                 : fmt::format("{}: {}: {}", file, path, rule));
}

const boost::json::value* Fields::present(std::string_view key) const {
  const boost::json::value* value = object_.if_contains(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

void Fields::remember(std::string_view key, std::string_view rule) {
  if (!error_) error_ = refuse(key, rule).error();
}

std::string Fields::string(std::string_view key) {
  const boost::json::value* value = present(key);
  if (value == nullptr) return {};
  if (value->is_string()) return std::string(value->get_string());
  remember(key, "must be a string; put it in quotes");
  return {};
}

bool Fields::boolean(std::string_view key) {
  const boost::json::value* value = present(key);
  if (value == nullptr) return false;
  if (value->is_bool()) return value->get_bool();
  remember(key, "must be true or false, without quotes");
  return false;
}

std::vector<std::string> Fields::strings(std::string_view key) {
  std::vector<std::string> texts;
  const boost::json::array* items = array(key);
  if (items == nullptr) return texts;
  for (const boost::json::value& item : *items) {
    if (item.is_string()) {
      texts.emplace_back(item.get_string());
    } else {
      remember(key, "must be a list of strings; put each in quotes");
    }
  }
  return texts;
}

base::Redacted<std::string> Fields::secret(std::string_view key) {
  return base::Redacted<std::string>(string(key));
}

base::Redacted<std::string> Fields::base64(std::string_view key) {
  std::string text = string(key);
  std::erase_if(text, [](char c) { return c == '\n' || c == '\r'; });
  auto bytes = base::base64_decode(text);
  if (bytes) return base::Redacted<std::string>(std::move(*bytes));
  remember(key, "must be base64");
  return {};
}

const boost::json::object* Fields::object(std::string_view key) {
  const boost::json::value* value = present(key);
  if (value == nullptr) return nullptr;
  if (!value->is_object()) remember(key, "must be a mapping");
  return value->if_object();
}

const boost::json::array* Fields::array(std::string_view key) {
  const boost::json::value* value = present(key);
  if (value == nullptr) return nullptr;
  if (!value->is_array()) remember(key, "must be a list");
  return value->if_array();
}

std::unexpected<base::Error> Fields::refuse(std::string_view key, std::string_view rule) const {
  return place_.below(key).refuse(rule);
}

base::Result<void> Fields::check() const {
  if (error_) return std::unexpected(*error_);
  return {};
}

}  // namespace kube
