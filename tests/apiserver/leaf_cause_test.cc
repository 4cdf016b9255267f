// Why a Revision is not ready, and who serves meanwhile (behaviour 1, "Status"; issue 4, "Leaf
// causes"). The test plays Knative's controller, the scheduler and the kubelet.

#include <ostream>
#include <string>

#include <fmt/format.h>

#include "capp/kinds.h"
#include "tests/support/cluster.h"

namespace test {
namespace {

using capp::kKnativeRevision;
using capp::kKnativeService;
using capp::kPod;
using namespace std::chrono_literals;

constexpr object::Kind kServiceAccount{"", "v1", "ServiceAccount", "serviceaccounts"};

// What the Service says while its second revision fails and the first serves.
constexpr std::string_view kFailing = R"({"observedGeneration": 1,
    "latestCreatedRevisionName": "web-00002", "latestReadyRevisionName": "web-00001",
    "traffic": [{"revisionName": "web-00001", "percent": 100, "latestRevision": true}],
    "conditions": [{"type": "Ready", "status": "False", "reason": "RevisionFailed",
                    "message": "Revision \"web-00002\" failed"}]})";
constexpr std::string_view kServing = R"({"observedGeneration": 1,
    "latestCreatedRevisionName": "web-00002", "latestReadyRevisionName": "web-00002",
    "conditions": [{"type": "Ready", "status": "True"}]})";
constexpr std::string_view kUnready =
    R"({"conditions": [{"type": "Ready", "status": "False", "reason": "Failed"}]})";

class LeafCause : public SharedCluster {
 protected:
  void SetUp() override {
    SharedCluster::SetUp();
    // No pod is made without.
    api.apply(kServiceAccount, cluster.key("default"), parse_object(R"({
      "apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}})"));
    cluster.create_settled(a_capp("web"));
  }

  void knative_says(const object::Kind& kind, std::string_view name, std::string_view status) {
    api.merge_patch(kind, cluster.key(name), fmt::format(R"({{"status": {}}})", status), "status");
  }
  void create_revision(std::string_view status) {
    api.create(kKnativeRevision, cluster.ns, parse_object(R"({
      "apiVersion": "serving.knative.dev/v1", "kind": "Revision", "metadata": {
        "name": "web-00002", "labels": {"serving.knative.dev/configuration": "web"}},
      "spec": {"containers": [{"image": "example.com/web"}]}})"));
    knative_says(kKnativeRevision, "web-00002", status);
  }
  void create_pod(std::string_view status) {
    api.create(kPod, cluster.ns, parse_object(R"({
      "apiVersion": "v1", "kind": "Pod", "metadata": {
        "name": "web-00002-a", "labels": {"serving.knative.dev/revision": "web-00002"}},
      "spec": {"containers": [{"name": "web", "image": "example.com/web"}]}})"));
    knative_says(kPod, "web-00002-a", status);
  }
  // Of Ready and of the Service's own condition, which agree.
  testing::AssertionResult told(std::string_view words) {
    const auto capp = cluster.capp("web");
    const auto seen = has_condition(capp, "Ready", "False", "KnativeServiceNotReady");
    if (!seen) return seen;
    const std::string message = condition(capp, "Ready").message;
    EXPECT_EQ(condition(capp, "KnativeServiceReady").message, message);
    return message.contains(words) ? testing::AssertionSuccess()
                                   : testing::AssertionFailure() << message;
  }
  Requests pod_lists() { return cluster.audit.of_operator().in(cluster.ns).of("list", "pods"); }
};

struct Failure {
  const char* name;
  std::string_view pod;    // its status
  std::string_view words;  // what is told of it
};

std::ostream& operator<<(std::ostream& out, const Failure& failure) {
  return out << failure.name;
}

class OfAPod : public LeafCause, public testing::WithParamInterface<Failure> {};

TEST_P(OfAPod, IsToldWithWhoServes) {
  create_pod(GetParam().pod);
  create_revision(kUnready);
  knative_says(kKnativeService, "web", kFailing);
  EXPECT_TRUE(eventually([&] { return told(GetParam().words); }));
  EXPECT_TRUE(told(R"(Revision "web-00002" failed)"));
  EXPECT_TRUE(told("users are served by revision web-00001"));
}

