#pragma once
// Worlds for the tests of the domain. Objects are written as the API server sends them and go
// through the real projections, so that a test sees what the operator would.

#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

#include "capp/capp.h"
#include "capp/children/table.h"
#include "capp/kinds.h"
#include "capp/projections.h"
#include "capp/world.h"
#include "json/canonical.h"
#include "json/parse.h"
#include "json/value.h"
#include "object/record.h"

namespace capp {

constexpr std::string_view kNamespace = "shop";
constexpr std::string_view kUid = "uid-of-web";
constexpr std::string_view kNow = "2026-11-23T04:00:00Z";

inline boost::json::object parse_object(std::string_view text) {
  return boost::json::parse(text).as_object();
}

// NOLINTNEXTLINE(readability-identifier-naming): named as gmock's matchers are.
MATCHER_P(IsJson, text, "is " + json::canonical(boost::json::parse(text))) {
  *result_listener << "which is " << json::canonical(boost::json::value(arg));
  return json::equal(arg, boost::json::parse(text));
}

inline object::RecordPtr read(const boost::json::object& object,
                              const object::Projection& projection) {
  static object::OwnedSetPool pool;
  const boost::json::value whole(object);
  boost::json::value filtered =
      json::parse(boost::json::serialize(whole), projection.filter).value();
  return object::read_record(filtered, projection, pool).value();
}

// Any object, with the parts that a test names.
class ObjectBuilder {
 public:
  ObjectBuilder(const object::Kind& kind, std::string_view name) : kind_(&kind) {
    object_ = {{"apiVersion", kind.api_version()},
               {"kind", kind.kind},
               {"metadata",
                {{"name", name},
                 {"uid", "uid-of-" + std::string(name)},
                 {"resourceVersion", "7"},
                 {"generation", 1}}}};
    if (kind.scope == object::Scope::kNamespaced) metadata()["namespace"] = kNamespace;
  }

  ObjectBuilder& with_label(std::string_view name, std::string_view value) {
    return with_entry("labels", name, value);
  }
  ObjectBuilder& with_annotation(std::string_view name, std::string_view value) {
    return with_entry("annotations", name, value);
  }
  ObjectBuilder& with_finalizer(std::string_view name) {
    return with_item("finalizers", boost::json::value(name));
  }
  ObjectBuilder& with_owner(std::string_view uid) {
    return with_item("ownerReferences", {{"apiVersion", "rcs.dana.io/v1alpha1"},
                                         {"kind", "Capp"},
                                         {"name", "web"},
                                         {"uid", uid},
                                         {"controller", true}});
  }
  ObjectBuilder& with_generation(std::int64_t generation) {
    metadata()["generation"] = generation;
    return *this;
  }
  ObjectBuilder& with_version(std::uint64_t version) {
    metadata()["resourceVersion"] = std::to_string(version);
    return *this;
  }
  // What this operator owns of it, as `fieldsV1`.
  ObjectBuilder& with_our_fields(std::string_view fields_v1) {
    return with_item("managedFields", {{"manager", "capp-operator"},
                                       {"operation", "Apply"},
                                       {"fieldsV1", boost::json::parse(fields_v1)}});
  }
  ObjectBuilder& terminating() {
    metadata()["deletionTimestamp"] = "2026-11-23T03:59:00Z";
    return *this;
  }
  // "spec", "status", "data", as JSON text.
  ObjectBuilder& with(std::string_view member, std::string_view text) {
    object_[member] = boost::json::parse(text);
    return *this;
  }
  // A field of the spec, as JSON text.
  ObjectBuilder& with_spec(std::string_view field, std::string_view text) {
    auto& spec = object_["spec"];
    if (!spec.is_object()) spec.emplace_object();
    spec.get_object()[field] = boost::json::parse(text);
    return *this;
  }
  // A field of `spec.routeSpec` of a Capp, as JSON text.
  ObjectBuilder& with_route(std::string_view field, std::string_view text) {
    auto& route = object_["spec"].as_object()["routeSpec"];
    if (!route.is_object()) route.emplace_object();
    route.get_object()[field] = boost::json::parse(text);
    return *this;
  }
  ObjectBuilder& with_hostname(std::string_view hostname) {
    return with_route("hostname", boost::json::serialize(boost::json::string(hostname)));
  }
  ObjectBuilder& with_tls() { return with_route("tlsEnabled", "true"); }
  ObjectBuilder& disabled() { return with_spec("state", R"("disabled")"); }
  // As its status records the TLS Secrets that it answers for.
  ObjectBuilder& with_recorded_secrets(const std::vector<std::string>& names) {
    return with_status(
        {{"routeStatus", {{"tlsSecretNames", boost::json::array(names.begin(), names.end())}}}});
  }

  // The condition Ready, as all that is said.
  ObjectBuilder& with_ready(std::string_view status, std::string_view message = {}) {
    boost::json::object ready{{"type", "Ready"}, {"status", status}};
    if (!message.empty()) ready["message"] = message;
    return with_status({{"conditions", boost::json::array{std::move(ready)}}});
  }
  ObjectBuilder& ready() { return with_ready("True"); }
  ObjectBuilder& with_status(const boost::json::object& status) {
    object_["status"] = status;
    return *this;
  }

  [[nodiscard]] const object::Kind& kind() const { return *kind_; }
  [[nodiscard]] const boost::json::object& object() const { return object_; }

 private:
  boost::json::object& metadata() { return object_["metadata"].as_object(); }

