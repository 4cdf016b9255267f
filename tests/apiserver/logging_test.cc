// Logs of a Capp: a flow and an output of syslog-ng (behaviour 1, "Status"; behaviour 2, the
// SyslogNG rows).

#include <fmt/format.h>

#include "capp/kinds.h"
#include "json/value.h"
#include "tests/support/cluster.h"

namespace test {
namespace {

using capp::kCapp;
using capp::kSyslogNgFlow;
using capp::kSyslogNgOutput;

constexpr std::string_view kActive = R"({"active": true, "problemsCount": 0})";

std::string with_log(std::string_view type) {
  return fmt::format(R"({{"spec": {{"logSpec": {{"type": "{}", "host": "10.11.12.13",
      "index": "main", "user": "elastic", "passwordSecret": "es-elastic-user"}}}}}})",
                     type);
}

class Logging : public SharedCluster {
 protected:
  void says(const object::Kind& kind, std::string_view status) {
    api.merge_patch(kind, web, R"({"status": )" + std::string(status) + "}", "status");
  }
  Api::Object spec_of(const object::Kind& kind) {
    return json::object_or_empty(api.get(kind, web), {"spec"});
  }
  testing::AssertionResult logging_is(std::string_view status, std::string_view reason) {
    return has_condition(cluster.capp("web"), "LoggingReady", status, reason);
  }
  // The condition that clients of the older operator read.
  testing::AssertionResult legacy_condition_is(std::string_view status, std::string_view reason) {
    const auto capp = cluster.capp("web");
    const auto* entry = "/status/loggingStatus/conditions/0";
    const std::string seen = fmt::format("{} {}/{}", at(capp, std::string(entry) + "/type"),
                                         at(capp, std::string(entry) + "/status"),
                                         at(capp, std::string(entry) + "/reason"));
    return is("condition", seen, fmt::format("LoggingIsReady {}/{}", status, reason));
  }
  testing::AssertionResult log_children_are(std::size_t count) {
    return is(
        "flows and outputs",
        api.list(kSyslogNgFlow, cluster.ns).size() + api.list(kSyslogNgOutput, cluster.ns).size(),
        count);
  }

  object::Key web = cluster.key("web");
};

// Without webhooks its Secret may come later: there is none here.
TEST_F(Logging, ElasticIsAFlowAndAnOutput) {
  cluster.create_settled(a_capp("web", with_log("elastic")));
  EXPECT_EQ(spec_of(kSyslogNgFlow), parse_object(R"({
    "match": {"regexp": {"pattern": "web", "type": "string",
      "value": "json#kubernetes#labels#serving.knative.dev/configuration"}},
    "localOutputRefs": ["web"]})"));
  EXPECT_EQ(spec_of(kSyslogNgOutput), parse_object(R"json({"elasticsearch": {
    "index": "main", "url": "10.11.12.13", "user": "elastic",
    "password": {"valueFrom": {"secretKeyRef": {"name": "es-elastic-user", "key": "elastic"}}},
    "template": "$(format-json --subkeys json# --key-delimiter #)",
    "tls": {"peer_verify": false, "ssl_version": "tlsv1_2"}}})json"));
  for (const auto* kind : {&kSyslogNgFlow, &kSyslogNgOutput}) {
    const auto child = api.get(*kind, web);
    EXPECT_EQ(label(child, "rcs.dana.io/parent-capp"), "web");
    EXPECT_EQ(label(child, "rcs.dana.io/managed-by"), "capp");
    EXPECT_EQ(at(child, "/metadata/ownerReferences/0/uid"),
              at(cluster.capp("web"), "/metadata/uid"));
  }
}

TEST_F(Logging, AnotherTypeReplacesTheOutputsContent) {
  cluster.create_settled(a_capp("web", with_log("elastic")));
  api.merge_patch(kCapp, web, with_log("elastic-datastream"));
  EXPECT_TRUE(eventually([&] {
    return is("output", spec_of(kSyslogNgOutput),
              parse_object(R"({"elasticsearch-datastream": {
      "url": "10.11.12.13", "user": "elastic",
      "password": {"valueFrom": {"secretKeyRef": {"name": "es-elastic-user", "key": "elastic"}}},
      "record": "--subkeys json# --key-delimiter # --exclude DATE --key ISODATE )"
                           R"(@timestamp=${ISODATE}",
      "tls": {"peer_verify": false, "ssl_version": "tlsv1_2"}}})"));
  }));
}

TEST_F(Logging, WithoutATypeNothingIsWritten) {
  cluster.create_settled(a_capp("web", R"({"spec": {"logSpec": {"host": "10.11.12.13"}}})"));
  EXPECT_TRUE(log_children_are(0));
  EXPECT_EQ(condition(cluster.capp("web"), "LoggingReady").status, "");
  EXPECT_EQ(at(cluster.capp("web"), "/status/loggingStatus"), "");
}

TEST_F(Logging, RemovedFromTheCappItIsDeleted) {
  cluster.create_settled(a_capp("web", with_log("elastic")));
  ASSERT_TRUE(log_children_are(2));
  api.merge_patch(kCapp, web, R"({"spec": {"logSpec": null}})");
  EXPECT_TRUE(eventually([&] { return log_children_are(0); }));
  EXPECT_TRUE(eventually([&] { return cluster.settled("web"); }));
  EXPECT_EQ(condition(cluster.capp("web"), "LoggingReady").status, "");
  EXPECT_EQ(at(cluster.capp("web"), "/status/loggingStatus"), "");
}

TEST_F(Logging, IsReadyWhenFlowAndOutputHaveNoProblems) {
  cluster.create_settled(a_capp("web", with_log("elastic")));
  EXPECT_TRUE(logging_is("False", "LoggingNotReady"));
  EXPECT_TRUE(legacy_condition_is("False", "LoggingResourceInvalid"));

  says(kSyslogNgFlow, kActive);
  EXPECT_TRUE(eventually([&] {
    return is("flow", at(cluster.capp("web"), "/status/loggingStatus/syslogngflow/active"), "true");
  }));
  EXPECT_TRUE(logging_is("False", "LoggingNotReady"));

  says(kSyslogNgOutput, kActive);
  EXPECT_TRUE(eventually([&] { return logging_is("True", "Ready"); }));
  EXPECT_TRUE(legacy_condition_is("True", "ready"));
  EXPECT_EQ(at(cluster.capp("web"), "/status/loggingStatus/syslogngoutput"),
            at(api.get(kSyslogNgOutput, web), "/status"));

  says(kSyslogNgOutput, R"({"problemsCount": 1, "problems": ["no such Secret"]})");
  EXPECT_TRUE(eventually([&] { return logging_is("False", "LoggingNotReady"); }));
  EXPECT_TRUE(legacy_condition_is("False", "LoggingResourceInvalid"));
  EXPECT_EQ(condition(cluster.capp("web"), "LoggingReady").message,
            "SyslogNGOutput web has 1 problem(s): no such Secret");
}

}  // namespace
}  // namespace test
