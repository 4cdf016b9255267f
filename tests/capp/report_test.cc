#include "capp/report.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/capp/passes.h"

namespace capp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

ObjectBuilder disabled() {
  return a_capp("web").with_spec("state", R"("disabled")");
}

// The same Capp with the status that `report` asks for.
ObjectBuilder after(ObjectBuilder capp, const Report& report) {
  return capp.with_status(report.status);
}

TEST(Report, OfAReadyCapp) {
  const auto revision = [](std::string_view name) {
    return ObjectBuilder(kKnativeRevision, name)
        .with_label("serving.knative.dev/configuration", "web");
  };
  const auto result =
      report_of(a_world(a_capp("web").with_generation(3))
                    .with(a_ready_service())
                    .with(revision("web-00002"))
                    .with(revision("web-00001").with("status", R"({"actualReplicas": 1})")));
  EXPECT_THAT(result.status, IsJson(R"({
    "knativeObjectStatus": {
      "observedGeneration": 1, "url": "https://web.shop.example",
      "latestCreatedRevisionName": "web-00001", "latestReadyRevisionName": "web-00001",
      "conditions": [{"type": "Ready", "status": "True"}]},
    "revisions": [{"name": "web-00001", "revisionsStatus": {"actualReplicas": 1}},
                  {"name": "web-00002"}],
    "stateStatus": {"state": "enabled", "lastChange": "2026-11-23T04:00:00Z"},
    "autoscaleType": "concurrency",
    "conditions": [
      {"type": "Ready", "status": "True", "reason": "Ready", "message": "",
       "lastTransitionTime": "2026-11-23T04:00:00Z", "observedGeneration": 3},
      {"type": "KnativeServiceReady", "status": "True", "reason": "Ready", "message": "",
       "lastTransitionTime": "2026-11-23T04:00:00Z", "observedGeneration": 3}],
    "observedGeneration": 3
  })"));
  EXPECT_THAT(events(result), IsEmpty());
}

TEST(Report, OfANewCappHasNoFieldWithNothingToSay) {
  const auto result =
      report_of(a_world(a_capp("web")), {.service = became(What::kCreated, a_service())});
  EXPECT_FALSE(result.status.contains("knativeObjectStatus"));
  EXPECT_FALSE(result.status.contains("revisions"));
  EXPECT_THAT(
      conditions(result),
      ElementsAre(
          "Ready=False KnativeServiceNotReady: Knative Service web has no conditions yet",
          "KnativeServiceReady=False KnativeServiceNotReady: Knative Service web has no conditions "
          "yet"));
}

TEST(Report, AServiceThatNobodyHasSeenYetIsToldLikeOneWithoutStatus) {
  const World& world = a_world(a_capp("web"));
  EXPECT_EQ(conditions(report_of(world, {.service = became(What::kCreated)})),
            conditions(report_of(world, {.service = became(What::kCreated, a_service())})));
}

TEST(Report, AutoscaleTypeIsTheMetricInEffect) {
  const auto capp = a_capp("web").with_spec("scaleSpec", R"({"metric": "rps"})");
  EXPECT_EQ(report_of(a_world(capp)).status.at("autoscaleType"), "rps");
}

TEST(Report, LinksToTheConsoleWhereThereIsOne) {
  const auto links = [](std::string_view host) {
    return report_of(a_world(a_capp("web")).with_console(host)).status.at("applicationLinks");
  };
  EXPECT_THAT(links("console-openshift-console.apps.north.example.com"), IsJson(R"({
      "consoleLink": "console-openshift-console.apps.north.example.com", "site": "north"})"));
  EXPECT_THAT(links("console.example"), IsJson(R"({"consoleLink": "console.example"})"));
  EXPECT_FALSE(report_of(a_world(a_capp("web"))).status.contains("applicationLinks"));
}

