#include "tests/support/admission_policies.h"

#include <stdexcept>
#include <utility>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "capp/kinds.h"
#include "json/value.h"
#include "tests/support/admission_table.h"
#include "tests/support/places.h"
#include "yaml/convert.h"

namespace test {
namespace {

namespace bj = boost::json;

constexpr object::Kind kPolicy{"admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy",
                               "validatingadmissionpolicies", object::Scope::kCluster};
constexpr object::Kind kBinding{"admissionregistration.k8s.io", "v1",
                                "ValidatingAdmissionPolicyBinding",
                                "validatingadmissionpolicybindings", object::Scope::kCluster};

constexpr const char* kFiles[] = {"capp_rules.yaml", "capp_limits.yaml", "bindings.yaml"};

// Judges by the same parameter as the limits, and tells by which version of it.
constexpr std::string_view kProbe = "which-config";
constexpr std::string_view kProbingPolicy = R"(
metadata: {name: capp-probe}
kind: ValidatingAdmissionPolicy
spec:
  paramKind: {apiVersion: rcs.dana.io/v1alpha1, kind: CappConfig}
  matchConstraints:
    resourceRules:
    - {apiGroups: [rcs.dana.io], apiVersions: [v1alpha1], operations: [CREATE], resources: [capps]}
  validations:
  - expression: object.metadata.name != 'which-config'
    messageExpression: "'version <' + params.metadata.resourceVersion + '>'"
---
metadata: {name: capp-probe}
kind: ValidatingAdmissionPolicyBinding
spec:
  policyName: capp-probe
  paramRef: {name: capp-config, namespace: system, parameterNotFoundAction: Allow}
  validationActions: [Deny]
)";

// What the shipped rules refuse: they are in force when they do.
constexpr std::string_view kOutlaw = R"({"spec": {"routeSpec": {"hostname": "x.cluster.local"}}})";

std::vector<bj::value> documents(std::string_view text) {
  auto read = yaml::parse_all(text);
  if (!read) throw std::runtime_error(read.error().describe());
  return std::move(*read);
}

}  // namespace

AdmissionPolicies::AdmissionPolicies(Cluster& cluster) : cluster_(cluster) {
  for (const char* file : kFiles) {
    for (const auto& document : documents(read_file(in_source("config/policy/") + file))) {
      store(document.as_object());
    }
  }
  for (const auto& document : documents(kProbingPolicy)) store(document.as_object());

  EXPECT_TRUE(eventually([&] {
    const std::string said = refusal_of(cluster_, a_capp("outlaw", kOutlaw));
    return said.contains("cluster.local") ? testing::AssertionSuccess()
                                          : testing::AssertionFailure() << "said: " << said;
  }));
  configure(bj::object());
}

AdmissionPolicies::~AdmissionPolicies() {
  for (const auto& [kind, name] : stored_) {
    const auto removed = cluster_.api.try_remove(kind, {.ns = {}, .name = name});
    EXPECT_TRUE(removed) << removed.error().describe();
  }
}

// Policies and bindings are cluster-scoped: named after the namespace, and held to it.
void AdmissionPolicies::store(bj::object object) {
  const auto own_name = [&](std::string_view name) {
    return fmt::format("{}-{}", cluster_.ns, name);
  };
  auto& name = object["metadata"].as_object()["name"];
  name = own_name(name.as_string());
  auto& spec = object["spec"].as_object();
  const bool is_policy = at(object, "/kind") == kPolicy.kind;
  if (!is_policy) {
    spec["policyName"] = own_name(spec["policyName"].as_string());
    spec["matchResources"] = {
        {"namespaceSelector", {{"matchLabels", {{"kubernetes.io/metadata.name", cluster_.ns}}}}}};
    if (auto* param = spec.if_contains("paramRef")) {
      param->as_object()["namespace"] = cluster_.ns;
    }
  }
  const object::Kind& kind = is_policy ? kPolicy : kBinding;
  stored_.push_back({.kind = kind, .name = std::string(name.as_string())});
  cluster_.api.create(kind, {}, object);
}

void AdmissionPolicies::configure(const std::optional<bj::object>& spec) {
  if (spec == config_) return;
  const auto key = cluster_.key("capp-config");
  if (config_) cluster_.api.remove(capp::kCappConfig, key);
  std::string version;
  if (spec) {
    const bj::object config{{"apiVersion", capp::kCappConfig.api_version()},
                            {"kind", capp::kCappConfig.kind},
                            {"metadata", {{"name", key.name}}},
                            {"spec", *spec}};
    const auto created = cluster_.api.create(capp::kCappConfig, cluster_.ns, config);
    version = at(created, "/metadata/resourceVersion");
  }
  config_ = spec;
  await_config(version);
}

// Empty: without one, the policy has nothing to say.
void AdmissionPolicies::await_config(const std::string& version) {
  const std::string expected = version.empty() ? "" : fmt::format("version <{}>", version);
  EXPECT_TRUE(eventually([&] {
    const std::string said = refusal_of(cluster_, a_capp(kProbe));
    const bool seen = expected.empty() ? said.empty() : said.contains(expected);
    return seen ? testing::AssertionSuccess() : testing::AssertionFailure() << "said: " << said;
  }));
}

}  // namespace test
