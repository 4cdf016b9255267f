#include "capp/plan.h"

#include <gtest/gtest.h>

#include "capp/names.h"
#include "tests/capp/passes.h"

namespace capp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

ObjectBuilder disabled(std::string_view name) {
  return a_capp(name).disabled();
}

TEST(Plan, OfANewCappWritesServiceRevisionAndFinalizerInOnePass) {
  const auto capp = ObjectBuilder(kCapp, "web").with_finalizer("else.where/one");
  EXPECT_THAT(lines(plan(a_world(capp))),
              ElementsAre("write Service shop/web", "create CappRevision shop/web-00001",
                          "finalizers else.where/one dana.io/capp-cleanup"));
}

TEST(Plan, LeavesFinalizersAloneWhereOursIsThere) {
  EXPECT_EQ(plan(a_world(a_capp("web"))).finalizers, std::nullopt);
}

TEST(Plan, TellsTheApplierWhoseTheChildrenAre) {
  const auto ownership = plan(a_world(a_capp("web"))).ownership;
  EXPECT_EQ(ownership.controller, (object::OwnerReference{.api_version = "rcs.dana.io/v1alpha1",
                                                          .kind = "Capp",
                                                          .name = "web",
                                                          .uid = std::string(kUid),
                                                          .controller = true}));
  EXPECT_EQ(ownership.identity, (object::Labels{{"rcs.dana.io/managed-by", "capp"},
                                                {"rcs.dana.io/parent-capp", "web"}}));
}

TEST(Plan, OfADisabledCappDeletesTheServiceAndKeepsTheHistory) {
  const auto result = plan(a_world(disabled("web")).with(a_ready_service()));
  EXPECT_THAT(lines(result),
              ElementsAre("delete Service shop/web", "create CappRevision shop/web-00001"));
  EXPECT_EQ(result.unwanted.front().object.uid, "uid-of-web");
}

TEST(Plan, OfADisabledCappKeepsAllButTheService) {
  auto capp = disabled("web").with_hostname("shop").with_tls();
  capp.with_spec("logSpec", R"({"type": "elastic"})")
      .with_spec("volumesSpec", R"({"nfsVolumes": [{"name": "data"}]})")
      .with_spec("eventSourcesSpec", R"({"sources": [
          {"name": "hourly", "pingSourceConfiguration": {}},
          {"name": "orders", "kafkaSourceConfiguration": {"consumers": 3}}]})");
  const auto result = plan(a_world(capp).with_dns().with(a_ready_service()));
  EXPECT_THAT(lines(result),
              ElementsAre("write DomainMapping shop/shop.apps.dev",
                          "write CNAMERecord(G2) shop/shop.apps.dev",
                          "write Certificate shop/shop.apps.dev", "write SyslogNGFlow shop/web",
                          "write SyslogNGOutput shop/web", "write NfsPvc shop/data",
                          "write PingSource shop/web-hourly", "write KafkaSource shop/web-orders",
                          "delete Service shop/web", "create CappRevision shop/web-00001"));
  EXPECT_EQ(result.wanted.back().object.body.at("spec").at("consumers"), 0);
}

TEST(Plan, AConvergedDisabledCappDeletesNothing) {
  EXPECT_THAT(lines(plan(a_world(disabled("web")))),
              ElementsAre("create CappRevision shop/web-00001"));
  EXPECT_THAT(plan(a_world(disabled("web")).with(a_service().terminating())).unwanted, IsEmpty());
}

TEST(Plan, DeletesNothingThatIsNotOurs) {
  const auto of_another_capp = ObjectBuilder(kKnativeService, "web")
                                   .with_label("rcs.dana.io/parent-capp", "web")
                                   .with_label("rcs.dana.io/managed-by", "capp")
                                   .with_owner("uid-of-an-earlier-web");
  const auto of_a_person = ObjectBuilder(kKnativeService, "web-canary");
  const auto adoptable =
      ObjectBuilder(kKnativeService, "web-2").with_annotation("rcs.dana.io/adopt", "true");
  EXPECT_THAT(plan(a_world(disabled("web")).with(of_another_capp).with(of_a_person).with(adoptable))
                  .unwanted,
              IsEmpty());
}

TEST(Plan, AChildOfAnotherNameIsNoLongerWanted) {
  const auto stray = a_service("web-old");
  EXPECT_THAT(lines(plan(a_world(a_capp("web")).with(a_ready_service()).with(stray))),
              ElementsAre("write Service shop/web", "delete Service shop/web-old",
                          "create CappRevision shop/web-00001"));
}

TEST(Plan, ATerminatingChildIsAwaitedNotWritten) {
  EXPECT_THAT(lines(plan(a_world(a_capp("web")).with(a_service().terminating()))),
              ElementsAre("await Service shop/web", "create CappRevision shop/web-00001"));
}

TEST(Plan, AKindThatTheClusterLacksIsNotWritten) {
  EXPECT_THAT(lines(plan(a_world(a_capp("web")).without_kind(kKnativeService))),
              ElementsAre("missing Service shop/web", "create CappRevision shop/web-00001"));
}

}  // namespace
}  // namespace capp
