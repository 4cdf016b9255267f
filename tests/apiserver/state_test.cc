// Disabled and enabled again (behaviour 2, "Disabled / enabled").

#include <chrono>

#include "capp/kinds.h"
#include "tests/support/all_children.h"

namespace test {
namespace {

using capp::kCapp;
using capp::kKnativeService;

class State : public SharedCluster {
 protected:
  void set_state(std::string_view state) {
    api.merge_patch(kCapp, cluster.key("web"),
                    R"({"spec": {"state": ")" + std::string(state) + R"("}})");
  }
  testing::AssertionResult services_are(std::size_t count) {
    return is("Services", api.list(kKnativeService, cluster.ns).size(), count);
  }
  // One event that was never repeated.
  testing::AssertionResult told_once(std::string_view reason) {
    const auto events = cluster.events("web", reason);
    if (events.size() != 1) {
      return testing::AssertionFailure() << events.size() << " events " << reason;
    }
    return is("series", at(events.front(), "/series"), "");
  }
};

TEST_F(State, DisabledDeletesTheServiceAndEnabledBringsItBack) {
  cluster.create_settled(a_capp("web"));
  EXPECT_EQ(at(cluster.capp("web"), "/status/stateStatus/state"), "enabled");

  set_state("disabled");
  EXPECT_TRUE(eventually([&] { return services_are(0); }));
  EXPECT_TRUE(
      eventually([&] { return has_condition(cluster.capp("web"), "Ready", "False", "Disabled"); }));
  EXPECT_TRUE(eventually([&] { return told_once("CappDisabled"); }));
  EXPECT_EQ(at(cluster.capp("web"), "/status/stateStatus/state"), "disabled");

  cluster.audit.restart();
  EXPECT_TRUE(cluster.writes_stay_at(0));

  set_state("enabled");
  EXPECT_TRUE(eventually([&] { return services_are(1); }));
  EXPECT_TRUE(eventually([&] { return told_once("CappEnabled"); }));
  EXPECT_TRUE(eventually([&] { return cluster.settled("web"); }));
  EXPECT_EQ(at(cluster.capp("web"), "/status/stateStatus/state"), "enabled");
  EXPECT_TRUE(told_once("CappDisabled"));
}

TEST_F(State, ACappThatIsBornDisabledHasNoService) {
  cluster.create_settled(a_capp("web", R"({"spec": {"state": "disabled"}})"));
  EXPECT_TRUE(has_condition(cluster.capp("web"), "Ready", "False", "Disabled"));
  EXPECT_TRUE(services_are(0));
  EXPECT_TRUE(cluster.writes().of("delete", "services").empty()) << cluster.writes().describe();
}

// What goes away is not written; it is made again when it is gone.
TEST_F(State, EnabledWhileTheServiceStillGoes) {
  cluster.create_settled(a_capp("web"));
  const auto web = cluster.key("web");
  const std::string before = at(cluster.service("web"), "/metadata/uid");
  api.merge_patch(kKnativeService, web, R"({"metadata": {"finalizers": ["example.com/hold"]}})");
  set_state("disabled");
  ASSERT_TRUE(eventually([&] {
    return is("it goes", at(cluster.service("web"), "/metadata/deletionTimestamp").empty(), false);
  }));
  set_state("enabled");
  EXPECT_TRUE(eventually([&] {
    return has_condition(cluster.capp("web"), "KnativeServiceReady", "False", "Terminating");
  }));
  EXPECT_TRUE(has_condition(cluster.capp("web"), "Ready", "False", "KnativeServiceNotReady"));

  api.merge_patch(kKnativeService, web, R"({"metadata": {"finalizers": null}})");
  EXPECT_TRUE(eventually([&] {
    const auto now = api.find(kKnativeService, web);
    return now && at(*now, "/metadata/uid") != before
               ? testing::AssertionSuccess()
               : testing::AssertionFailure() << "it is not there again";
  }));
  EXPECT_TRUE(eventually([&] { return told_once("CappEnabled"); }));
  EXPECT_TRUE(told_once("CappDisabled"));
}

// ecosystem 4.3.10: each reconcile told CappDisabled again.
TEST_F(State, ThatItIsDisabledIsToldOnceHoweverOftenItIsReconciled) {
  cluster.create_settled(a_capp("web", R"({"spec": {"state": "disabled"}})"));
  ASSERT_TRUE(eventually([&] { return told_once("CappDisabled"); }));
  api.merge_patch(kCapp, cluster.key("web"), R"({"spec": {"scaleMetric": "rps"}})");
  ASSERT_TRUE(eventually(
      [&] { return is("metric", at(cluster.capp("web"), "/status/autoscaleType"), "rps"); }));
  const std::string since = at(cluster.capp("web"), "/status/stateStatus/lastChange");
  cluster.start_operator();
  ASSERT_TRUE(eventually([&] { return cluster.settled("web"); }));
  api.merge_patch(kCapp, cluster.key("web"), R"({"spec": {"scaleMetric": "cpu"}})");
  ASSERT_TRUE(eventually(
      [&] { return is("metric", at(cluster.capp("web"), "/status/autoscaleType"), "cpu"); }));
  EXPECT_TRUE(throughout(kMoment, [&] { return told_once("CappDisabled"); }));
  EXPECT_EQ(at(cluster.capp("web"), "/status/stateStatus/lastChange"), since);
}

class StateOfAll : public AllChildren {};

// What cannot be ready without the Service is not judged meanwhile; what fails before it in Ready's
// order is told first.
TEST_F(StateOfAll, ADisabledCappKeepsAllButTheService) {
  create_quiet();
  all_are_healthy();
  ASSERT_TRUE(eventually([&] { return web_has("Ready", "True", "Ready"); }));
  change(R"({"spec": {"state": "disabled"}})");
  ASSERT_TRUE(eventually([&] { return web_has("Ready", "False", "Disabled"); }));
  for (const char* type : {"KnativeServiceReady", "DomainMappingReady", "EventingReady"}) {
    EXPECT_TRUE(web_has(type, "False", "Disabled"));
  }
  for (const char* type : {"LoggingReady", "CertificateReady", "VolumesReady", "DNSRecordReady"}) {
    EXPECT_TRUE(web_has(type, "True", "Ready"));
  }
  for (const auto& child : child_cases()) {
    const bool there = api.find(*child.kind, cluster.key(child.name)).has_value();
    EXPECT_EQ(there, *child.kind != kKnativeService) << child;
  }
  EXPECT_EQ(at(cluster.capp("web"), "/status/knativeObjectStatus"), "");

  // The DNS record comes before the Service, and a DomainMapping's failure follows from its
  // absence.
  says(capp::kDomainMapping, "web.capp.dev",
       R"({"conditions": [{"type": "Ready", "status": "False"}]})");
  says(capp::kCnameRecord, "web.capp.dev", R"({"conditions": [{"type": "Ready", "status": "False",
    "reason": "Broken", "lastTransitionTime": "2026-01-02T03:04:05Z"}]})");
  EXPECT_TRUE(eventually([&] { return web_has("Ready", "False", "DNSRecordNotReady"); }));
  EXPECT_TRUE(web_has("DomainMappingReady", "False", "Disabled"));
}

}  // namespace
}  // namespace test
