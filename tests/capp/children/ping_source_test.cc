#include "capp/children/ping_source.h"

#include <gtest/gtest.h>

#include "tests/capp/passes.h"

namespace capp {
namespace {

ObjectBuilder a_capp_with_sources(std::string_view sources) {
  return a_capp("web").with_spec("eventSourcesSpec",
                                 R"({"sources": )" + std::string(sources) + "}");
}

boost::json::value spec_of(std::string_view source) {
  const World& world = a_world(a_capp_with_sources("[" + std::string(source) + "]"));
  return only_object(PingSource().wanted(world)).body.at("spec");
}

TEST(PingSource, OfASchedule) {
  const auto wanted = only_object(PingSource().wanted(a_world(a_capp_with_sources(R"([{
      "name": "hourly", "uri": "/events/ping",
      "pingSourceConfiguration": {"schedule": "0 * * * *", "data": "{\"k\": \"v\"}"}}])"))));
  EXPECT_EQ(*wanted.kind, kPingSource);
  EXPECT_EQ(wanted.key, (object::Key{.ns = "shop", .name = "web-hourly"}));
  EXPECT_THAT(wanted.body, IsJson(R"({
    "apiVersion": "sources.knative.dev/v1",
    "kind": "PingSource",
    "metadata": {
      "name": "web-hourly",
      "namespace": "shop",
      "labels": {"rcs.dana.io/parent-capp": "web", "rcs.dana.io/managed-by": "capp"},
      "ownerReferences": [{
        "apiVersion": "rcs.dana.io/v1alpha1", "kind": "Capp", "name": "web", "uid": "uid-of-web",
        "controller": true, "blockOwnerDeletion": true}]
    },
    "spec": {
      "schedule": "0 * * * *",
      "data": "{\"k\": \"v\"}",
      "contentType": "application/json",
      "sink": {"ref": {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": "web",
                       "namespace": "shop"},
               "uri": "/events/ping"}
    }
  })"));
}

TEST(PingSource, GoesEveryMinuteAndSaysNothingByDefault) {
  EXPECT_THAT(spec_of(R"({"name": "x", "pingSourceConfiguration": {}})"), IsJson(R"({
      "schedule": "* * * * *", "contentType": "application/json",
      "sink": {"ref": {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": "web",
                       "namespace": "shop"}}})"));
}

TEST(PingSource, GoesOnWhileTheCappIsDisabled) {
  const auto capp = a_capp_with_sources(R"([{"name": "x", "pingSourceConfiguration": {}}])");
  EXPECT_EQ(json::canonical(only_object(PingSource().wanted(a_world(capp))).body),
            json::canonical(
                only_object(PingSource().wanted(a_world(ObjectBuilder(capp).disabled()))).body));
}

TEST(PingSource, IsThereForEachSuchEntryOnly) {
  EXPECT_TRUE(PingSource().wanted(a_world(a_capp("web"))).empty());
  EXPECT_TRUE(PingSource()
                  .wanted(a_world(a_capp_with_sources(R"([{"name": "x"}, {"name": "y",
                          "kafkaSourceConfiguration": {"bootstrapServers": ["k:1"],
                          "topics": ["t"]}}])")))
                  .empty());
}

TEST(PingSource, TakenOffTheListIsDeleted) {
  const auto capp = a_capp_with_sources(R"([{"name": "a", "pingSourceConfiguration": {}}])");
  EXPECT_THAT(
      lines(plan(
          a_world(capp).with(a_child(kPingSource, "web-a")).with(a_child(kPingSource, "web-b")))),
      testing::ElementsAre("write Service shop/web", "write PingSource shop/web-a",
                           "delete PingSource shop/web-b", "create CappRevision shop/web-00001"));
}

// behaviour 1, `eventingStatus`.
TEST(PingSource, HasItsReadinessInTheStatusSortedByName) {
  const auto capp = a_capp_with_sources(R"([{"name": "b", "pingSourceConfiguration": {}},
      {"name": "c", "kafkaSourceConfiguration": {"bootstrapServers": ["k:1"], "topics": ["t"]}},
      {"name": "a", "pingSourceConfiguration": {}}])");
  const auto result =
      report_of(a_world(capp)
                    .with(a_child(kPingSource, "web-b").with_ready("False", "no sink"))
                    .with(a_child(kPingSource, "web-a"))
                    .with(a_child(kKafkaSource, "web-c").ready()));
  EXPECT_THAT(result.status.at("eventingStatus"), IsJson(R"({"eventSources": [
      {"name": "web-a", "condition": {"type": "Ready", "status": "Unknown",
                                      "message": "Source readiness not known"}},
      {"name": "web-b", "condition": {"type": "Ready", "status": "False", "message": "no sink"}},
      {"name": "web-c", "condition": {"type": "Ready", "status": "True"}}]})"));
  EXPECT_THAT(conditions(result),
              testing::Contains("EventingReady=False EventingNotReady: no sink; PingSource web-a "
                                "has no conditions yet"));
}

TEST(PingSource, AloneIsSortedByNameToo) {
  const auto capp = a_capp_with_sources(R"([{"name": "b", "pingSourceConfiguration": {}},
                                            {"name": "a", "pingSourceConfiguration": {}}])");
  const auto result = report_of(a_world(capp)
                                    .with(a_child(kPingSource, "web-b").ready())
                                    .with(a_child(kPingSource, "web-a").ready()));
  const auto& sources = result.status.at("eventingStatus").at("eventSources");
  EXPECT_EQ(sources.at(0).at("name"), "web-a");
  EXPECT_EQ(sources.at(1).at("name"), "web-b");
}

}  // namespace
}  // namespace capp
