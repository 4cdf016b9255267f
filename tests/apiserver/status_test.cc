// The status tells the truth (behaviour 1, "Status"). The test plays Knative's controller.

#include <boost/json/serialize.hpp>

#include "capp/kinds.h"
#include "tests/support/cluster.h"

namespace test {
namespace {

using capp::kKnativeRevision;
using capp::kKnativeService;

class Status : public SharedCluster {
 protected:
  void SetUp() override {
    SharedCluster::SetUp();
    cluster.create_settled(a_capp("web"));
  }

  void knative_says(std::string_view status) {
    api.merge_patch(kKnativeService, web, R"({"status": )" + std::string(status) + "}", "status");
  }
  testing::AssertionResult ready(std::string_view status, std::string_view reason,
                                 std::string_view message) {
    const auto capp = cluster.capp("web");
    const auto seen = has_condition(capp, "Ready", status, reason);
    return seen ? is("message", condition(capp, "Ready").message, message) : seen;
  }

  static constexpr std::string_view kReadyStatus = R"({"observedGeneration": 1,
    "url": "http://web.example.com", "latestCreatedRevisionName": "web-00001",
    "latestReadyRevisionName": "web-00001", "conditions": [{"type": "Ready", "status": "True"}]})";

  object::Key web = cluster.key("web");
};

TEST_F(Status, WithoutAWordFromKnativeACappIsNotReady) {
  EXPECT_TRUE(
      ready("False", "KnativeServiceNotReady", "Knative Service web has no conditions yet"));
}

TEST_F(Status, FollowsWhatKnativeSays) {
  knative_says(kReadyStatus);
  EXPECT_TRUE(eventually([&] { return ready("True", "Ready", ""); }));
  EXPECT_TRUE(has_condition(cluster.capp("web"), "KnativeServiceReady", "True", "Ready"));
  EXPECT_EQ(at(cluster.capp("web"), "/status/knativeObjectStatus"),
            at(cluster.service("web"), "/status"));

  knative_says(R"({"latestCreatedRevisionName": "web-00002"})");
  EXPECT_TRUE(eventually([&] {
    return ready("False", "KnativeServiceNotReady", "revision web-00002 is not ready yet");
  }));

  knative_says(R"({"latestCreatedRevisionName": "web-00001", "conditions": [
    {"type": "Ready", "status": "False", "reason": "RevisionFailed", "message": "no such image"}]})");
  EXPECT_TRUE(
      eventually([&] { return ready("False", "KnativeServiceNotReady", "no such image"); }));
}

TEST_F(Status, AnOldGenerationsReadinessDoesNotCount) {
  knative_says(kReadyStatus);
  ASSERT_TRUE(eventually([&] { return ready("True", "Ready", ""); }));
  api.merge_patch(capp::kCapp, web, R"({"spec": {"scaleMetric": "rps"}})");
  EXPECT_TRUE(eventually([&] {
    const auto capp = cluster.capp("web");
    const auto seen = is("observedGeneration", at(capp, "/status/observedGeneration"), "2");
    return seen ? has_condition(capp, "Ready", "False", "KnativeServiceNotReady") : seen;
  }));
}

TEST_F(Status, TheTransitionTimeMovesOnlyWithTheStatus) {
  knative_says(kReadyStatus);
  ASSERT_TRUE(eventually([&] { return ready("True", "Ready", ""); }));
  // Long ago, as if time had passed: a write that moves it would show.
  auto conditions = cluster.capp("web").at("status").at("conditions");
  for (auto& entry : conditions.as_array()) {
    entry.as_object()["lastTransitionTime"] = "2001-02-03T04:05:06Z";
  }
  api.merge_patch(capp::kCapp, web,
                  boost::json::serialize(
                      boost::json::object{{"status", {{"conditions", std::move(conditions)}}}}),
                  "status");

  knative_says(R"({"url": "http://other.example.com"})");
  EXPECT_TRUE(eventually([&] {
    return is("url", at(cluster.capp("web"), "/status/knativeObjectStatus/url"),
              "http://other.example.com");
  }));
  EXPECT_EQ(condition(cluster.capp("web"), "Ready").last_transition_time, "2001-02-03T04:05:06Z");

  knative_says(R"({"conditions": [{"type": "Ready", "status": "False"}]})");
  EXPECT_TRUE(eventually([&] {
    return has_condition(cluster.capp("web"), "Ready", "False", "KnativeServiceNotReady");
  }));
  EXPECT_NE(condition(cluster.capp("web"), "Ready").last_transition_time, "2001-02-03T04:05:06Z");
}

TEST_F(Status, ListsTheKnativeRevisions) {
  for (const std::string name : {"web-00002", "web-00001"}) {
    api.create(kKnativeRevision, cluster.ns,
               parse_object(R"({
      "apiVersion": "serving.knative.dev/v1", "kind": "Revision",
      "metadata": {"name": ")" +
                            name + R"(", "labels": {"serving.knative.dev/configuration": "web"}},
      "spec": {"containers": [{"image": "example.com/a"}]}})"));
  }
  api.merge_patch(kKnativeRevision, cluster.key("web-00001"),
                  R"({"status": {"conditions": [{"type": "Ready", "status": "True"}]}})", "status");
  EXPECT_TRUE(eventually([&] {
    return is("revisions", at(cluster.capp("web"), "/status/revisions"),
              R"([{"name":"web-00001","revisionsStatus":{"conditions":)"
              R"([{"status":"True","type":"Ready"}]}},{"name":"web-00002"}])");
  }));
  api.remove(kKnativeRevision, cluster.key("web-00001"));
  EXPECT_TRUE(eventually([&] {
    return is("revisions", at(cluster.capp("web"), "/status/revisions"),
              R"([{"name":"web-00002"}])");
  }));
}

// Whatever somebody writes there.
TEST_F(Status, IsPutRight) {
  api.merge_patch(capp::kCapp, web, R"({"status": {"conditions": null, "autoscaleType": "x"}})",
                  "status");
  EXPECT_TRUE(eventually([&] { return cluster.settled("web"); }));
  EXPECT_EQ(at(cluster.capp("web"), "/status/autoscaleType"), "concurrency");
}

}  // namespace
}  // namespace test
