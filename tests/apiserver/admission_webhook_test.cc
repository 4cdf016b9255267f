// The admission webhooks, called by a real API server as config/webhook installs them.

#include <fmt/format.h>

#include "capp/kinds.h"
#include "capp/names.h"
#include "tests/support/admission_webhooks.h"

namespace test {
namespace {

TEST(AdmissionByWebhook, AnswersAsTheTableSays) {
  Cluster cluster{ControlPlane::shared()};
  AdmissionWebhooks webhooks{cluster};
  for (const auto& each : admission_table()) EXPECT_TRUE(webhooks.answered(each));
}

class Webhooks : public testing::Test {
 protected:
  void configure(std::string_view spec) { webhooks.configure(parse_object(spec)); }
  std::string updated_by(std::string_view name) {
    return annotation(cluster.capp(name), capp::kLastUpdatedByAnnotation);
  }
  std::string resources(std::string_view name) {
    return at(cluster.capp(name), "/spec/configurationSpec/template/spec/containers/0/resources");
  }

  Cluster cluster{ControlPlane::shared()};
  AdmissionWebhooks webhooks{cluster, {"--check-dns"}};
};

TEST_F(Webhooks, SayWhoUpdatedACappLastButNotOfTheOperatorItself) {
  cluster.create_settled(a_capp("web", R"({"metadata": {"annotations": {
      "rcs.dana.io/last-updated-by": "somebody else"}}})"));
  // Its finalizer is the operator's write.
  EXPECT_EQ(at(cluster.capp("web"), "/metadata/finalizers/0"), capp::kFinalizer);
  const std::string author = updated_by("web");
  EXPECT_NE(author, "somebody else");
  EXPECT_FALSE(author.empty());
  EXPECT_FALSE(author.contains("capp-operator")) << author;
}

TEST_F(Webhooks, GiveDefaultResourcesToANewSpecOnly) {
  cluster.create_settled(a_capp("web"));
  configure(R"({"defaultResources": {"requests": {"cpu": "50m"}, "limits": {"memory": "1Gi"}}})");
  const auto web = cluster.key("web");
  cluster.api.merge_patch(capp::kCapp, web, R"({"metadata": {"labels": {"a": "b"}}})");
  EXPECT_EQ(resources("web"), "");
  cluster.api.merge_patch(capp::kCapp, web, R"({"spec": {"scaleMetric": "rps"}})");
  EXPECT_EQ(resources("web"), R"({"limits":{"memory":"1Gi"},"requests":{"cpu":"50m"}})");
}

// With a spec that no rule lets in, since the limit came later.
TEST_F(Webhooks, LetGoWhatIsBeingDeleted) {
  cluster.create_settled(a_capp("web", R"({
      "metadata": {"finalizers": ["example.com/test"]},
      "spec": {"scaleSpec": {"minReplicas": 9}}})"));
  configure(R"({"autoscaleConfig": {"minReplicasLimit": 3}})");
  const auto web = cluster.key("web");
  cluster.api.merge_patch(capp::kCapp, web, R"({"metadata": {"labels": {"a": "b"}}})");
  cluster.api.remove(capp::kCapp, web);
  cluster.api.merge_patch(capp::kCapp, web, R"({"spec": {"site": "elsewhere"}})");
  cluster.api.merge_patch(capp::kCapp, web, R"({"metadata": {"finalizers": null}})");
  EXPECT_TRUE(eventually(
      [&] { return is("web is there", bool(cluster.api.find(capp::kCapp, web)), false); }));
}

TEST_F(Webhooks, SayAllThatIsWrongAtOnceAndCountIt) {
  configure(R"({"autoscaleConfig": {"minReplicasLimit": 3}})");
  const std::string said = refusal_of(cluster, a_capp("web", R"({"spec": {
      "scaleSpec": {"minReplicas": 9},
      "logSpec": {"type": "elastic", "passwordSecret": "../secrets"}}})"));
  EXPECT_TRUE(
      said.contains("spec.scaleSpec.minReplicas: 9: must be less than or equal to global "
                    "min scale 3; spec.logSpec.passwordSecret: \"../secrets\": must be"))
      << said;
  EXPECT_EQ(cluster.op().metric("capp_admission_refusals_total", R"(rule="log-password-secret")"),
            1);
}

// No name of this domain is ever in DNS (RFC 6761): where DNS can be asked it says so, and where it
// cannot, that is no reason to refuse.
TEST_F(Webhooks, LetAHostnameInThatDnsDoesNotKnow) {
  EXPECT_EQ(
      refusal_of(
          cluster,
          a_capp("web", fmt::format(R"({{"spec": {{"routeSpec": {{"hostname": "{}.invalid"}}}}}})",
                                    cluster.ns))),
      "");
}

}  // namespace
}  // namespace test
