#include "capp/capp.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/capp/builders.h"

namespace capp {
namespace {

TEST(Capp, HasTheSchemaDefaultsWhereNothingIsGiven) {
  const auto capp = capp_of(ObjectBuilder(kCapp, "web"));
  EXPECT_EQ(capp.key.to_string(), "shop/web");
  EXPECT_EQ(capp.uid, kUid);
  EXPECT_EQ(capp.generation, 1);
  EXPECT_EQ(capp.spec.state, State::kEnabled);
  EXPECT_EQ(capp.spec.scale.metric, Metric::kConcurrency);
  EXPECT_EQ(capp.spec.scale.min_replicas, std::nullopt);
  EXPECT_TRUE(capp.spec.configuration.empty());
  EXPECT_TRUE(capp.status.empty());
}

TEST(Capp, TakesWhatTypedGoClientsSendForNothingAsNotGiven) {
  const auto capp = capp_of(a_capp("web")
                                .with("spec", R"({
      "scaleMetric": "cpu", "state": "", "scaleSpec": {}, "logSpec": {}, "volumesSpec": {},
      "eventSourcesSpec": {}, "routeSpec": {"hostname": "", "trafficTarget": {"tag": ""},
      "routeTimeoutSeconds": null}, "configurationSpec":
      {"template": {"metadata": {"creationTimestamp": null}}}})")
                                .with("status", R"({"stateStatus": {"lastChange": null}})"));
  EXPECT_EQ(capp.spec.state, State::kEnabled);
  EXPECT_EQ(capp.spec.scale.metric, Metric::kCpu);
  EXPECT_TRUE(capp.spec.route.traffic_target.empty());
  EXPECT_EQ(capp.spec.route.timeout_seconds, std::nullopt);
  EXPECT_THAT(capp.spec.configuration, IsJson(R"({"template": {"metadata": {}}})"));
}

TEST(Capp, ReadsValuesOfAnotherTypeOrUnknownOnesAsNotGiven) {
  const auto capp = capp_of(a_capp("web").with("spec", R"({"state": 7, "scaleMetric": "latency",
      "scaleSpec": [], "routeSpec": null, "configurationSpec": "no"})"));
  EXPECT_EQ(capp.spec.state, State::kEnabled);
  EXPECT_EQ(capp.spec.scale.metric, Metric::kConcurrency);
  EXPECT_TRUE(capp.spec.configuration.empty());
}

TEST(Capp, ScaleSpecWinsFieldByField) {
  const auto scale = capp_of(a_capp("web").with("spec", R"({"scaleMetric": "cpu", "minReplicas": 2,
      "scaleSpec": {"metric": "rps", "maxReplicas": 10, "scaleDelaySeconds": 90}})"))
                         .spec.scale;
  EXPECT_EQ(scale.metric, Metric::kRps);
  EXPECT_EQ(scale.min_replicas, 2);
  EXPECT_EQ(scale.max_replicas, 10);
  EXPECT_EQ(scale.down_delay, std::chrono::seconds(90));
}

TEST(Capp, ScaleMetricStaysWhereScaleSpecHasNone) {
  const auto scale =
      capp_of(
          a_capp("web").with("spec", R"({"scaleMetric": "cpu", "scaleSpec": {"minReplicas": 3}})"))
          .spec.scale;
  EXPECT_EQ(scale.metric, Metric::kCpu);
  EXPECT_EQ(scale.min_replicas, 3);
}

TEST(Capp, MinReplicasOfScaleSpecWinsEvenWhenItIsZero) {
  const auto scale =
      capp_of(a_capp("web").with("spec", R"({"minReplicas": 2, "scaleSpec": {"minReplicas": 0}})"))
          .spec.scale;
  EXPECT_EQ(scale.min_replicas, std::nullopt);
}

TEST(Capp, ABodyThatIsNoObjectIsAnErrorThatNamesTheCapp) {
  object::Record record;
  record.key = {.ns = "shop", .name = "web"};
  record.body = "[]";
  const auto capp = read_capp(record);
  ASSERT_FALSE(capp.has_value());
  EXPECT_EQ(capp.error().reason, base::Reason::kProtocol);
  EXPECT_THAT(capp.error().message, testing::HasSubstr("shop/web"));
}

TEST(Projections, OfACappDropKubectlsCopyOfTheObject) {
  const auto capp =
      capp_of(a_capp("web")
                  .with_annotation("kubectl.kubernetes.io/last-applied-configuration", "{}")
                  .with_annotation("team", "shop"));
  EXPECT_THAT(capp.annotations, IsJson(R"({"team": "shop"})"));
}

TEST(Projections, OfAChildKeepStatusIdentityAndWhatWeOwn) {
  const auto record = read(a_ready_service());
  EXPECT_THAT(parse_object(record->body), IsJson(fmt::format(R"({{"status": {}}})", kReadyStatus)));
  EXPECT_EQ(record->label("rcs.dana.io/parent-capp"), "web");
  EXPECT_EQ(record->label("rcs.dana.io/managed-by"), "capp");
  EXPECT_EQ(record->controller()->uid, kUid);
  EXPECT_EQ(child_projection({}).field_manager, "capp-operator");
}

}  // namespace
}  // namespace capp
