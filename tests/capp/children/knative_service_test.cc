#include "capp/children/knative_service.h"

#include <gtest/gtest.h>

#include "tests/capp/builders.h"

namespace capp {
namespace {

boost::json::object wanted_body(const World& world) {
  return only_object(KnativeService().wanted(world)).body;
}

boost::json::value spec_of(const ObjectBuilder& capp) {
  return wanted_body(a_world(capp)).at("spec");
}

boost::json::value template_annotations_of(const WorldBuilder& world) {
  return wanted_body(world).at("spec").at("template").at("metadata").at("annotations");
}

boost::json::value template_annotations_of(const ObjectBuilder& capp) {
  return template_annotations_of(a_world(capp));
}

Health health_of(std::string_view status, std::int64_t generation = 1) {
  const auto service = a_service().with("status", status).with_generation(generation);
  return KnativeService().health(a_world(a_capp("web")), *read(service));
}

TEST(KnativeService, OfAPlainCapp) {
  const auto wanted = only_object(KnativeService().wanted(a_world(a_capp("web"))));
  EXPECT_EQ(*wanted.kind, kKnativeService);
  EXPECT_EQ(wanted.key, (object::Key{.ns = "shop", .name = "web"}));
  EXPECT_THAT(wanted.body, IsJson(R"({
    "apiVersion": "serving.knative.dev/v1",
    "kind": "Service",
    "metadata": {
      "name": "web",
      "namespace": "shop",
      "labels": {"rcs.dana.io/parent-capp": "web", "rcs.dana.io/managed-by": "capp"},
      "annotations": {},
      "ownerReferences": [{
        "apiVersion": "rcs.dana.io/v1alpha1", "kind": "Capp", "name": "web", "uid": "uid-of-web",
        "controller": true, "blockOwnerDeletion": true}]
    },
    "spec": {
      "template": {
        "metadata": {
          "labels": {"rcs.dana.io/parent-capp": "web"},
          "annotations": {
            "autoscaling.knative.dev/class": "kpa.autoscaling.knative.dev",
            "autoscaling.knative.dev/metric": "concurrency",
            "autoscaling.knative.dev/target": "10",
            "autoscaling.knative.dev/activation-scale": "3"}
        },
        "spec": {"containers": [{"name": "app", "image": "app:1"}], "enableServiceLinks": false}
      }
    }
  })"));
}

TEST(KnativeService, OfTheSampleOfBothGenerations) {
  const auto capp = a_capp("web").with("spec", R"({
      "scaleMetric": "concurrency", "site": "", "state": "enabled", "minReplicas": 2,
      "scaleSpec": {"metric": "concurrency", "minReplicas": 0, "maxReplicas": 10,
                    "scaleDelaySeconds": 30},
      "routeSpec": {"trafficTarget": {}, "routeTimeoutSeconds": 60},
      "configurationSpec": {"template": {
          "metadata": {"annotations": {}, "labels": {}, "creationTimestamp": null},
          "spec": {"containers": [{"name": "capp-sample",
              "image": "ghcr.io/dana-team/capp-gin-app:v0.2.0",
              "env": [{"name": "APP_NAME", "value": "capp-env-var"}], "resources": {}}]}}}})");
  EXPECT_THAT(spec_of(capp), IsJson(R"({"template": {
      "metadata": {
        "labels": {"rcs.dana.io/parent-capp": "web"},
        "annotations": {
          "autoscaling.knative.dev/class": "kpa.autoscaling.knative.dev",
          "autoscaling.knative.dev/metric": "concurrency",
          "autoscaling.knative.dev/target": "10",
          "autoscaling.knative.dev/activation-scale": "3",
          "autoscaling.knative.dev/max-scale": "10",
          "autoscaling.knative.dev/scale-down-delay": "30s"}},
      "spec": {
        "containers": [{"name": "capp-sample",
          "image": "ghcr.io/dana-team/capp-gin-app:v0.2.0",
          "env": [{"name": "APP_NAME", "value": "capp-env-var"}], "resources": {}}],
        "enableServiceLinks": false, "timeoutSeconds": 60}}})"));
}

