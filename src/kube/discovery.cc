#include "kube/discovery.h"

#include <utility>

#include <fmt/format.h>

#include "json/parse.h"
#include "json/value.h"

namespace kube {
namespace {

std::string id(std::string_view group, std::string_view version) {
  return fmt::format("{}/{}", group, version);
}
std::string id(std::string_view group, std::string_view version, std::string_view plural) {
  return fmt::format("{}/{}/{}", group, version, plural);
}

net::Request discover(std::string path) {
  return {.method = net::Method::kGet,
          .target = std::move(path),
          .headers = {{"Accept",
                       "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"}},
          .body = {},
          .accept_gzip = true};
}

const json::Filter& names_only() {
  static const json::Filter filter = json::Filter::keep(
      {"/kind", "/items/*/metadata/name", "/items/*/versions/*/version",
       "/items/*/versions/*/freshness", "/items/*/versions/*/resources/*/resource"});
  return filter;
}

const boost::json::array& array_or_empty(const boost::json::value& value, std::string_view key) {
  static const boost::json::array empty;
  const auto* found = json::find(value, {key});
  const auto* array = found != nullptr ? found->if_array() : nullptr;
  return array != nullptr ? *array : empty;
}

}  // namespace

net::Request discover_core() {
  return discover("/api");
}
net::Request discover_groups() {
  return discover("/apis");
}

base::Result<void> ServedKinds::read(std::string_view body) {
  const auto list = json::parse(body, names_only());
  if (!list) return std::unexpected(list.error().wrap("reading the API server's discovery"));
  if (json::string_at(*list, {"kind"}) != "APIGroupDiscoveryList") {
    return base::fail(base::Reason::kProtocol,
                      "the API server's discovery is no APIGroupDiscoveryList: Kubernetes 1.30 or "
                      "newer is needed");
  }
  for (const auto& group : array_or_empty(*list, "items")) {
    const std::string_view name = json::string_at(group, {"metadata", "name"});
    for (const auto& version : array_or_empty(group, "versions")) {
      const std::string_view number = json::string_at(version, {"version"});
      if (json::string_at(version, {"freshness"}) == "Stale") stale_.insert(id(name, number));
      for (const auto& resource : array_or_empty(version, "resources")) {
        kinds_.insert(id(name, number, json::string_at(resource, {"resource"})));
      }
    }
  }
  return {};
}

bool ServedKinds::contains(const object::Kind& kind) const {
  return kinds_.contains(id(kind.group, kind.version, kind.plural));
}

bool ServedKinds::is_stale(const object::Kind& kind) const {
  return stale_.contains(id(kind.group, kind.version));
}

}  // namespace kube
