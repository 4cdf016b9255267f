#include "capp/plan.h"

#include <gtest/gtest.h>

#include "capp/names.h"
#include "tests/capp/builders.h"

namespace capp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string_view reason(Verdict verdict) {
  switch (verdict) {
    case Verdict::kMissing:
      return "missing";
    case Verdict::kTerminating:
      return "await";
    default:
      return "hold";
  }
}

// A plan in one line each, so that a test asserts all of it.
std::vector<std::string> lines(const Plan& plan) {
  std::vector<std::string> lines;
  const auto add = [&](std::string_view what, const object::Kind& kind, const object::Key& key) {
    lines.push_back(std::string(what) + " " + std::string(kind.kind) + " " + key.to_string());
  };
  for (const auto& wanted : plan.wanted) {
    add(wanted.after_finalizer ? "write later" : "write", *wanted.object.kind, wanted.object.key);
  }
  for (const auto& [child, object] : plan.unwanted) add("delete", *object.kind, object.key);
  for (const auto& held : plan.held) {
    add(reason(held.verdict), *held.object.kind, held.object.key);
  }
  for (const auto& secret : plan.tls_secrets) add("delete", *secret.kind, secret.key);
  const auto& [create, prune] = plan.history;
  if (create) add("create", *create->kind, create->key);
  for (const auto& object : prune) add("prune", *object.kind, object.key);
  if (plan.finalizers) {
    std::string list = "finalizers";
    for (const auto& finalizer : *plan.finalizers) list += " " + finalizer;
    lines.push_back(list);
  }
  return lines;
}

ObjectBuilder an_old_revision() {
  return ObjectBuilder(kCappRevision, "web-00001")
      .with_label("rcs.dana.io/cappName", "web")
      .with_spec("revisionNumber", "1");
}

ObjectBuilder a_service_without_owner() {
  return ObjectBuilder(kKnativeService, "web")
      .with_label("rcs.dana.io/parent-capp", "web")
      .with_label("rcs.dana.io/managed-by", "capp");
}

ObjectBuilder disabled(std::string_view name) {
  return a_capp(name).with_spec("state", R"("disabled")");
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

TEST(PlanDeletion, LeavesOwnedChildrenToTheGarbageCollector) {
  const auto capp = a_capp("web").terminating();
  EXPECT_THAT(
      lines(plan(a_world(capp).with(a_ready_service()).with(an_old_revision().with_owner(kUid)))),
      ElementsAre("finalizers"));
}

TEST(PlanDeletion, DeletesChildrenWithoutOwnerBeforeTheFinalizerGoes) {
  const auto capp = a_capp("web").terminating();
  EXPECT_THAT(lines(plan(a_world(capp).with(a_service_without_owner()).with(an_old_revision()))),
              ElementsAre("delete Service shop/web", "prune CappRevision shop/web-00001"));
  EXPECT_THAT(lines(plan(a_world(capp)
                             .with(a_service_without_owner().terminating())
                             .with(an_old_revision().terminating()))),
              IsEmpty());
  EXPECT_THAT(lines(plan(a_world(capp))), ElementsAre("finalizers"));
}

TEST(PlanDeletion, AMissingKindDoesNotBlockIt) {
  EXPECT_THAT(lines(plan(a_world(a_capp("web").terminating()).without_kind(kKnativeService))),
              ElementsAre("finalizers"));
}

TEST(PlanDeletion, KeepsTheFinalizersOfOthers) {
  const auto capp = a_capp("web").with_finalizer("foregroundDeletion").terminating();
  EXPECT_THAT(lines(plan(a_world(capp))), ElementsAre("finalizers foregroundDeletion"));
}

// The operator written in Go went on reconciling then, and tried to add its finalizer again.
TEST(PlanDeletion, WhileAnotherFinalizerHoldsTheCappNothingIsAddedOrRecreated) {
  const auto capp = ObjectBuilder(kCapp, "web").with_finalizer("foregroundDeletion").terminating();
  EXPECT_THAT(lines(plan(a_world(capp))), IsEmpty());
  EXPECT_THAT(lines(plan(a_world(capp).with(a_ready_service()))), IsEmpty());
}

}  // namespace
}  // namespace capp