TEST(Report, TheAnswerToTheWriteIsNewerThanWhatWasObserved) {
  const auto answer = a_service().with("status", R"({"url": "https://new"})");
  const auto result = report_of(a_world(a_capp("web")).with(a_ready_service()),
                                {.service = became(What::kUpdated, answer)});
  EXPECT_THAT(result.status.at("knativeObjectStatus"), IsJson(R"({"url": "https://new"})"));
}

TEST(Report, AFailedWriteOfAServiceThatWorksStillShowsItsStatus) {
  const auto result = report_of(a_world(a_capp("web")).with(a_ready_service()),
                                {.service = failed("denied the request: timeoutSeconds > 600")});
  EXPECT_EQ(result.status.at("knativeObjectStatus").at("url"), "https://web.shop.example");
  EXPECT_THAT(
      conditions(result),
      ElementsAre("Ready=False ResourceSyncFailed: denied the request: timeoutSeconds > 600",
                  "KnativeServiceReady=False ResourceSyncFailed: denied the request: "
                  "timeoutSeconds > 600"));
}

TEST(Report, SomebodyElsesServiceLendsNoStatus) {
  auto refused = failed("Service shop/web belongs to Capp other");
  refused.record = read(ObjectBuilder(kKnativeService, "web").with("status", kReadyStatus));
  const auto result = report_of(a_world(a_capp("web")), {.service = refused});
  EXPECT_FALSE(result.status.contains("knativeObjectStatus"));
  EXPECT_THAT(conditions(result).front(),
              "Ready=False ResourceSyncFailed: Service shop/web belongs to Capp other");
}

TEST(Report, TheServiceOfAnEarlierCappOfThatNameLendsNoStatus) {
  const auto earlier = ObjectBuilder(kKnativeService, "web")
                           .with_label("rcs.dana.io/parent-capp", "web")
                           .with_label("rcs.dana.io/managed-by", "capp")
                           .with_owner("uid-of-an-earlier-web")
                           .with("status", kReadyStatus);
  const auto result =
      report_of(a_world(a_capp("web")).with(earlier), {.service = failed("it has an owner")});
  EXPECT_FALSE(result.status.contains("knativeObjectStatus"));
}

TEST(Ready, TellsOfEverythingThatCouldNotBeWritten) {
  const auto result = report_of(
      a_world(a_capp("web")), {.service = failed("no Service"), .revision = failed("no history")});
  EXPECT_THAT(conditions(result),
              ElementsAre("Ready=False ResourceSyncFailed: no Service; no history",
                          "KnativeServiceReady=False ResourceSyncFailed: no Service"));
}

TEST(Ready, AWriteThatIsBackingOffIsAsFailedAsBefore) {
  const World& world = a_world(a_capp("web"));
  EXPECT_EQ(conditions(report_of(world, {.service = failed("quota", What::kWaiting)})),
            conditions(report_of(world, {.service = failed("quota", What::kFailed)})));
}

TEST(Ready, AHistoryThatCannotBeStoredIsTold) {
  const auto result =
      report_of(a_world(a_capp("web")).with(a_ready_service()), {.revision = failed("forbidden")});
  EXPECT_THAT(conditions(result), ElementsAre("Ready=False ResourceSyncFailed: forbidden",
                                              "KnativeServiceReady=True Ready"));
}

// The operator written in Go cut the message and then appended to it: its own status was refused.
TEST(Ready, ALongMessageIsCutToWhatTheApiAccepts) {
  const auto result =
      report_of(a_world(a_capp("web")), {.service = failed(std::string(40000, 'x'))});
  EXPECT_EQ(result.status.at("conditions").at(0).at("message").as_string().size(), 32768U);
}

TEST(Ready, AMissingKindIsNamedInBothConditions) {
  const auto result = report_of(a_world(a_capp("web")).without_kind(kKnativeService));
  const std::string message =
      "the CustomResourceDefinition services.serving.knative.dev is not installed";
  EXPECT_THAT(conditions(result),
              ElementsAre("Ready=False ResourceSyncFailed: " + message,
                          "KnativeServiceReady=False DependencyMissing: " + message));
}

TEST(Ready, ATerminatingServiceIsToldAsSuch) {
  const std::string message =
      "Service shop/web is being deleted and is created again when it is gone";
  const std::vector<std::string> told{"Ready=False KnativeServiceNotReady: " + message,
                                      "KnativeServiceReady=False Terminating: " + message};
  EXPECT_EQ(conditions(report_of(a_world(a_capp("web")).with(a_ready_service().terminating()))),
            told);
  // The same, where only the applier has seen it.
  EXPECT_EQ(conditions(report_of(a_world(a_capp("web")),
                                 {.service = became(What::kWaiting, a_service().terminating())})),
            told);
}

TEST(Ready, CarriesKnativesMessageOver) {
  const auto service = a_service().with("status", R"({"conditions": [
      {"type": "Ready", "status": "False", "message": "quota exceeded"}]})");
  EXPECT_THAT(conditions(report_of(a_world(a_capp("web")).with(service))).front(),
              "Ready=False KnativeServiceNotReady: quota exceeded");
}

TEST(Ready, OfADisabledCappIsDisabled) {
  const std::string message = "the Capp is disabled: its Knative Service is deleted";
  EXPECT_THAT(conditions(report_of(a_world(disabled()))),
              ElementsAre("Ready=False Disabled: " + message,
                          "KnativeServiceReady=False Disabled: " + message));
  EXPECT_THAT(conditions(report_of(a_world(disabled()).without_kind(kKnativeService))).front(),
              "Ready=False Disabled: " + message);
}

TEST(Ready, OfADisabledCappWhoseServiceStaysTellsWhy) {
  const auto result = report_of(a_world(disabled()).with(a_ready_service()),
                                {.deletion = failed("delete is forbidden")});
  EXPECT_THAT(conditions(result),
              ElementsAre("Ready=False ResourceSyncFailed: delete is forbidden",
                          "KnativeServiceReady=False ResourceSyncFailed: delete is forbidden"));
}

TEST(Ready, OfADisabledCappWhoseServiceIsStillGoingIsDisabled) {
  auto held = failed("it is being deleted", What::kWaiting);
  held.record = read(a_service().terminating());
  EXPECT_THAT(conditions(report_of(a_world(disabled()).with(a_ready_service()), {.deletion = held}))
                  .front(),
              "Ready=False Disabled: the Capp is disabled: its Knative Service is deleted");
}

// Somebody changed the Capp meanwhile, and that brings the next pass.
TEST(Ready, AFinalizerThatMetANewerCappIsNoFailure) {
  const auto capp = ObjectBuilder(kCapp, "web").with("spec", "{}");
  const auto told = [&](base::Reason reason) {
    return conditions(report_of(a_world(capp).with(a_ready_service()),
                                {.finalizers = failed("refused", What::kFailed, reason)}))
        .front();
  };
  EXPECT_EQ(told(base::Reason::kConflict), "Ready=True Ready");
  EXPECT_EQ(told(base::Reason::kForbidden), "Ready=False ResourceSyncFailed: refused");
}

TEST(Conditions, MoveTheirTransitionTimeOnlyWithTheStatusValue) {
  const auto capp = a_capp("web");
  const auto first = report_of(a_world(capp), {.service = failed("quota")});
  const auto other_reason =
      report_of(a_world(after(capp, first)).with(a_service()).at("2026-11-23T05:00:00Z"));
  EXPECT_EQ(other_reason.status.at("conditions").at(0).at("lastTransitionTime"), kNow.data());
  const auto ready = report_of(
      a_world(after(capp, other_reason)).with(a_ready_service()).at("2026-11-23T06:00:00Z"));
  EXPECT_EQ(ready.status.at("conditions").at(0).at("lastTransitionTime"), "2026-11-23T06:00:00Z");
}

TEST(Events, TellThatAServiceWasCreated) {
  const auto result =
      report_of(a_world(a_capp("web")), {.service = became(What::kCreated, a_service())});
  EXPECT_THAT(events(result),
              ElementsAre("Normal KnativeServiceCreated Create: Created Service shop/web"));
}

TEST(Events, TellWhyAServiceWasNotCreated) {
  EXPECT_THAT(events(report_of(a_world(a_capp("web")), {.service = failed("quota")})),
              ElementsAre("Warning KnativeServiceCreationFailed Create: quota"));
}

TEST(Events, ARefusedChangeOfAServiceThatExistsIsNoFailedCreation) {
  const auto world = a_world(a_capp("web")).with(a_ready_service());
  EXPECT_THAT(events(report_of(world, {.service = failed("quota")})), IsEmpty());
}

TEST(Events, AWriteThatIsBackingOffIsNotToldAgain) {
  EXPECT_THAT(events(report_of(a_world(a_capp("web")), {.service = failed("q", What::kWaiting)})),
              IsEmpty());
}

std::vector<std::string> state_events(const Report& report) {
  std::vector<std::string> reasons;
  for (const auto& event : report.events) {
    if (event.reason.starts_with("Capp")) reasons.push_back(event.reason);
  }
  return reasons;
}

TEST(State, OfANewEnabledCappIsNoTransition) {
  const auto result = report_of(a_world(a_capp("web")), {.service = became(What::kCreated)});
  EXPECT_THAT(state_events(result), IsEmpty());
}

// The operator written in Go told it at every reconcile.
TEST(State, DisabledIsToldOnce) {
  const auto first = report_of(a_world(a_capp("web")).with(a_ready_service()));
  const auto second = report_of(
      a_world(after(disabled(), first)).with(a_ready_service()).at("2026-11-23T05:00:00Z"));
  EXPECT_THAT(state_events(second), ElementsAre("CappDisabled"));
  EXPECT_THAT(second.status.at("stateStatus"),
              IsJson(R"({"state": "disabled", "lastChange": "2026-11-23T05:00:00Z"})"));
  EXPECT_FALSE(second.status.contains("knativeObjectStatus"));
  const auto third = report_of(a_world(after(disabled(), second)).at("2026-11-23T06:00:00Z"));
  EXPECT_THAT(state_events(third), IsEmpty());
  EXPECT_THAT(third.status, IsJson(boost::json::serialize(second.status)));
}

TEST(State, EnabledAgainIsToldOnce) {
  const auto before = report_of(a_world(disabled()));
  EXPECT_THAT(state_events(before), ElementsAre("CappDisabled"));
  const auto again = report_of(a_world(after(a_capp("web"), before)).at("2026-11-23T05:00:00Z"),
                               {.service = became(What::kCreated, a_service())});
  EXPECT_THAT(state_events(again), ElementsAre("CappEnabled"));
  EXPECT_THAT(again.status.at("stateStatus"),
              IsJson(R"({"state": "enabled", "lastChange": "2026-11-23T05:00:00Z"})"));
  EXPECT_THAT(state_events(report_of(a_world(after(a_capp("web"), again)).with(a_service()))),
              IsEmpty());
}

TEST(State, IsTheOneThatWasActedOn) {
  const auto enabled = report_of(a_world(a_capp("web")).with(a_ready_service()));
  const auto stuck = report_of(a_world(after(disabled(), enabled)).with(a_ready_service()),
                               {.deletion = failed("forbidden")});
  EXPECT_EQ(stuck.status.at("stateStatus").at("state"), "enabled");
  EXPECT_THAT(state_events(stuck), IsEmpty());
  const auto never = report_of(a_world(a_capp("web")), {.service = failed("quota")});
  EXPECT_FALSE(never.status.contains("stateStatus"));
}

TEST(Report, OfACappThatGoesAwayLeavesTheStatusAsItIs) {
  const auto capp = a_capp("web").terminating().with("status", R"({"autoscaleType": "old"})");
  const auto result = report_of(a_world(capp));
  EXPECT_THAT(result.status, IsJson(R"({"autoscaleType": "old"})"));
  EXPECT_THAT(events(result), IsEmpty());
}

TEST(Report, OfACappThatCannotGoAwayTellsWhy) {
  const auto capp = a_capp("web").terminating().with("status", R"({"autoscaleType": "rps"})");
  const auto orphan = ObjectBuilder(kKnativeService, "web")
                          .with_label("rcs.dana.io/parent-capp", "web")
                          .with_label("rcs.dana.io/managed-by", "capp");
  const auto result =
      report_of(a_world(capp).with(orphan), {.deletion = failed("delete is forbidden")});
  EXPECT_EQ(result.status.at("autoscaleType"), "rps");
  EXPECT_THAT(conditions(result),
              ElementsAre("Ready=False ResourceSyncFailed: delete is forbidden"));
}

// Any pass over any Capp of these, so that the property below meets every branch.
Pass any_pass() {
  const auto outcome =
      rc::gen::element(What::kUnchanged, What::kUpdated, What::kWaiting, What::kFailed);
  Pass pass;
  const auto make = [](What what) {
    const bool wrong = what == What::kWaiting || what == What::kFailed;
    return wrong ? failed("the server said no", what) : became(what);
  };
  pass.service = make(*outcome);
  pass.deletion = make(*outcome);
  pass.revision = make(*outcome);
  return pass;
}

RC_GTEST_PROP(Report, APassWithNothingNewSaysExactlyTheSame, ()) {
  auto capp = *rc::gen::arbitrary<bool>() ? a_capp("web") : disabled();
  if (*rc::gen::arbitrary<bool>()) capp.terminating();
  const bool exists = *rc::gen::arbitrary<bool>();
  const bool served = *rc::gen::arbitrary<bool>();
  const auto service = *rc::gen::element<int>(0, 1, 2);
  const auto world_of = [&](const ObjectBuilder& current, std::string_view now) {
    auto world = a_world(current).at(now);
    if (!served) world.without_kind(kKnativeService);
    if (!exists) return world;
    if (service == 0) return world.with(a_ready_service());
    if (service == 1) return world.with(a_service());
    return world.with(a_service().terminating());
  };
  const Pass pass = any_pass();
  const auto first = report_of(world_of(capp, "2026-11-23T04:00:00Z"), pass);
  const auto second = report_of(world_of(after(capp, first), "2026-11-23T05:00:00Z"), pass);
  RC_ASSERT(json::canonical(second.status) == json::canonical(first.status));
  RC_ASSERT(state_events(second).empty());
}

}  // namespace
}  // namespace capp
