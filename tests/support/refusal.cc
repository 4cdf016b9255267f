#include "tests/support/refusal.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "tests/support/eventually.h"

namespace test {
namespace {

constexpr object::Kind kPolicy{"admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy",
                               "validatingadmissionpolicies", object::Scope::kCluster};
constexpr object::Kind kBinding{"admissionregistration.k8s.io", "v1",
                                "ValidatingAdmissionPolicyBinding",
                                "validatingadmissionpolicybindings", object::Scope::kCluster};

}  // namespace

Refusal::Refusal(Cluster& cluster, const std::vector<std::string>& groups, std::string_view words,
                 const object::Kind& kind)
    : cluster_(cluster) {
  // Named after the namespace, since it is cluster-scoped.
  const std::string& name = cluster.ns;
  const std::string group_list =
      boost::json::serialize(boost::json::array(groups.begin(), groups.end()));
  cluster_.api.create(kPolicy, {},
                      parse_object(fmt::format(R"({{"metadata": {{"name": "{0}"}}, "spec": {{
        "matchConstraints": {{
          "namespaceSelector": {{"matchLabels": {{"kubernetes.io/metadata.name": "{0}"}}}},
          "resourceRules": [{{"apiGroups": {1}, "apiVersions": ["*"], "resources": ["*"],
                             "operations": ["CREATE"]}}]}},
        "validations": [{{"expression": "false", "message": "{2}"}}]}}}})",
                                               name, group_list, words)));
  cluster_.api.create(kBinding, {},
                      parse_object(fmt::format(R"({{"metadata": {{"name": "{0}"}},
      "spec": {{"policyName": "{0}", "validationActions": ["Deny"]}}}})",
                                               name)));
  await(kind, words);
}

Refusal::~Refusal() {
  for (const auto* kind : {&kBinding, &kPolicy}) {
    const auto removed = cluster_.api.try_remove(*kind, {.ns = {}, .name = cluster_.ns});
    EXPECT_TRUE(removed) << removed.error().describe();
  }
}

// A policy takes effect some moments after it was stored.
void Refusal::await(const object::Kind& kind, std::string_view words) {
  const auto in_force = eventually([&] {
    const auto answer = cluster_.api.try_send(
        {.method = net::Method::kPost,
         .target = kind.collection_path(cluster_.ns) + "?dryRun=All",
         .headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}},
         .body = fmt::format(R"({{"apiVersion": "{}", "kind": "{}", "metadata": {{"name": "x"}}}})",
                             kind.api_version(), kind.kind)});
    const std::string said = answer ? "accepted" : answer.error().describe();
    return said.contains(words) ? testing::AssertionSuccess() : testing::AssertionFailure() << said;
  });
  EXPECT_TRUE(in_force) << "a policy is not in force";
}

}  // namespace test
