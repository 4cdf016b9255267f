#include "capp/children/syslog_ng_flow.h"

#include <gtest/gtest.h>

#include "tests/capp/passes.h"

namespace capp {
namespace {

ObjectBuilder a_capp_with_logs(std::string_view type) {
  return a_capp("web").with_spec("logSpec", R"({"type": ")" + std::string(type) + R"("})");
}

TEST(SyslogNgFlow, OfACappWithLogs) {
  const auto wanted = only_object(SyslogNgFlow().wanted(a_world(a_capp_with_logs("elastic"))));
  EXPECT_EQ(*wanted.kind, kSyslogNgFlow);
  EXPECT_EQ(wanted.key, (object::Key{.ns = "shop", .name = "web"}));
  EXPECT_THAT(wanted.body, IsJson(R"({
    "apiVersion": "logging.banzaicloud.io/v1beta1",
    "kind": "SyslogNGFlow",
    "metadata": {
      "name": "web",
      "namespace": "shop",
      "labels": {"rcs.dana.io/parent-capp": "web", "rcs.dana.io/managed-by": "capp"},
      "ownerReferences": [{
        "apiVersion": "rcs.dana.io/v1alpha1", "kind": "Capp", "name": "web", "uid": "uid-of-web",
        "controller": true, "blockOwnerDeletion": true}]
    },
    "spec": {
      "match": {"regexp": {"pattern": "web", "type": "string",
                           "value": "json#kubernetes#labels#serving.knative.dev/configuration"}},
      "localOutputRefs": ["web"]
    }
  })"));
}

TEST(SyslogNgFlow, IsWantedForTypesThatWeKnow) {
  const auto wanted = [](const ObjectBuilder& capp) {
    return SyslogNgFlow().wanted(a_world(capp)).size();
  };
  EXPECT_EQ(wanted(a_capp_with_logs("elastic")), 1U);
  EXPECT_EQ(wanted(a_capp_with_logs("elastic-datastream")), 1U);
  EXPECT_EQ(wanted(a_capp_with_logs("splunk")), 0U);
  EXPECT_EQ(wanted(a_capp_with_logs("")), 0U);
  EXPECT_EQ(wanted(a_capp("web").with_spec("logSpec", "{}")), 0U);
  EXPECT_EQ(wanted(a_capp_with_logs("elastic").disabled()), 1U);
}

TEST(SyslogNgFlow, GoesWithTheLogSpec) {
  EXPECT_THAT(
      lines(plan(a_world(a_capp("web"))
                     .with(a_child(kSyslogNgFlow, "web"))
                     .with(a_child(kSyslogNgOutput, "web")))),
      testing::ElementsAre("write Service shop/web", "delete SyslogNGFlow shop/web",
                           "delete SyslogNGOutput shop/web", "create CappRevision shop/web-00001"));
}

// The logging operator has no conditions, and leaves a zero out.
TEST(SyslogNgFlow, IsHealthyWithoutProblems) {
  const auto health = [](std::string_view status) {
    return SyslogNgFlow().health(a_world(a_capp("web")),
                                 *read(a_child(kSyslogNgFlow, "web").with("status", status)));
  };
  EXPECT_TRUE(health(R"({"active": true})").ready);
  EXPECT_TRUE(health(R"({"problemsCount": 0})").ready);
  EXPECT_EQ(health("{}").message, "SyslogNGFlow web has no status yet");
  const Health sick = health(R"({"problemsCount": 2, "problems": ["no output", "no match"]})");
  EXPECT_FALSE(sick.ready);
  EXPECT_EQ(sick.message, "SyslogNGFlow web has 2 problem(s): no output; no match");
}

}  // namespace
}  // namespace capp
