#include "capp/projections.h"

#include <string>
#include <vector>

#include <boost/json/serialize.hpp>

#include "capp/names.h"
#include "capp/revisions.h"
#include "json/value.h"

namespace capp {
namespace {

// Of a kind that we do not apply, nobody's set of fields is kept: its managedFields, often the
// larger half of the object, are not even parsed.
json::Filter without_owned_fields(const std::vector<std::string>& content) {
  auto paths = object::record_metadata_paths();
  std::erase(paths, "/metadata/managedFields");
  paths.insert(paths.end(), content.begin(), content.end());
  return json::Filter::keep(paths);
}

json::Filter with_owned_fields(const std::vector<std::string>& content) {
  auto paths = object::record_metadata_paths();
  paths.insert(paths.end(), content.begin(), content.end());
  return json::Filter::keep(paths);
}

std::string member(const boost::json::object& object, std::string_view key) {
  const auto* value = json::object_at(object, {key});
  return value != nullptr ? boost::json::serialize(*value) : std::string{};
}

// What the filter left of the spec, where it left any, and the status.
std::string content_body(const boost::json::object& object) {
  boost::json::object body;
  for (const std::string_view member : {"spec", "status"}) {
    if (const auto* value = json::object_at(object, {member})) body.emplace(member, *value);
  }
  return body.empty() ? std::string() : boost::json::serialize(body);
}

std::string route_body(const boost::json::object& object) {
  return std::string(json::string_at(object, {"spec", "host"}));
}

std::string data_body(const boost::json::object& object) {
  return member(object, "data");
}

std::string capp_body(const boost::json::object& object) {
  boost::json::object metadata;
  if (const auto* labels = json::object_at(object, {"metadata", "labels"})) {
    metadata.emplace("labels", *labels);
  }
  if (const auto* annotations = json::object_at(object, {"metadata", "annotations"})) {
    metadata.emplace("annotations", without_kubectl(*annotations));
  }
  boost::json::object body{{"metadata", std::move(metadata)}};
  for (const std::string_view key : {"spec", "status"}) {
    if (const auto* value = json::object_at(object, {key})) body.emplace(key, *value);
  }
  return boost::json::serialize(body);
}

std::string revision_body(const boost::json::object& object) {
  const auto* content = json::object_at(object, {"spec", "cappTemplate"});
  return boost::json::serialize(boost::json::object{
      {"number", json::int_at(object, {"spec", "revisionNumber"}).value_or(0)},
      {"template", template_hash(content != nullptr ? *content : boost::json::object{})},
  });
}

}  // namespace

object::Projection capp_projection() {
  return {.filter = without_owned_fields({"/metadata/annotations", "/spec", "/status"}),
          .labels = {},
          .field_manager = {},
          .body = capp_body};
}

object::Projection revision_projection() {
  return {.filter = without_owned_fields({"/spec"}),
          .labels = {std::string(kCappNameLabel)},
          .field_manager = {},
          .body = revision_body};
}

object::Projection config_map_projection() {
  return {.filter = without_owned_fields({"/data"}),
          .labels = {},
          .field_manager = {},
          .body = data_body};
}

object::Projection knative_revision_projection() {
  return {.filter = without_owned_fields({"/status"}),
          .labels = {std::string(kKnativeConfigurationLabel)},
          .field_manager = {},
          .body = content_body};
}

object::Projection child_projection(std::span<const std::string_view> spec_fields) {
  std::vector<std::string> content{"/status"};
  for (const auto field : spec_fields) content.push_back(std::string("/spec/").append(field));
  return {.filter = with_owned_fields(content),
          .labels = {std::string(kManagedByLabel), std::string(kParentCappLabel),
                     std::string(kParentCappNsLabel)},
          .field_manager = std::string(kFieldManager),
          .body = content_body};
}

object::Projection route_projection() {
  return {.filter = without_owned_fields({"/spec/host"}),
          .labels = {},
          .field_manager = {},
          .body = route_body};
}

}  // namespace capp
