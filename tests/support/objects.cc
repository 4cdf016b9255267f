#include "tests/support/objects.h"

#include <stdexcept>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "json/parse.h"
#include "json/value.h"

namespace test {
namespace {

namespace bj = boost::json;

// RFC 7396, but for null, which no builder needs.
void merge(bj::object& into, const bj::object& more) {
  for (const auto& [key, value] : more) {
    auto& target = into[key];
    if (target.is_object() && value.is_object()) {
      merge(target.get_object(), value.get_object());
    } else {
      target = value;
    }
  }
}

}  // namespace

bj::object parse_object(std::string_view text) {
  auto value = json::parse(text);
  if (!value) throw std::runtime_error(value.error().describe());
  return std::move(value->as_object());
}

bj::object a_capp(std::string_view name, std::string_view more) {
  const bj::object container{{"name", "web"}, {"image", "ghcr.io/dana-team/capp-gin-app:v0.2.0"}};
  bj::object capp{
      {"apiVersion", "rcs.dana.io/v1alpha1"},
      {"kind", "Capp"},
      {"metadata", {{"name", name}}},
      {"spec",
       {{"configurationSpec", {{"template", {{"spec", {{"containers", bj::array{container}}}}}}}}}},
  };
  merge(capp, parse_object(more));
  return capp;
}

bj::object a_dns_config(std::string_view zone) {
  return {
      {"apiVersion", "v1"},
      {"kind", "ConfigMap"},
      {"metadata", {{"name", "dns-config"}}},
      {"data", {{"zone", fmt::format("{}.", zone)}, {"cname", fmt::format("ingress.{}.", zone)}}}};
}

std::string tls_secret(std::string_view hostname) {
  return std::string(hostname) + "-tls";
}

bj::object a_tls_secret(std::string_view hostname) {
  return {{"apiVersion", "v1"}, {"kind", "Secret"}, {"metadata", {{"name", tls_secret(hostname)}}}};
}

std::string at(const bj::object& object, std::string_view pointer) {
  boost::system::error_code error;
  const bj::value whole(object);
  const auto* found = whole.find_pointer(pointer, error);
  if (found == nullptr) return {};
  return found->is_string() ? std::string(found->get_string()) : bj::serialize(*found);
}

std::string annotation(const bj::object& object, std::string_view key) {
  return std::string(json::string_at(object, {"metadata", "annotations", key}));
}

std::string label(const bj::object& object, std::string_view key) {
  return std::string(json::string_at(object, {"metadata", "labels", key}));
}

SeenCondition condition(const bj::object& object, std::string_view type) {
  const auto* conditions = json::array_at(object, {"status", "conditions"});
  if (conditions == nullptr) return {};
  for (const auto& entry : *conditions) {
    if (json::string_at(entry, {"type"}) != type) continue;
    const auto text = [&](std::string_view key) {
      return std::string(json::string_at(entry, {key}));
    };
    return {.status = text("status"),
            .reason = text("reason"),
            .message = text("message"),
            .last_transition_time = text("lastTransitionTime")};
  }
  return {};
}

testing::AssertionResult has_condition(const bj::object& object, std::string_view type,
                                       std::string_view status, std::string_view reason) {
  const SeenCondition seen = condition(object, type);
  if (seen.status == status && seen.reason == reason) return testing::AssertionSuccess();
  return testing::AssertionFailure() << type << " is not " << status << "/" << reason
                                     << "; conditions: " << at(object, "/status/conditions");
}

}  // namespace test
