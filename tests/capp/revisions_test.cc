#include "capp/revisions.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "capp/names.h"
#include "tests/capp/builders.h"

namespace capp {
namespace {

// The CappRevision of `number` that this operator would have stored of `capp`.
ObjectBuilder a_revision(std::int64_t number, const ObjectBuilder& capp) {
  return ObjectBuilder(kCappRevision, revision_name("web", number))
      .with_label("rcs.dana.io/cappName", "web")
      .with_owner(kUid)
      .with_spec("revisionNumber", std::to_string(number))
      .with_spec("cappTemplate", boost::json::serialize(capp_template(capp_of(capp))));
}

ObjectBuilder a_capp_with_image(std::string_view image) {
  return a_capp("web").with("spec", R"({"scaleMetric": "concurrency", "state": "enabled",
      "configurationSpec": {"template": {"spec": {"containers": [{"image": ")" +
                                        std::string(image) + R"("}]}}}})");
}

std::vector<std::string> names(const std::vector<object::Unwanted>& unwanted) {
  std::vector<std::string> names;
  for (const auto& one : unwanted) names.push_back(one.key.name);
  return names;
}

std::string created(const History& history) {
  return history.create ? history.create->key.name : "nothing";
}

using testing::ElementsAre;
using testing::IsEmpty;

TEST(History, BeginsWithNumberOne) {
  const auto capp = a_capp("web")
                        .with_label("team", "shop")
                        .with_annotation("rcs.dana.io/last-updated-by", "jane")
                        .with("spec", R"({"state": "enabled"})");
  const auto history = plan_history(a_world(capp));
  EXPECT_THAT(history.prune, IsEmpty());
  ASSERT_TRUE(history.create.has_value());
  EXPECT_EQ(*history.create->kind, kCappRevision);
  EXPECT_EQ(history.create->key, (object::Key{.ns = "shop", .name = "web-00001"}));
  EXPECT_THAT(history.create->body, IsJson(R"({
    "apiVersion": "rcs.dana.io/v1alpha1",
    "kind": "CappRevision",
    "metadata": {
      "name": "web-00001",
      "namespace": "shop",
      "labels": {"rcs.dana.io/cappName": "web", "rcs.dana.io/parent-capp": "web",
                 "rcs.dana.io/managed-by": "capp"},
      "ownerReferences": [{
        "apiVersion": "rcs.dana.io/v1alpha1", "kind": "Capp", "name": "web", "uid": "uid-of-web",
        "controller": true, "blockOwnerDeletion": true}]
    },
    "spec": {"revisionNumber": 1, "cappTemplate": {
      "cappSpec": {"state": "enabled"},
      "labels": {"team": "shop"},
      "annotations": {"rcs.dana.io/last-updated-by": "jane"}}}
  })"));
}

TEST(History, NoChangeMakesNoRevision) {
  const auto capp = a_capp_with_image("app:1");
  const auto history = plan_history(a_world(capp).with(a_revision(1, capp)));
  EXPECT_EQ(created(history), "nothing");
  EXPECT_THAT(history.prune, IsEmpty());
}

TEST(History, AChangeOfSpecLabelsOrAnnotationsMakesOne) {
  const auto before = a_capp_with_image("app:1");
  const auto after = [&](const ObjectBuilder& capp) {
    return created(plan_history(a_world(capp).with(a_revision(1, before))));
  };
  EXPECT_EQ(after(a_capp_with_image("app:2")), "web-00002");
  EXPECT_EQ(after(a_capp_with_image("app:1").with_label("team", "shop")), "web-00002");
  EXPECT_EQ(after(a_capp_with_image("app:1").with_label("flag", "")), "web-00002");
  EXPECT_EQ(after(a_capp_with_image("app:1").with_annotation("a", "b")), "web-00002");
  EXPECT_EQ(after(a_capp_with_image("app:1").with_spec("state", R"("disabled")")), "web-00002");
}

TEST(History, StatusAndBookkeepingMakeNone) {
  const auto before = a_capp_with_image("app:1");
  const auto capp = a_capp_with_image("app:1")
                        .with("status", kReadyStatus)
                        .with_generation(9)
                        .with_annotation("rcs.dana.io/last-updated-by", "jane")
                        .with_annotation("kubectl.kubernetes.io/restartedAt", "now");
  EXPECT_EQ(created(plan_history(a_world(capp).with(a_revision(1, before)))), "nothing");
}

TEST(History, HowAnAbsentFieldIsWrittenMakesNone) {
  const auto before = a_capp("web").with("spec", R"({"configurationSpec": {"template": {}}})");
  const auto capp = a_capp("web").with("spec", R"({"scaleMetric": "concurrency",
      "state": "enabled", "site": "", "logSpec": {}, "routeSpec": {"hostname": "",
      "trafficTarget": {}}, "configurationSpec": {"template": {"metadata":
      {"creationTimestamp": null}}}})");
  EXPECT_EQ(created(plan_history(a_world(capp).with(a_revision(1, before)))), "nothing");
}