TEST(KnativeService, IsNotWantedWhileDisabled) {
  EXPECT_TRUE(
      KnativeService().wanted(a_world(a_capp("web").with_spec("state", R"("disabled")"))).empty());
}

TEST(KnativeService, CarriesTheCappsAnnotationsButNoBookkeeping) {
  const auto capp = a_capp("web")
                        .with_annotation("team", "shop")
                        .with_annotation("rcs.dana.io/some-feature", "on")
                        .with_annotation("rcs.dana.io/last-updated-by", "jane")
                        .with_annotation("rcs.dana.io/applied-hash", "1-ab")
                        .with_annotation("rcs.dana.io/adopt", "true")
                        .with_annotation("kubectl.kubernetes.io/last-applied-configuration", "{}");
  const auto body = wanted_body(a_world(capp));
  EXPECT_THAT(body.at("metadata").at("annotations"),
              IsJson(R"({"team": "shop", "rcs.dana.io/some-feature": "on"})"));
  const auto& on_template = body.at("spec").at("template").at("metadata").at("annotations");
  EXPECT_THAT(on_template, IsJson(R"({"team": "shop", "rcs.dana.io/some-feature": "on",
      "autoscaling.knative.dev/class": "kpa.autoscaling.knative.dev",
      "autoscaling.knative.dev/metric": "concurrency", "autoscaling.knative.dev/target": "10",
      "autoscaling.knative.dev/activation-scale": "3"})"));
}

TEST(KnativeService, TheTemplatesOwnAnnotationWinsOverTheCappsAndTheDerivedOne) {
  const auto capp = a_capp("web").with_annotation("team", "shop").with("spec", R"({
      "configurationSpec": {"template": {"metadata": {"annotations": {
        "team": "checkout", "autoscaling.knative.dev/target": "99",
        "autoscaling.knative.dev/window": "60s"}}}}})");
  EXPECT_THAT(template_annotations_of(capp), IsJson(R"({"team": "checkout",
      "autoscaling.knative.dev/window": "60s",
      "autoscaling.knative.dev/class": "kpa.autoscaling.knative.dev",
      "autoscaling.knative.dev/metric": "concurrency", "autoscaling.knative.dev/target": "99",
      "autoscaling.knative.dev/activation-scale": "3"})"));
}

TEST(KnativeService, TemplateLabelsAreTheCappsThenItsOwnThenTheParent) {
  const auto capp = a_capp("web")
                        .with_label("team", "shop")
                        .with_label("tier", "front")
                        .with_label("rcs.dana.io/parent-capp", "somebody-else")
                        .with("spec", R"({"configurationSpec": {"template": {"metadata":
                              {"labels": {"tier": "back"}}}}})");
  EXPECT_THAT(spec_of(capp).at("template").at("metadata").at("labels"),
              IsJson(R"({"team": "shop", "tier": "back", "rcs.dana.io/parent-capp": "web"})"));
}

struct MetricCase {
  const char* metric;
  const char* scaling_class;
  const char* target;
};

class KnativeServiceMetric : public testing::TestWithParam<MetricCase> {};

TEST_P(KnativeServiceMetric, DecidesClassAndTarget) {
  const auto& [metric, scaling_class, target] = GetParam();
  const auto annotations = template_annotations_of(
      a_capp("web").with_spec("scaleMetric", "\"" + std::string(metric) + "\""));
  EXPECT_EQ(annotations.at("autoscaling.knative.dev/class"), scaling_class);
  EXPECT_EQ(annotations.at("autoscaling.knative.dev/metric"), metric);
  EXPECT_EQ(annotations.at("autoscaling.knative.dev/target"), target);
}

