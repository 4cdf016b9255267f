#include "object/kind.h"

namespace object {

std::string Kind::api_version() const {
  if (group.empty()) return std::string(version);
  return std::string(group).append("/").append(version);
}

std::string Kind::resource() const {
  if (group.empty()) return std::string(plural);
  return std::string(plural).append(".").append(group);
}

// Names and namespaces are DNS labels or subdomains (the API server admits no others): no escaping.
std::string Kind::collection_path(std::string_view ns) const {
  std::string path(group.empty() ? "/api" : "/apis/");
  if (!group.empty()) path.append(group);
  path.append("/").append(version);
  if (!ns.empty()) path.append("/namespaces/").append(ns);
  return path.append("/").append(plural);
}

std::string Kind::object_path(const Key& key, std::string_view subresource) const {
  std::string path = collection_path(key.ns).append("/").append(key.name);
  if (!subresource.empty()) path.append("/").append(subresource);
  return path;
}

}  // namespace object
