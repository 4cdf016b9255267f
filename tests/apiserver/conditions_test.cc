// Ready and the conditions of the concerns (behaviour 1, "Status").

#include <array>

#include <fmt/format.h>

#include "capp/kinds.h"
#include "tests/support/all_children.h"
#include "tests/support/audit_checks.h"
#include "tests/support/refusal.h"

namespace test {
namespace {

using capp::kNfsPvc;
using capp::kSyslogNgFlow;

class Conditions : public AllChildren {
 protected:
  std::string message(std::string_view type) {
    return condition(cluster.capp("web"), type).message;
  }
  testing::AssertionResult says_words(std::string_view type, std::string_view words) {
    const std::string seen = message(type);
    return seen.contains(words) ? testing::AssertionSuccess() : testing::AssertionFailure() << seen;
  }
};

// ecosystem 4.3.8: Ready was True while a DomainMapping or Certificate had no condition yet, and
// did not know the DNS record.
TEST_F(Conditions, ReadyTellsTheFirstThatIsNotReady) {
  create_quiet();
  const std::array<std::string_view, 7> order{"Logging",       "DomainMapping", "Certificate",
                                              "Volumes",       "Eventing",      "DNSRecord",
                                              "KnativeService"};
  for (const auto concern : order) {
    EXPECT_TRUE(
        web_has(fmt::format("{}Ready", concern), "False", fmt::format("{}NotReady", concern)));
  }
  for (const auto concern : order) {
    ASSERT_TRUE(
        eventually([&] { return web_has("Ready", "False", fmt::format("{}NotReady", concern)); }));
    const std::string type = fmt::format("{}Ready", concern);
    EXPECT_EQ(message("Ready"), message(type));
    for (const auto& child : child_cases()) {
      if (child.concern == concern) says(child, child.healthy);
    }
    ASSERT_TRUE(eventually([&] { return web_has(type, "True", "Ready"); }));
  }
  EXPECT_TRUE(web_has("Ready", "True", "Ready"));
}

TEST_F(Conditions, OfConcernsThatACappDoesNotHaveAreAbsent) {
  cluster.create_settled(a_capp("web"));
  const auto capp = cluster.capp("web");
  EXPECT_EQ(at(capp, "/status/conditions/0/type"), "Ready");
  EXPECT_EQ(at(capp, "/status/conditions/1/type"), "KnativeServiceReady");
  EXPECT_EQ(at(capp, "/status/conditions/2"), "");
}

class NothingAsked : public SharedCluster {};

// behaviour 1: what typed Go clients send means "not given".
TEST_F(NothingAsked, ByEmptyObjects) {
  cluster.create_settled(a_capp("web", R"({"spec": {"site": "", "scaleSpec": {},
    "routeSpec": {"hostname": "", "tlsEnabled": false, "trafficTarget": {}},
    "logSpec": {}, "volumesSpec": {}, "eventSourcesSpec": {},
    "configurationSpec": {"template": {"metadata": {"creationTimestamp": null}}}},
    "status": {"stateStatus": {"lastChange": null}, "loggingStatus": {"syslogngflow": {}},
               "volumesStatus": {}, "eventingStatus": {}}})"));
  // The Service, the revision, the finalizer, one event and the status.
  EXPECT_TRUE(cluster.writes_stay_at(5));
  const auto capp = cluster.capp("web");
  for (const char* field : {"loggingStatus", "volumesStatus", "eventingStatus", "routeStatus",
                            "applicationLinks", "knativeObjectStatus", "revisions"}) {
    EXPECT_EQ(at(capp, std::string("/status/") + field), "") << field;
  }
  EXPECT_EQ(at(capp, "/status/conditions/2"), "");
}

TEST_F(Conditions, AllChildrenAreWrittenBeforeOneStatusTellsOfThem) {
  create_quiet();
  const auto writes = cluster.writes();
  Requests children;
  for (const auto& child : child_cases()) {
    const auto of_kind = writes.of("patch", child.kind->plural).in(cluster.ns);
    children.insert(children.end(), of_kind.begin(), of_kind.end());
  }
  EXPECT_EQ(children.size(), child_cases().size()) << children.describe();
  const auto reports = writes.of("patch", "capps/status");
  EXPECT_EQ(reports.size(), 1U) << reports.describe();
  EXPECT_TRUE(comes_after(children, reports));
}

// Whoever sees the ready revision also sees the address and the logging status of that moment.
TEST_F(Conditions, WhatManyChildrenSayIsToldTogether) {
  create_quiet();
  cluster.stop_operator();
  all_are_healthy();
  cluster.audit.restart();
  cluster.start_operator();
  EXPECT_TRUE(eventually([&] { return web_has("Ready", "True", "Ready"); }));
  EXPECT_TRUE(cluster.writes_stay_at(1));
  const auto capp = cluster.capp("web");
  EXPECT_EQ(at(capp, "/status/knativeObjectStatus/latestReadyRevisionName"), "web-00001");
  EXPECT_EQ(at(capp, "/status/loggingStatus/conditions/0/reason"), "ready");
}

TEST_F(Conditions, ResourceSyncFailedCarriesAllThatTheServerSays) {
  const Refusal refusal(cluster, {"logging.banzaicloud.io", "nfspvc.dana.io"}, "not on a Friday",
                        kSyslogNgFlow);
  cluster.create_settled(a_capp_with_all_children("web"));
  EXPECT_TRUE(web_has("Ready", "False", "ResourceSyncFailed"));
  // ecosystem 4.3.3: only the first of several errors was told.
  for (const char* part : {"not on a Friday", "syslogngflows", "syslogngoutputs", "nfspvcs"}) {
    EXPECT_TRUE(says_words("Ready", part));
  }
  EXPECT_TRUE(web_has("LoggingReady", "False", "ResourceSyncFailed"));
  EXPECT_TRUE(web_has("VolumesReady", "False", "ResourceSyncFailed"));
  // Rule 6: the others are written.
  EXPECT_TRUE(web_has("EventingReady", "False", "EventingNotReady"));
  EXPECT_TRUE(web_has("KnativeServiceReady", "False", "KnativeServiceNotReady"));
}

TEST_F(Conditions, AFailureIsTriedAgainAndForgottenOnceItIsOver) {
  {
    const Refusal refusal(cluster, {"nfspvc.dana.io"}, "not on a Friday", kNfsPvc);
    cluster.create_settled(a_capp_with_all_children("web"));
    EXPECT_TRUE(web_has("VolumesReady", "False", "ResourceSyncFailed"));
  }
  EXPECT_TRUE(eventually([&] { return web_has("VolumesReady", "False", "VolumesNotReady"); }));
  EXPECT_TRUE(web_has("Ready", "False", "LoggingNotReady"));
}

// ecosystem 4.3.3: a longer text made the status itself invalid.
TEST_F(Conditions, AMessageThatIsTooLongIsCut) {
  const Refusal refusal(cluster, {"sources.knative.dev"}, std::string(900, 'x'), capp::kPingSource);
  std::string sources;
  for (int i = 10; i < 60; ++i) {
    sources += fmt::format(R"({}{{"name": "s{}", "pingSourceConfiguration": {{}}}})",
                           sources.empty() ? "" : ",", i);
  }
  cluster.create_settled(
      a_capp("web", R"({"spec": {"eventSourcesSpec": {"sources": [)" + sources + "]}}}"));
  for (const char* type : {"Ready", "EventingReady"}) {
    EXPECT_TRUE(web_has(type, "False", "ResourceSyncFailed"));
    EXPECT_EQ(message(type).size(), 32'768U);
  }
}

// What the schema of another project refuses comes as an error 500, and is told all the same.
TEST_F(Conditions, AFieldThatKnativeDoesNotKnowIsNamed) {
  cluster.create_settled(
      a_capp("web", R"({"spec": {"configurationSpec": {"template": {"newer": 1}}}})"));
  EXPECT_TRUE(web_has("Ready", "False", "ResourceSyncFailed"));
  EXPECT_TRUE(
      says_words("KnativeServiceReady", ".spec.template.newer: field not declared in schema"));
  EXPECT_FALSE(api.find(capp::kKnativeService, web));
}

TEST_F(Conditions, ATerminatingChildIsNotWrittenAndMadeAgainWhenItIsGone) {
  create_quiet();
  const auto claim = cluster.key("data");
  const auto before = at(api.get(kNfsPvc, claim), "/metadata/uid");
  api.merge_patch(kNfsPvc, claim, R"({"metadata": {"finalizers": ["example.com/hold"]}})");
  api.remove(kNfsPvc, claim);
  ASSERT_TRUE(eventually([&] { return web_has("VolumesReady", "False", "Terminating"); }));
  cluster.audit.restart();

  // Other news do not make it write.
  change(R"({"spec": {"volumesSpec": {"nfsVolumes": [{"name": "data",
    "server": "other.example.com", "path": "/data", "capacity": {"storage": "1Gi"}}]}}})");
  ASSERT_TRUE(eventually([&] { return cluster.settled("web"); }));
  EXPECT_TRUE(web_has("VolumesReady", "False", "Terminating"));
  EXPECT_TRUE(cluster.writes().of("patch", "nfspvcs").empty()) << cluster.writes().describe();

  api.merge_patch(kNfsPvc, claim, R"({"metadata": {"finalizers": null}})");
  EXPECT_TRUE(eventually([&] {
    const auto now = api.find(kNfsPvc, claim);
    if (!now || at(*now, "/metadata/uid") == before) {
      return testing::AssertionFailure() << "it is not there again";
    }
    return is("server", at(*now, "/spec/server"), "other.example.com");
  }));
  EXPECT_TRUE(eventually([&] { return web_has("VolumesReady", "False", "VolumesNotReady"); }));
}

}  // namespace
}  // namespace test