INSTANTIATE_TEST_SUITE_P(All, KnativeServiceMetric,
                         testing::Values(MetricCase{"concurrency", "kpa.autoscaling.knative.dev",
                                                    "10"},
                                         MetricCase{"rps", "kpa.autoscaling.knative.dev", "200"},
                                         MetricCase{"cpu", "hpa.autoscaling.knative.dev", "80"},
                                         MetricCase{"memory", "hpa.autoscaling.knative.dev", "70"}),
                         [](const auto& tested) { return std::string(tested.param.metric); });

TEST(KnativeService, TargetsFollowTheConfiguration) {
  const Config config{.autoscale = {.rps = 50, .activation_scale = 5}};
  const auto annotations = template_annotations_of(
      a_world(a_capp("web").with_spec("scaleMetric", R"("rps")")).with_config(config));
  EXPECT_EQ(annotations.at("autoscaling.knative.dev/target"), "50");
  EXPECT_EQ(annotations.at("autoscaling.knative.dev/activation-scale"), "5");
}

TEST(KnativeService, AMinimumOfReplicasTakesThePlaceOfTheActivationScale) {
  const auto annotations = template_annotations_of(
      a_capp("web").with_spec("scaleSpec", R"({"minReplicas": 2, "scaleDelaySeconds": 90})"));
  EXPECT_THAT(annotations, IsJson(R"({
      "autoscaling.knative.dev/class": "kpa.autoscaling.knative.dev",
      "autoscaling.knative.dev/metric": "concurrency", "autoscaling.knative.dev/target": "10",
      "autoscaling.knative.dev/min-scale": "2",
      "autoscaling.knative.dev/scale-down-delay": "1m30s"})"));
}

TEST(KnativeService, FieldsThatNobodyHereKnowsPassThrough) {
  const auto capp = a_capp("web").with("spec", R"({"configurationSpec": {"template": {
      "metadata": {"name": "web-v2", "finalizers": ["x"]},
      "spec": {"idleTimeoutSeconds": 5, "zzz": {"deep": [1, {"a": ""}]}}}}})");
  const auto revision = spec_of(capp).at("template");
  EXPECT_EQ(revision.at("metadata").at("name"), "web-v2");
  EXPECT_THAT(revision.at("metadata").at("finalizers"), IsJson(R"(["x"])"));
  EXPECT_THAT(revision.at("spec"), IsJson(R"({"idleTimeoutSeconds": 5,
      "zzz": {"deep": [1, {"a": ""}]}, "enableServiceLinks": false})"));
}

TEST(KnativeService, HasAClaimForEachNfsVolumeThatTheTemplateDoesNotDeclare) {
  const auto capp = a_capp("web").with("spec", R"({
      "volumesSpec": {"nfsVolumes": [{"name": "data"}, {"name": "cache"}]},
      "configurationSpec": {"template": {"spec": {"volumes": [{"name": "cache", "emptyDir": {}}]}}}})");
  EXPECT_THAT(spec_of(capp).at("template").at("spec").at("volumes"), IsJson(R"([
      {"name": "cache", "emptyDir": {}},
      {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}])"));
}

TEST(KnativeService, TheRouteTimeoutWinsOverTheTemplates) {
  const auto capp = a_capp("web").with("spec", R"({"routeSpec": {"routeTimeoutSeconds": 60},
      "configurationSpec": {"template": {"spec": {"timeoutSeconds": 300}}}})");
  EXPECT_EQ(spec_of(capp).at("template").at("spec").at("timeoutSeconds"), 60);
}

// The operator written in Go declared trafficTarget and never read it.
TEST(KnativeService, TrafficGoesToTheTargetThatIsGiven) {
  const auto capp = a_capp("web").with_spec(
      "routeSpec", R"({"trafficTarget": {"revisionName": "web-00001", "tag": ""}})");
  EXPECT_THAT(spec_of(capp).at("traffic"),
              IsJson(R"([{"revisionName": "web-00001", "percent": 100}])"));
}