  ObjectBuilder& with_entry(std::string_view map, std::string_view name, std::string_view value) {
    auto& entries = metadata()[map];
    if (!entries.is_object()) entries.emplace_object();
    entries.get_object()[name] = value;
    return *this;
  }
  ObjectBuilder& with_item(std::string_view list, boost::json::value item) {
    auto& items = metadata()[list];
    if (!items.is_array()) items.emplace_array();
    items.get_array().push_back(std::move(item));
    return *this;
  }

  const object::Kind* kind_;
  boost::json::object object_;
};

// A live Capp that has its finalizer and one container.
inline ObjectBuilder a_capp(std::string_view name) {
  return ObjectBuilder(kCapp, name)
      .with_finalizer("dana.io/capp-cleanup")
      .with("spec", R"({"scaleMetric": "concurrency", "state": "enabled", "configurationSpec":
            {"template": {"spec": {"containers": [{"name": "app", "image": "app:1"}]}}}})");
}

inline object::Projection projection_of(const object::Kind& kind) {
  if (kind == kCapp) return capp_projection();
  if (kind == kCappRevision) return revision_projection();
  if (kind == kKnativeRevision) return knative_revision_projection();
  for (const Child* child : children()) {
    if (child->kind() == kind) return child->projection();
  }
  std::abort();
}

// As the store of its kind has it.
inline object::RecordPtr read(const ObjectBuilder& object) {
  return read(object.object(), projection_of(object.kind()));
}

inline Capp capp_of(const ObjectBuilder& capp) {
  return read_capp(*read(capp)).value();
}

// Of the Capp "web" by its labels alone, as one that lost its owner reference, or never had one.
inline ObjectBuilder a_child_without_owner(const object::Kind& kind, std::string_view name) {
  auto child = ObjectBuilder(kind, name);
  child.with_label("rcs.dana.io/parent-capp", "web").with_label("rcs.dana.io/managed-by", "capp");
  if (kind.scope == object::Scope::kCluster) {
    child.with_label("rcs.dana.io/parent-capp-ns", kNamespace);
  }
  return child;
}

// As this operator writes it for the Capp "web".
inline ObjectBuilder a_child(const object::Kind& kind, std::string_view name) {
  auto child = a_child_without_owner(kind, name);
  if (kind.scope == object::Scope::kNamespaced) child.with_owner(kUid);
  return child;
}

// With our labels, and another controller: nothing that we may touch.
inline ObjectBuilder a_foreign_child(const object::Kind& kind, std::string_view name) {
  return a_child_without_owner(kind, name).with_owner("uid-of-somebody-else");
}

inline ObjectBuilder a_service(std::string_view name = "web") {
  return a_child(kKnativeService, name);
}

constexpr std::string_view kReadyStatus = R"({
    "observedGeneration": 1, "url": "https://web.shop.example",
    "latestCreatedRevisionName": "web-00001", "latestReadyRevisionName": "web-00001",
    "conditions": [{"type": "Ready", "status": "True"}]})";

inline ObjectBuilder a_ready_service() {
  return a_service().with("status", kReadyStatus);
}

// What hostnames mean in the tests.
inline Dns a_dns() {
  return {.zone = "apps.dev.", .cname = "ingress.apps.dev."};
}

class WorldBuilder {
 public:
  explicit WorldBuilder(const ObjectBuilder& capp) {
    world_.capp = capp_of(capp);
    world_.now = kNow;
  }

  WorldBuilder& with(const ObjectBuilder& object) {
    records(object.kind()).push_back(read(object));
    return *this;
  }
  WorldBuilder& without_kind(const object::Kind& kind) {
    world_.absent.push_back(&kind);
    return *this;
  }
  // Served, but its objects are not read.
  WorldBuilder& with_unread(const object::Kind& kind) {
    world_.unread.push_back(&kind);
    return *this;
  }
  WorldBuilder& with_tls_secret_problem(std::string_view problem) {
    world_.answers.tls_secret_problem = problem;
    return *this;
  }
  WorldBuilder& with_config(const Config& config) {
    world_.config = config;
    return *this;
  }
  WorldBuilder& with_dns(const Dns& dns = a_dns()) {
    world_.config.dns = dns;
    return *this;
  }
  WorldBuilder& with_dns_api(DnsApi api) {
    world_.dns_api = api;
    return *this;
  }
  WorldBuilder& with_config_problem(ConfigProblem problem) {
    world_.config_problems.push_back(std::move(problem));
    return *this;
  }
  // The host of OpenShift's console.
  WorldBuilder& with_console(std::string_view host) {
    world_.console_host = host;
    return *this;
  }
  WorldBuilder& with_tls_secret() {
    world_.answers.tls_secret_exists = true;
    return *this;
  }
  WorldBuilder& at(std::string_view now) {
    world_.now = now;
    return *this;
  }

  // NOLINTNEXTLINE(google-explicit-constructor): a builder stands for what it builds.
  operator World() const { return world_; }

 private:
  Records& records(const object::Kind& kind) {
    for (auto& [known, list] : world_.observed) {
      if (*known == kind) return list;
    }
    return world_.observed.emplace_back(&kind, Records{}).second;
  }

  World world_;
};

// Of a kind of which a Capp asks for exactly one.
inline object::Wanted only_object(const std::vector<Asked>& asked) {
  EXPECT_EQ(asked.size(), 1U);
  return asked.size() == 1 ? asked.front().object : object::Wanted{};
}

inline WorldBuilder a_world(const ObjectBuilder& capp) {
  return WorldBuilder(capp);
}

}  // namespace capp
