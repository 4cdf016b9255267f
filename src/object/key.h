#pragma once
// Which object: its namespace and name. Every look-up in the code is by both (or by UID), never by
// name alone.

#include <compare>
#include <cstddef>
#include <functional>
#include <string>

namespace object {

struct Key {
  std::string ns;  // empty for a cluster-scoped object
  std::string name;

  friend bool operator==(const Key&, const Key&) = default;
  friend std::strong_ordering operator<=>(const Key&, const Key&) = default;

  // "namespace/name", or "name" where there is no namespace: for messages and logs.
  [[nodiscard]] std::string to_string() const { return ns.empty() ? name : ns + "/" + name; }
};

}  // namespace object

template <>
struct std::hash<object::Key> {
  std::size_t operator()(const object::Key& key) const noexcept {
    const std::size_t name = std::hash<std::string>{}(key.name);
    return name ^
           (std::hash<std::string>{}(key.ns) + 0x9e3779b97f4a7c15 + (name << 6) + (name >> 2));
  }
};