// What a typed Go client makes of a spec when it writes it back.
TEST(History, HowAGoClientWritesTheSameMakesNone) {
  const auto by_go = a_capp("web").with("spec", R"({
      "scaleSpec": {"metric": "cpu"}, "routeSpec": {"hostname": "shop"},
      "configurationSpec": {"template": {"spec": {"containers": [
        {"image": "app:1", "resources": {"limits": {"cpu": "1", "memory": "1Gi"},
                                        "requests": {"cpu": "500m"}}}]}}},
      "volumesSpec": {"nfsVolumes": [{"name": "data", "capacity": {"storage": "1536Mi"}}]}})");
  const auto by_hand = a_capp("web").with("spec", R"({
      "scaleSpec": {"metric": "cpu", "minReplicas": 0, "scaleDelaySeconds": 0},
      "routeSpec": {"hostname": "shop", "tlsEnabled": false},
      "configurationSpec": {"template": {"spec": {"containers": [
        {"image": "app:1", "resources": {"limits": {"cpu": 1, "memory": "1024Mi"},
                                        "requests": {"cpu": 0.5}}}]}}},
      "volumesSpec": {"nfsVolumes": [{"name": "data", "capacity": {"storage": "1.5Gi"}}]}})");
  EXPECT_EQ(created(plan_history(a_world(by_hand).with(a_revision(1, by_go)))), "nothing");
}

TEST(History, AnotherAmountIsAChange) {
  const auto with_limit = [](std::string_view cpu) {
    return a_capp("web").with("spec", R"({"configurationSpec": {"template": {"spec": {"containers":
        [{"resources": {"limits": {"cpu": ")" +
                                          std::string(cpu) + R"("}}}]}}}})");
  };
  EXPECT_EQ(
      created(plan_history(a_world(with_limit("1100m")).with(a_revision(1, with_limit("1"))))),
      "web-00002");
}

TEST(History, GoingBackToAnOlderVersionIsAChange) {
  const auto history = plan_history(a_world(a_capp_with_image("app:1"))
                                        .with(a_revision(1, a_capp_with_image("app:1")))
                                        .with(a_revision(2, a_capp_with_image("app:2"))));
  EXPECT_EQ(created(history), "web-00003");
}

// The operator written in Go sorted by creation time, which has a resolution of one second.
TEST(History, IsOrderedByNumber) {
  const auto history = plan_history(a_world(a_capp_with_image("app:c"))
                                        .with_config({.autoscale = {}, .revision_history_limit = 2})
                                        .with(a_revision(100000, a_capp_with_image("app:c")))
                                        .with(a_revision(9, a_capp_with_image("app:a")))
                                        .with(a_revision(99999, a_capp_with_image("app:b"))));
  EXPECT_EQ(created(history), "nothing");
  EXPECT_THAT(names(history.prune), ElementsAre("web-00009"));
}

TEST(History, KeepsTenByDefault) {
  auto world = a_world(a_capp_with_image("app:11"));
  for (int i = 1; i <= 10; ++i) {
    world.with(a_revision(i, a_capp_with_image("app:" + std::to_string(i))));
  }
  const auto history = plan_history(world);
  EXPECT_EQ(created(history), "web-00011");
  EXPECT_THAT(names(history.prune), ElementsAre("web-00001"));
}

// The operator written in Go deleted all of them and then crashed.
TEST(History, ALimitOfOneKeepsTheNewest) {
  const Config one{.autoscale = {}, .revision_history_limit = 1};
  const auto changed = plan_history(a_world(a_capp_with_image("app:2"))
                                        .with_config(one)
                                        .with(a_revision(1, a_capp_with_image("app:1"))));
  EXPECT_EQ(created(changed), "web-00002");
  EXPECT_THAT(names(changed.prune), ElementsAre("web-00001"));

  const auto settled = plan_history(a_world(a_capp_with_image("app:2"))
                                        .with_config(one)
                                        .with(a_revision(2, a_capp_with_image("app:2"))));
  EXPECT_EQ(created(settled), "nothing");
  EXPECT_THAT(settled.prune, IsEmpty());
}

