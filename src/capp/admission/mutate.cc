#include "capp/admission/mutate.h"

#include <algorithm>
#include <string>
#include <utility>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "base/quantity.h"
#include "capp/admission/submission.h"
#include "capp/names.h"
#include "json/value.h"

namespace capp::admission {
namespace {

using boost::json::object;

constexpr std::string_view kContainers = "/spec/configurationSpec/template/spec/containers";
// A pod has a handful; those beyond get nothing. What becomes of three bytes of a request, "{},",
// is an operation of a kilobyte, and no schema has bounded the list when a mutating webhook is
// asked.
constexpr std::size_t kMaxContainers = 100;

// "add" replaces what is there.
object add(std::string path, boost::json::value value) {
  return {{"op", "add"}, {"path", std::move(path)}, {"value", std::move(value)}};
}

// A key as an element of a JSON pointer.
std::string pointer_element(std::string_view key) {
  std::string escaped;
  for (const char c : key) {
    if (c == '~') {
      escaped += "~0";
    } else if (c == '/') {
      escaped += "~1";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

object name_the_user(const object& capp, std::string_view username) {
  constexpr std::string_view kAnnotations = "/metadata/annotations";
  if (json::object_at(capp, {"metadata", "annotations"}) == nullptr) {
    return add(std::string(kAnnotations), {{kLastUpdatedByAnnotation, username}});
  }
  return add(fmt::format("{}/{}", kAnnotations, pointer_element(kLastUpdatedByAnnotation)),
             boost::json::string(username));
}

// Empty where there is none, or none that can be read.
std::optional<base::Quantity> amount_of(const object& amounts, std::string_view resource) {
  const auto* value = amounts.if_contains(resource);
  if (value == nullptr) return std::nullopt;
  const auto text =
      value->is_string() ? std::string(value->get_string()) : boost::json::serialize(*value);
  const auto quantity = base::Quantity::parse(text);
  return quantity ? std::optional(*quantity) : std::nullopt;
}

bool is_set(const object& amounts, std::string_view resource) {
  const auto* value = amounts.if_contains(resource);
  return value != nullptr && !value->is_null();
}

// `own` and the defaults for what it lacks, where `fits` of the other list's amount and the
// default.
object completed(object own, const object& defaults, const object& other,
                 bool (*fits)(base::Quantity other, base::Quantity given)) {
  for (const auto& [resource, given] : defaults) {
    if (is_set(own, resource)) continue;
    const auto limit = amount_of(other, resource);
    const auto amount = amount_of(defaults, resource);
    if (limit && amount && !fits(*limit, *amount)) continue;
    own[resource] = given;
  }
  return own;
}

object resources_of(const object& container, const DefaultResources& defaults) {
  object resources = json::object_or_empty(container, {"resources"});
  const object requests = json::object_or_empty(resources, {"requests"});
  const object limits = json::object_or_empty(resources, {"limits"});
  object all_requests =
      completed(requests, defaults.requests, limits,
                [](base::Quantity limit, base::Quantity request) { return request <= limit; });
  object all_limits =
      completed(limits, defaults.limits, requests,
                [](base::Quantity request, base::Quantity limit) { return request <= limit; });
  if (!all_requests.empty()) resources["requests"] = std::move(all_requests);
  if (!all_limits.empty()) resources["limits"] = std::move(all_limits);
  return resources;
}

void give_resources(const object& capp, const DefaultResources& defaults,
                    boost::json::array& patch) {
  const auto* containers =
      json::array_at(capp, {"spec", "configurationSpec", "template", "spec", "containers"});
  if (containers == nullptr) return;
  for (std::size_t i = 0; i < std::min(containers->size(), kMaxContainers); ++i) {
    const auto* container = (*containers)[i].if_object();
    if (container == nullptr) continue;
    object resources = resources_of(*container, defaults);
    if (resources == json::object_or_empty(*container, {"resources"})) continue;
    patch.emplace_back(add(fmt::format("{}/{}/resources", kContainers, i), std::move(resources)));
  }
}

}  // namespace

boost::json::array mutate(const object& capp, const object* stored, std::string_view username,
                          const DefaultResources& defaults) {
  if (is_being_deleted(capp)) return {};
  boost::json::array patch{name_the_user(capp, username)};
  if (is_judged(capp, stored)) give_resources(capp, defaults, patch);
  return patch;
}

}  // namespace capp::admission
