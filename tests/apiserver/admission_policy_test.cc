// The policies of config/policy, for clusters without webhooks: the table of admission, and what
// they must not stand in the way of.

#include <string>

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include "capp/kinds.h"
#include "tests/support/admission_policies.h"
#include "tests/support/admission_table.h"

namespace test {
namespace {

namespace bj = boost::json;

TEST(AdmissionByPolicy, AnswersAsTheTableSays) {
  Cluster cluster{ControlPlane::shared()};
  const auto cases = admission_table();
  store_before(cluster, cases);
  AdmissionPolicies policies{cluster};
  for (const auto& each : cases) {
    policies.configure(each.config);
    EXPECT_TRUE(answered(cluster, each, kByPolicy));
  }
}

// Deleted while its finalizer is there, with a spec that no rule lets in.
TEST(AdmissionByPolicy, LetsGoWhatIsBeingDeleted) {
  Cluster cluster{ControlPlane::shared()};
  cluster.api.create(capp::kCapp, cluster.ns, a_capp("web", R"({
    "metadata": {"finalizers": ["example.com/test"]},
    "spec": {"routeSpec": {"hostname": "web.cluster.local"}}})"));
  AdmissionPolicies policies{cluster};
  const auto key = cluster.key("web");

  cluster.api.remove(capp::kCapp, key);
  cluster.api.merge_patch(capp::kCapp, key, R"({"spec": {"site": "elsewhere"}})");
  cluster.api.merge_patch(capp::kCapp, key, R"({"status": {"autoscaleType": "rps"}})", "status");
  cluster.api.merge_patch(capp::kCapp, key, R"({"metadata": {"finalizers": null}})");

  EXPECT_FALSE(cluster.api.find(capp::kCapp, key));
}

bj::array mounts(std::string_view prefix) {
  bj::array made;
  for (int i = 0; i < 100; ++i) {
    made.push_back({{"name", fmt::format("{}-{}", prefix, i)},
                    {"mountPath", fmt::format("/{}/{}", prefix, i)}});
  }
  return made;
}

// As many volumes and sources as the schema lets in. Of its containers the last one mounts what
// begins with `prefix`.
Api::Object the_largest_capp(std::string_view prefix) {
  bj::array volumes;
  bj::array sources;
  for (int i = 0; i < 100; ++i) {
    volumes.push_back({{"name", fmt::format("volume-{}", i)},
                       {"server", "nfs"},
                       {"path", "/data"},
                       {"capacity", {{"storage", "1Gi"}}}});
    sources.push_back({{"name", fmt::format("source-{}", i)},
                       {"pingSourceConfiguration", {{"data", R"({"key": "value"})"}}}});
  }
  bj::array containers;
  for (int i = 0; i < 9; ++i) {
    containers.push_back(
        {{"name", fmt::format("side-{}", i)}, {"volumeMounts", mounts("scratch")}});
  }
  containers.push_back({{"name", "web"}, {"volumeMounts", mounts(prefix)}});
  auto capp = a_capp("largest");
  auto& spec = capp["spec"].as_object();
  spec["volumesSpec"] = {{"nfsVolumes", std::move(volumes)}};
  spec["eventSourcesSpec"] = {{"sources", std::move(sources)}};
  spec["configurationSpec"] = {{"template", {{"spec", {{"containers", std::move(containers)}}}}}};
  return capp;
}

// The API server limits the cost of an expression and the length of a message.
TEST(AdmissionByPolicy, CanJudgeTheLargestCapp) {
  Cluster cluster{ControlPlane::shared()};
  AdmissionPolicies policies{cluster};

  const auto mounted = cluster.api.try_create(capp::kCapp, cluster.ns, the_largest_capp("volume"));
  EXPECT_TRUE(mounted) << mounted.error().describe();
  const auto unmounted = cluster.api.try_create(capp::kCapp, cluster.ns, the_largest_capp("other"));
  ASSERT_FALSE(unmounted);
  EXPECT_TRUE(unmounted.error().describe().contains(
      "breaks more rules of docs/reference/admission.md than there is room for here"))
      << unmounted.error().describe();
}

}  // namespace
}  // namespace test