TEST(KnativeService, TrafficHasThePercentThatIsGiven) {
  const auto capp = a_capp("web").with_spec(
      "routeSpec", R"({"trafficTarget": {"latestRevision": false, "percent": 40}})");
  EXPECT_THAT(spec_of(capp).at("traffic"), IsJson(R"([{"latestRevision": false, "percent": 40}])"));
}

TEST(KnativeService, AnEmptyTrafficTargetCountsAsNotGiven) {
  const auto capp = a_capp("web").with_spec("routeSpec", R"({"trafficTarget": {}})");
  EXPECT_FALSE(spec_of(capp).as_object().contains("traffic"));
}

TEST(KnativeServiceHealth, IsReadyWhenKnativeSaysSoOfTheLatestRevision) {
  const Health health = health_of(kReadyStatus);
  EXPECT_TRUE(health.ready);
  EXPECT_EQ(health.message, "");
}

TEST(KnativeServiceHealth, WithoutConditionsIsNotReady) {
  for (const std::string_view status : {"{}", R"({"conditions": []})", R"({"conditions": null})"}) {
    EXPECT_FALSE(health_of(status).ready) << status;
    EXPECT_EQ(health_of(status).message, "Knative Service web has no conditions yet") << status;
  }
}

TEST(KnativeServiceHealth, ALatestRevisionThatIsNotReadyIsToldInKnativesWords) {
  EXPECT_EQ(health_of(R"({"latestCreatedRevisionName": "web-00002",
                      "latestReadyRevisionName": "web-00001", "conditions": [
                      {"type": "Ready", "status": "False", "message": "Back-off pulling image"}]})")
                .message,
            "Back-off pulling image");
  const Health silent = health_of(R"({"latestCreatedRevisionName": "web-00002",
                                  "conditions": [{"type": "Ready", "status": "True"}]})");
  EXPECT_FALSE(silent.ready);
  EXPECT_EQ(silent.message, "revision web-00002 is not ready yet");
}

TEST(KnativeServiceHealth, KnativesSentenceGoesOnWithTheCauseAndWhoServes) {
  const auto service = a_service().with("status", R"({
      "latestCreatedRevisionName": "web-00002", "latestReadyRevisionName": "web-00001",
      "traffic": [{"revisionName": "web-00001", "percent": 100}],
      "conditions": [{"type": "Ready", "status": "Unknown", "message": "It waits for a Revision."}]})");
  auto revision = ObjectBuilder(kKnativeRevision, "web-00002");
  revision.with_status({{"conditions", boost::json::array{{{"type", "Ready"},
                                                           {"status", "False"},
                                                           {"reason", "ExitCode1"},
                                                           {"message", "it crashed"}}}}});
  EXPECT_EQ(KnativeService().health(a_world(a_capp("web")).with(revision), *read(service)).message,
            "It waits for a Revision; revision web-00002: ExitCode1: it crashed; "
            "users are served by revision web-00001");
}

TEST(KnativeServiceHealth, AReadyThatIsNotTrueIsCarriedOver) {
  const Health health = health_of(
      R"({"conditions": [{"type": "Ready", "status": "Unknown", "reason": "IngressNotConfigured"}]})");
  EXPECT_FALSE(health.ready);
  EXPECT_EQ(health.message, "IngressNotConfigured");
  EXPECT_FALSE(health_of(R"({"conditions": [{"type": "RoutesReady", "status": "True"}]})").ready);
}

TEST(KnativeServiceHealth, AStatusOfAnOlderGenerationSaysNothingOfThisOne) {
  const Health health = health_of(kReadyStatus, 2);
  EXPECT_FALSE(health.ready);
  EXPECT_EQ(health.message, "generation 2 of Knative Service web has not been acted on yet");
}

}  // namespace
}  // namespace capp
