// What becomes of a Capp in its Knative Service (behaviour 2, "Knative Service").

#include <fmt/format.h>

#include "capp/kinds.h"
#include "json/value.h"
#include "tests/support/cluster.h"

namespace test {
namespace {

using capp::kCapp;

class KnativeService : public SharedCluster {
 protected:
  void change(std::string_view merge_patch) {
    api.merge_patch(kCapp, cluster.key("web"), merge_patch);
  }
  Api::Object service() { return cluster.service("web"); }
  Api::Object template_metadata() {
    return json::object_or_empty(service(), {"spec", "template", "metadata"});
  }
  std::string autoscaling(std::string_view key) {
    return at(template_metadata(), fmt::format("/annotations/autoscaling.knative.dev~1{}", key));
  }
  testing::AssertionResult traffic_is(std::string_view targets) {
    return is("traffic", at(service(), "/spec/traffic"), targets);
  }
};

TEST_F(KnativeService, CarriesAllAnnotationsButTheBookkeeping) {
  cluster.create_settled(a_capp("web", R"({
    "metadata": {"labels": {"team": "blue"},
                 "annotations": {"example.com/note": "x", "rcs.dana.io/has-placement": "north",
                                 "rcs.dana.io/last-updated-by": "somebody",
                                 "kubectl.kubernetes.io/restartedAt": "today"}},
    "spec": {"configurationSpec": {"template": {"metadata": {
      "annotations": {"example.com/note": "of the template"}, "labels": {"tier": "front"}}}}}})"));
  const auto made = service();
  EXPECT_EQ(annotation(made, "example.com/note"), "x");
  EXPECT_EQ(annotation(made, "rcs.dana.io/has-placement"), "north");
  EXPECT_EQ(at(template_metadata(), "/annotations/example.com~1note"), "of the template");
  EXPECT_EQ(at(template_metadata(), "/annotations/rcs.dana.io~1has-placement"), "north");
  for (const char* key : {"rcs.dana.io/last-updated-by", "kubectl.kubernetes.io/restartedAt"}) {
    EXPECT_EQ(annotation(made, key), "");
    EXPECT_FALSE(at(template_metadata(), "/annotations").contains(key));
  }
  EXPECT_EQ(json::object_or_empty(template_metadata(), {"labels"}),
            parse_object(R"({"team": "blue", "tier": "front", "rcs.dana.io/parent-capp": "web"})"));
}

// ecosystem 4.3.14: its metadata stayed as it was created.
TEST_F(KnativeService, FollowsTheCappsMetadata) {
  cluster.create_settled(a_capp(
      "web", R"({"metadata": {"annotations": {"example.com/a": "1", "example.com/b": "1"}}})"));
  change(R"({"metadata": {"annotations": {"example.com/a": "2", "example.com/b": null}}})");
  EXPECT_TRUE(
      eventually([&] { return is("annotation", annotation(service(), "example.com/a"), "2"); }));
  EXPECT_EQ(annotation(service(), "example.com/b"), "");
  EXPECT_EQ(at(template_metadata(), "/annotations/example.com~1b"), "");
}

// ecosystem 4.3.15: it was declared and never read.
TEST_F(KnativeService, SendsTrafficWhereTheCappSays) {
  cluster.create_settled(a_capp("web"));
  EXPECT_TRUE(traffic_is(""));
  change(R"({"spec": {"routeSpec": {"trafficTarget": {"revisionName": "web-00001"}}}})");
  EXPECT_TRUE(
      eventually([&] { return traffic_is(R"([{"percent":100,"revisionName":"web-00001"}])"); }));
  change(R"({"spec": {"routeSpec": {"trafficTarget": {"revisionName": null}}}})");
  EXPECT_TRUE(eventually([&] { return traffic_is(""); }));
}

// behaviour 1: scaleSpec has no default for the metric, so that the older field stays in force.
TEST_F(KnativeService, ScalesAsBothGenerationsOfTheApiSay) {
  cluster.create_settled(a_capp("web", R"({"spec": {"scaleMetric": "cpu",
    "scaleSpec": {"minReplicas": 3, "maxReplicas": 7, "scaleDelaySeconds": 90}}})"));
  EXPECT_EQ(autoscaling("class"), "hpa.autoscaling.knative.dev");
  EXPECT_EQ(autoscaling("metric"), "cpu");
  EXPECT_EQ(autoscaling("target"), "80");
  EXPECT_EQ(autoscaling("min-scale"), "3");
  EXPECT_EQ(autoscaling("max-scale"), "7");
  EXPECT_EQ(autoscaling("scale-down-delay"), "1m30s");
  EXPECT_EQ(autoscaling("activation-scale"), "");
  EXPECT_EQ(at(cluster.capp("web"), "/status/autoscaleType"), "cpu");
}

// Two writes of its template would make two revisions of Knative.
TEST_F(KnativeService, IsWrittenOnceForOneChange) {
  cluster.create_settled(a_capp("web"));
  cluster.audit.restart();
  change(R"({"metadata": {"annotations": {"example.com/note": "x"}},
             "spec": {"scaleMetric": "rps", "routeSpec": {"routeTimeoutSeconds": 60},
                      "volumesSpec": {"nfsVolumes": [{"name": "data", "server": "nfs.example.com",
                        "path": "/data", "capacity": {"storage": "1Gi"}}]}}})");
  // The Service, the claim and its event, the revision and the status.
  EXPECT_TRUE(cluster.writes_stay_at(5));
  EXPECT_EQ(cluster.writes().of("patch", "services").size(), 1U);
  EXPECT_EQ(at(service(), "/spec/template/spec/timeoutSeconds"), "60");
  EXPECT_EQ(at(service(), "/spec/template/spec/volumes/0/name"), "data");
  EXPECT_EQ(autoscaling("metric"), "rps");
}

}  // namespace
}  // namespace test