INSTANTIATE_TEST_SUITE_P(
    LeafCause, OfAPod,
    testing::Values(
        Failure{.name = "Image",
                .pod = R"({"containerStatuses": [{"name": "web", "image": "example.com/web",
                    "imageID": "", "ready": false, "restartCount": 0, "state": {"waiting": {
                      "reason": "ErrImagePull", "message": "not found"}}}]})",
                .words = R"(the image "example.com/web" of container "web" cannot be pulled: )"
                         R"(ErrImagePull: not found)"},
        Failure{.name = "Crash",
                .pod = R"({"containerStatuses": [{"name": "web", "image": "example.com/web",
                    "imageID": "", "ready": false, "restartCount": 4,
                    "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                    "lastState": {"terminated": {"exitCode": 3, "reason": "Error"}}}]})",
                .words = R"(container "web" exited with code 3)"},
        Failure{
            .name = "Unschedulable",
            .pod = R"({"conditions": [{"type": "PodScheduled", "status": "False",
                    "reason": "Unschedulable", "message": "0/3 nodes have enough memory"}]})",
            .words = "the pod cannot be scheduled: Unschedulable: 0/3 nodes have enough memory"},
        Failure{.name = "MissingSecret",
                .pod = R"({"containerStatuses": [{"name": "web", "image": "example.com/web",
                    "imageID": "", "ready": false, "restartCount": 0, "state": {"waiting": {
                      "reason": "CreateContainerConfigError",
                      "message": "secret \"creds\" not found"}}}]})",
                .words = R"(CreateContainerConfigError: secret "creds" not found)"},
        Failure{.name = "Probe",
                .pod = R"({"containerStatuses": [{"name": "web", "image": "example.com/web",
                    "imageID": "", "ready": false, "started": true, "restartCount": 0,
                    "state": {"running": {"startedAt": "2026-01-02T03:04:05Z"}}}]})",
                .words = R"(container "web" runs, but does not pass its readiness probe)"}),
    [](const auto& tested) { return tested.param.name; });

// A quota keeps pods from being made at all.
TEST_F(LeafCause, WithoutPodsTheRevisionTells) {
  create_revision(R"({"conditions": [
    {"type": "ResourcesAvailable", "status": "False", "reason": "FailedCreate",
     "message": "pods is forbidden: exceeded quota: small"},
    {"type": "Ready", "status": "False", "reason": "FailedCreate"}]})");
  knative_says(kKnativeService, "web", kFailing);
  EXPECT_TRUE(eventually([&] {
    return told("revision web-00002: FailedCreate: pods is forbidden: exceeded quota: small");
  }));
}

TEST_F(LeafCause, ThatUsersAreAffectedIsTold) {
  create_revision(kUnready);
  knative_says(kKnativeService, "web", kFailing);
  knative_says(kKnativeService, "web", R"({"traffic": null})");
  EXPECT_TRUE(eventually([&] { return told("no revision serves yet"); }));
  knative_says(kKnativeService, "web",
               R"({"traffic": [{"revisionName": "web-00002", "percent": 100}]})");
  EXPECT_TRUE(eventually(
      [&] { return told("users may be affected: revision web-00002 gets 100% of the traffic"); }));
}

// What changes only in a pod is nobody's news: it is asked for again, ever more seldom.
TEST_F(LeafCause, IsAskedForAgainWhileTheRevisionFails) {
  create_pod(R"({"conditions": [{"type": "PodScheduled", "status": "False",
                 "reason": "Unschedulable"}]})");
  create_revision(kUnready);
  knative_says(kKnativeService, "web", kFailing);
  ASSERT_TRUE(eventually([&] { return told("the pod cannot be scheduled"); }));
  knative_says(kPod, "web-00002-a", R"({"conditions": [{"type": "PodScheduled", "status": "True"}],
    "containerStatuses": [{"name": "web", "image": "example.com/web", "imageID": "",
      "ready": false, "restartCount": 1, "state": {"terminated": {"exitCode": 7}}}]})");
  EXPECT_TRUE(eventually([&] { return told(R"(container "web" exited with code 7)"); }));
}

// Pods of a whole cluster are too many to hold: they are asked for where they can tell something.
TEST_F(LeafCause, PodsAreListedOnlyWhileARevisionFailsAndNeverWatched) {
  EXPECT_TRUE(pod_lists().empty()) << pod_lists().describe();
  create_pod("{}");
  create_revision(kUnready);
  knative_says(kKnativeService, "web", kFailing);
  ASSERT_TRUE(eventually([&] { return is("no list of pods", pod_lists().empty(), false); }));
  EXPECT_TRUE(pod_lists().front().uri.contains("labelSelector=")) << pod_lists().describe();

  knative_says(kKnativeRevision, "web-00002",
               R"({"conditions": [{"type": "Ready", "status": "True"}]})");
  knative_says(kKnativeService, "web", kServing);
  ASSERT_TRUE(
      eventually([&] { return has_condition(cluster.capp("web"), "Ready", "True", "Ready"); }));
  cluster.audit.restart();
  // Longer than the first pause between two lists.
  EXPECT_TRUE(throughout(6s, [&] { return is("lists of pods", pod_lists().size(), 0U); }));

  // A watch is logged when it ends.
  cluster.stop_operator();
  EXPECT_TRUE(eventually([&] {
    const auto watches = cluster.audit.of_operator();
    return is("a watch of Capps is logged", watches.of("watch", "capps").empty(), false);
  }));
  EXPECT_TRUE(cluster.audit.of_operator().of("watch", "pods").empty());
}

}  // namespace
}  // namespace test
