#include "capp/children/syslog_ng_output.h"

#include <gtest/gtest.h>

#include "tests/capp/passes.h"

namespace capp {
namespace {

ObjectBuilder a_capp_with_logs(std::string_view type) {
  return a_capp("web").with_spec("logSpec", R"({"type": ")" + std::string(type) + R"(",
      "host": "10.11.12.13", "index": "main", "user": "elastic",
      "passwordSecret": "es-elastic-user"})");
}

object::Wanted wanted_of(const ObjectBuilder& capp) {
  return only_object(SyslogNgOutput().wanted(a_world(capp)));
}

TEST(SyslogNgOutput, ToAnIndex) {
  const auto wanted = wanted_of(a_capp_with_logs("elastic"));
  EXPECT_EQ(*wanted.kind, kSyslogNgOutput);
  EXPECT_EQ(wanted.key, (object::Key{.ns = "shop", .name = "web"}));
  EXPECT_THAT(wanted.body, IsJson(R"json({
    "apiVersion": "logging.banzaicloud.io/v1beta1",
    "kind": "SyslogNGOutput",
    "metadata": {
      "name": "web",
      "namespace": "shop",
      "labels": {"rcs.dana.io/parent-capp": "web", "rcs.dana.io/managed-by": "capp"},
      "ownerReferences": [{
        "apiVersion": "rcs.dana.io/v1alpha1", "kind": "Capp", "name": "web", "uid": "uid-of-web",
        "controller": true, "blockOwnerDeletion": true}]
    },
    "spec": {"elasticsearch": {
      "url": "10.11.12.13",
      "index": "main",
      "user": "elastic",
      "password": {"valueFrom": {"secretKeyRef": {"name": "es-elastic-user", "key": "elastic"}}},
      "template": "$(format-json --subkeys json# --key-delimiter #)",
      "tls": {"peer_verify": false, "ssl_version": "tlsv1_2"}
}
}
})json"));
}

TEST(SyslogNgOutput, ToADataStreamIgnoresTheIndex) {
  EXPECT_THAT(wanted_of(a_capp_with_logs("elastic-datastream")).body.at("spec"), IsJson(R"json({
    "elasticsearch-datastream": {
      "url": "10.11.12.13",
      "user": "elastic",
      "password": {"valueFrom": {"secretKeyRef": {"name": "es-elastic-user", "key": "elastic"}}},
      "record": "--subkeys json# --key-delimiter # --exclude DATE --key ISODATE @timestamp=${ISODATE}",
      "tls": {"peer_verify": false, "ssl_version": "tlsv1_2"}
    }})json"));
}

TEST(SyslogNgOutput, LeavesOutWhatTheCappDoesNotSay) {
  const auto capp = a_capp("web").with_spec("logSpec", R"({"type": "elastic", "user": ""})");
  EXPECT_THAT(wanted_of(capp).body.at("spec"), IsJson(R"json({"elasticsearch": {
      "template": "$(format-json --subkeys json# --key-delimiter #)",
      "tls": {"peer_verify": false, "ssl_version": "tlsv1_2"}
}
})json"));
}

ObjectBuilder a_healthy(const object::Kind& kind) {
  return a_child(kind, "web").with("status", R"({"active": true})");
}

boost::json::object logging_status(const World& world) {
  return report_of(world).status.at("loggingStatus").as_object();
}

TEST(LoggingStatus, OfAHealthyPair) {
  EXPECT_THAT(logging_status(a_world(a_capp_with_logs("elastic"))
                                 .with(a_healthy(kSyslogNgFlow))
                                 .with(a_healthy(kSyslogNgOutput))),
              IsJson(R"json({"syslogngflow": {"active": true}, "syslogngoutput": {"active": true},
      "conditions": [{"type": "LoggingIsReady", "status": "True", "reason": "ready", "message": "",
        "lastTransitionTime": "2026-11-23T04:00:00Z", "observedGeneration": 1}]})json"));
}

TEST(LoggingStatus, IsInvalidWhileOneOfThemIsMissingOrSick) {
  const auto flow = a_healthy(kSyslogNgFlow);
  const auto output = a_healthy(kSyslogNgOutput);
  const auto sick = a_child(kSyslogNgOutput, "web")
                        .with("status", R"({"problemsCount": 1, "problems": ["no Secret"]})");
  const auto capp = a_capp_with_logs("elastic");
  for (const World& world :
       {World(a_world(capp)), World(a_world(capp).with(flow)), World(a_world(capp).with(output)),
        World(a_world(capp).with(flow).with(sick))}) {
    const auto condition = logging_status(world).at("conditions").at(0);
    EXPECT_EQ(condition.at("status"), "False");
    EXPECT_EQ(condition.at("reason"), "LoggingResourceInvalid");
  }
  EXPECT_THAT(conditions(report_of(a_world(capp).with(flow).with(sick))),
              testing::Contains("LoggingReady=False LoggingNotReady: SyslogNGOutput web has 1 "
                                "problem(s): no Secret"));
}

TEST(LoggingStatus, MovesItsTransitionTimeOnlyWithItsValue) {
  const auto capp = a_capp_with_logs("elastic");
  const auto first = report_of(a_world(capp));
  const auto later = [&](const World& world) {
    return logging_status(world).at("conditions").at(0).at("lastTransitionTime");
  };
  const auto known = ObjectBuilder(capp).with_status(first.status);
  EXPECT_EQ(later(a_world(known).with(a_healthy(kSyslogNgFlow)).at("2026-11-23T05:00:00Z")),
            kNow.data());
  EXPECT_EQ(later(a_world(known)
                      .with(a_healthy(kSyslogNgFlow))
                      .with(a_healthy(kSyslogNgOutput))
                      .at("2026-11-23T05:00:00Z")),
            "2026-11-23T05:00:00Z");
}

TEST(LoggingStatus, IsAbsentWithoutLogs) {
  EXPECT_FALSE(report_of(a_world(a_capp("web"))).status.contains("loggingStatus"));
}

}  // namespace
}  // namespace capp
