// Drift is repaired within a second, and what others own stays (behaviour 2, rules 2 and 3).

#include <chrono>
#include <ostream>

#include <boost/json/serialize.hpp>

#include "capp/kinds.h"
#include "tests/support/cluster.h"

namespace test {
namespace {

using capp::kKnativeService;
using namespace std::chrono_literals;

constexpr std::string_view kImage = "ghcr.io/dana-team/capp-gin-app:v0.2.0";
constexpr std::string_view kImagePath = "/spec/template/spec/containers/0/image";
constexpr std::chrono::milliseconds kRepairLimit = 1000ms * kSlowness;

class Drift : public SharedCluster {
 protected:
  void SetUp() override {
    SharedCluster::SetUp();
    cluster.create_settled(a_capp("web"));
    cluster.audit.restart();
  }

  // From the answer to what somebody did, to the arrival of the operator's write.
  testing::AssertionResult repaired_in_time(std::string_view verb) {
    const auto all = cluster.audit.all().in(cluster.ns);
    const auto edits = all.of(verb, "services").only([](const AuditRequest& request) {
      return request.user != kOperatorUser;
    });
    const auto repairs = cluster.writes().of("patch", "services");
    if (edits.empty() || repairs.empty()) {
      return testing::AssertionFailure() << "not in the audit log yet:\n" << all.describe();
    }
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
        repairs.front().received - edits.front().completed);
    if (took <= kRepairLimit) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "repaired after " << took.count() << " ms";
  }

  void expect_repaired(std::string_view verb) {
    EXPECT_TRUE(eventually([&] { return is("image", at(service(), kImagePath), kImage); }));
    EXPECT_TRUE(eventually([&] { return repaired_in_time(verb); }));
    EXPECT_TRUE(cluster.writes_stay_at(1));
  }

  Api::Object service() { return cluster.service("web"); }
  object::Key web = cluster.key("web");
};

TEST_F(Drift, ADeletedServiceIsBackWithinASecond) {
  const auto before = at(service(), "/metadata/uid");
  api.remove(kKnativeService, web);
  EXPECT_TRUE(eventually([&] {
    const auto now = api.find(kKnativeService, web);
    return now && at(*now, "/metadata/uid") != before
               ? testing::AssertionSuccess()
               : testing::AssertionFailure() << "it is not back";
  }));
  EXPECT_TRUE(eventually([&] { return repaired_in_time("delete"); }));
}

TEST_F(Drift, AnApplyWithForceIsUndone) {
  api.apply(kKnativeService, web, parse_object(R"({
    "apiVersion": "serving.knative.dev/v1", "kind": "Service",
    "spec": {"template": {"spec": {"containers": [{"name": "web", "image": "example.com/other"}]}}}})"));
  expect_repaired("patch");
}

TEST_F(Drift, AWholeObjectWrittenIsUndone) {
  auto edited = service();
  boost::json::value whole(edited);
  whole.at_pointer(kImagePath) = "example.com/other";
  api.replace(kKnativeService, web, whole.as_object());
  expect_repaired("update");
}

TEST_F(Drift, AJsonPatchIsUndone) {
  api.json_patch(kKnativeService, web, R"([{"op": "replace",
    "path": "/spec/template/spec/containers/0/image", "value": "example.com/other"}])");
  expect_repaired("patch");
}

TEST_F(Drift, ARemovedFieldIsBack) {
  api.json_patch(kKnativeService, web,
                 R"([{"op": "remove", "path": "/spec/template/spec/enableServiceLinks"}])");
  EXPECT_TRUE(eventually([&] {
    return is("enableServiceLinks", at(service(), "/spec/template/spec/enableServiceLinks"),
              "false");
  }));
  expect_repaired("patch");
}

TEST_F(Drift, ClearedOwnershipIsTakenBack) {
  api.json_patch(kKnativeService, web,
                 R"([{"op": "replace", "path": "/metadata/managedFields", "value": [{}]}])");
  EXPECT_TRUE(eventually([&] {
    const auto managers = at(service(), "/metadata/managedFields");
    return managers.contains(R"("capp-operator")") ? testing::AssertionSuccess()
                                                   : testing::AssertionFailure() << managers;
  }));
  expect_repaired("patch");
}

TEST_F(Drift, WhatSomebodyElseAddedStays) {
  api.merge_patch(kKnativeService, web, R"({
    "metadata": {"annotations": {"example.com/note": "kept"},
                 "labels": {"example.com/team": "blue"},
                 "finalizers": ["example.com/hold"]},
    "spec": {"template": {"metadata": {"annotations": {"example.com/inner": "kept"}},
                          "spec": {"containerConcurrency": 7}}}})");
  EXPECT_TRUE(cluster.writes_stay_at(0));

  api.json_patch(kKnativeService, web, R"([{"op": "replace",
    "path": "/spec/template/spec/containers/0/image", "value": "example.com/other"}])");
  EXPECT_TRUE(eventually([&] { return is("image", at(service(), kImagePath), kImage); }));

  const auto after = service();
  EXPECT_EQ(annotation(after, "example.com/note"), "kept");
  EXPECT_EQ(label(after, "example.com/team"), "blue");
  EXPECT_EQ(at(after, "/metadata/finalizers/0"), "example.com/hold");
  EXPECT_EQ(at(after, "/spec/template/metadata/annotations/example.com~1inner"), "kept");
  EXPECT_EQ(at(after, "/spec/template/spec/containerConcurrency"), "7");
  EXPECT_TRUE(cluster.writes_stay_at(1));

  api.merge_patch(kKnativeService, web, R"({"metadata": {"finalizers": null}})");
}

// What identifies a child as ours; while one sign is missing the others still do (rule 4).
struct Sign {
  const char* name;
  const char* removal;
  const char* pointer;
};

std::ostream& operator<<(std::ostream& out, const Sign& sign) {
  return out << sign.pointer;
}

class LostSign : public Drift, public testing::WithParamInterface<Sign> {};

TEST_P(LostSign, IsRestored) {
  const auto before = at(service(), GetParam().pointer);
  ASSERT_NE(before, "");
  api.merge_patch(kKnativeService, web, GetParam().removal);
  EXPECT_TRUE(eventually(
      [&] { return is(GetParam().pointer, at(service(), GetParam().pointer), before); }));
  EXPECT_TRUE(cluster.writes_stay_at(1));
}

INSTANTIATE_TEST_SUITE_P(
    Drift, LostSign,
    testing::Values(
        Sign{"ManagedByLabel", R"({"metadata": {"labels": {"rcs.dana.io/managed-by": null}}})",
             "/metadata/labels/rcs.dana.io~1managed-by"},
        Sign{"ParentLabel", R"({"metadata": {"labels": {"rcs.dana.io/parent-capp": null}}})",
             "/metadata/labels/rcs.dana.io~1parent-capp"},
        Sign{"OwnerReference", R"({"metadata": {"ownerReferences": null}})",
             "/metadata/ownerReferences/0/uid"},
        Sign{"AppliedHash", R"({"metadata": {"annotations": {"rcs.dana.io/applied-hash": null}}})",
             "/metadata/annotations/rcs.dana.io~1applied-hash"}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace test