TEST(History, PrunesByUid) {
  const auto history = plan_history(a_world(a_capp_with_image("app:2"))
                                        .with_config({.autoscale = {}, .revision_history_limit = 1})
                                        .with(a_revision(1, a_capp_with_image("app:1"))));
  ASSERT_EQ(history.prune.size(), 1U);
  EXPECT_EQ(history.prune[0].uid, "uid-of-web-00001");
  EXPECT_EQ(*history.prune[0].kind, kCappRevision);
}

TEST(History, TakesOverRevisionsThatHaveOnlyTheirLabel) {
  const auto capp = a_capp_with_image("app:1");
  const auto old =
      ObjectBuilder(kCappRevision, "web-00004")
          .with_label("rcs.dana.io/cappName", "web")
          .with_spec("revisionNumber", "4")
          .with_spec("cappTemplate", boost::json::serialize(capp_template(capp_of(capp))));
  EXPECT_EQ(created(plan_history(a_world(capp).with(old))), "nothing");
}

TEST(History, OfAnEarlierCappOfThatNameOnlyItsNumbersCount) {
  const auto capp = a_capp_with_image("app:1");
  const auto foreign =
      ObjectBuilder(kCappRevision, "web-00004")
          .with_label("rcs.dana.io/cappName", "web")
          .with_owner("uid-of-an-earlier-web")
          .with_spec("revisionNumber", "4")
          .with_spec("cappTemplate", boost::json::serialize(capp_template(capp_of(capp))));
  const auto history = plan_history(
      a_world(capp).with_config({.autoscale = {}, .revision_history_limit = 1}).with(foreign));
  EXPECT_EQ(created(history), "web-00005");
  EXPECT_THAT(history.prune, IsEmpty());
}

TEST(History, ARevisionThatIsBeingDeletedIsGone) {
  const auto capp = a_capp_with_image("app:1");
  const auto history = plan_history(a_world(capp).with(a_revision(1, capp).terminating()));
  EXPECT_EQ(created(history), "web-00002");
  EXPECT_THAT(history.prune, IsEmpty());
}

TEST(TemplateHash, DoesNotDependOnTheOrderOfKeys) {
  EXPECT_EQ(template_hash(parse_object(R"({"cappSpec": {"a": 1, "b": 2}, "labels": {}})")),
            template_hash(parse_object(R"({"labels": {}, "cappSpec": {"b": 2, "a": 1}})")));
}

// Stores what a history asks for, as the API server would.
void carry_out(const History& history, std::vector<ObjectBuilder>& stored,
               const ObjectBuilder& capp) {
  if (history.create) {
    stored.push_back(
        a_revision(history.create->body.at("spec").at("revisionNumber").as_int64(), capp));
  }
  for (const auto& gone : history.prune) {
    std::erase_if(stored, [&](const ObjectBuilder& revision) {
      return json::string_at(revision.object(), {"metadata", "uid"}) == gone.uid;
    });
  }
}

RC_GTEST_PROP(History, NumbersOnlyGrowTheLimitHoldsAndTheNewestDescribesTheCapp, ()) {
  const Config config{.autoscale = {}, .revision_history_limit = *rc::gen::inRange(1, 5)};
  const auto images = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 3));
  std::vector<ObjectBuilder> stored;
  std::int64_t last = 0;
  int before = -1;
  for (const int image : images) {
    const auto capp = a_capp_with_image("app:" + std::to_string(image));
    const auto observe = [&] {
      auto world = a_world(capp).with_config(config);
      for (const auto& revision : stored) world.with(revision);
      return plan_history(world);
    };
    const auto history = observe();
    RC_ASSERT(history.create.has_value() == (image != before));
    if (history.create) {
      const auto number = history.create->body.at("spec").at("revisionNumber").as_int64();
      RC_ASSERT(number == last + 1);
      last = number;
    }
    carry_out(history, stored, capp);
    RC_ASSERT(stored.size() <= static_cast<std::size_t>(config.revision_history_limit));
    const auto settled = observe();
    RC_ASSERT(!settled.create && settled.prune.empty());
    before = image;
  }
}

}  // namespace
}  // namespace capp
