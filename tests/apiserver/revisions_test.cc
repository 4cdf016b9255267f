// Every change of a Capp is kept as a CappRevision, and nothing else is (behaviour 4).

#include <vector>

#include <fmt/format.h>

#include "capp/kinds.h"
#include "tests/support/cluster.h"

namespace test {
namespace {

using capp::kCapp;
using capp::kCappRevision;

class Revisions : public SharedCluster {
 protected:
  void SetUp() override {
    SharedCluster::SetUp();
    cluster.create_settled(a_capp("web"));
    ASSERT_TRUE(eventually([&] { return numbers_are({1}); }));
  }

  std::vector<int> numbers() {
    std::vector<int> numbers;
    for (const auto& revision : api.list(kCappRevision, cluster.ns)) {
      numbers.push_back(std::stoi(at(revision, "/spec/revisionNumber")));
    }
    std::ranges::sort(numbers);
    return numbers;
  }

  testing::AssertionResult numbers_are(const std::vector<int>& expected) {
    const auto now = numbers();
    if (now == expected) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "revisions: " << testing::PrintToString(now);
  }

  void change(std::string_view patch) { api.merge_patch(kCapp, web, patch); }

  // The operator has seen the Capp as it is now, and there is no other revision than the first.
  void expect_none_made() {
    EXPECT_TRUE(eventually([&] { return cluster.settled("web"); }));
    EXPECT_TRUE(throughout(kMoment, [&] { return numbers_are({1}); }));
  }

  object::Key web = cluster.key("web");
};

TEST_F(Revisions, HoldTheCappAsItWas) {
  const auto revision = api.get(kCappRevision, cluster.key("web-00001"));
  EXPECT_EQ(label(revision, "rcs.dana.io/cappName"), "web");
  EXPECT_EQ(at(revision, "/metadata/ownerReferences/0/uid"),
            at(cluster.capp("web"), "/metadata/uid"));
  EXPECT_EQ(at(revision, "/spec/cappTemplate/cappSpec"), at(cluster.capp("web"), "/spec"));
}

TEST_F(Revisions, FollowSpecLabelsAndAnnotations) {
  change(R"({"spec": {"scaleMetric": "rps"}})");
  EXPECT_TRUE(eventually([&] { return numbers_are({1, 2}); }));
  change(R"({"metadata": {"labels": {"team": "blue"}}})");
  EXPECT_TRUE(eventually([&] { return numbers_are({1, 2, 3}); }));
  change(R"({"metadata": {"annotations": {"example.com/note": "x"}}})");
  EXPECT_TRUE(eventually([&] { return numbers_are({1, 2, 3, 4}); }));
  const auto last = api.get(kCappRevision, cluster.key("web-00004"));
  EXPECT_EQ(at(last, "/spec/cappTemplate/labels/team"), "blue");
  EXPECT_EQ(at(last, "/spec/cappTemplate/annotations/example.com~1note"), "x");
}

TEST_F(Revisions, IgnoreBookkeeping) {
  change(R"({"metadata": {"annotations": {
    "rcs.dana.io/last-updated-by": "somebody",
    "kubectl.kubernetes.io/last-applied-configuration": "{}"}}})");
  expect_none_made();
}

TEST_F(Revisions, IgnoreTheStatus) {
  api.merge_patch(kCapp, web, R"({"status": {"autoscaleType": "nonsense"}})", "status");
  EXPECT_TRUE(eventually([&] {
    return is("autoscaleType", at(cluster.capp("web"), "/status/autoscaleType"), "concurrency");
  }));
  expect_none_made();
}

// Whole objects as a client of the other generation writes them: without the fields that it does
// not know, which the schema defaults again, and with empty ones of its own.
TEST_F(Revisions, IgnoreWhatTheSchemaDefaultsAgain) {
  auto whole = cluster.capp("web");
  auto& spec = whole.at("spec").as_object();
  spec.erase("scaleMetric");
  spec.erase("state");
  spec["logSpec"] = boost::json::object{};
  spec["routeSpec"] = {{"hostname", ""}};
  api.replace(kCapp, web, whole);
  expect_none_made();
}

TEST_F(Revisions, TheNewestTenAreKept) {
  for (int i = 2; i <= 12; ++i) {
    change(fmt::format(R"({{"metadata": {{"labels": {{"change": "{}"}}}}}})", i));
    ASSERT_TRUE(eventually([&] { return is("newest", numbers().back(), i); }));
  }
  EXPECT_TRUE(eventually([&] { return numbers_are({3, 4, 5, 6, 7, 8, 9, 10, 11, 12}); }));
  // A new one is stored before an old one goes: there were never fewer.
  const auto writes = cluster.writes();
  const auto creations = writes.of("create", "capprevisions");
  const auto removals = writes.of("delete", "capprevisions");
  ASSERT_EQ(creations.size(), 12U);
  ASSERT_EQ(removals.size(), 2U);
  EXPECT_LE(creations[10].completed, removals[0].received);
  EXPECT_LE(creations[11].completed, removals[1].received);
}

// ecosystem 4.3.1: a history of one lost all of its revisions, and then the operator.
TEST_F(Revisions, AHistoryOfOneKeepsTheNewest) {
  api.create(capp::kCappConfig, cluster.ns, parse_object(R"({"apiVersion": "rcs.dana.io/v1alpha1",
    "kind": "CappConfig", "metadata": {"name": "capp-config"},
    "spec": {"revisionHistoryLimit": 1}})"));
  for (int i = 2; i <= 4; ++i) {
    change(fmt::format(R"({{"metadata": {{"labels": {{"change": "{}"}}}}}})", i));
    EXPECT_TRUE(eventually([&] { return numbers_are({i}); }));
  }
}

// ecosystem 4.2 F6 and 4.3.14: creation times have a resolution of one second.
TEST_F(Revisions, AreOrderedByNumber) {
  for (const int number : {7, 3}) {
    api.create(kCappRevision, cluster.ns,
               parse_object(fmt::format(R"({{
      "apiVersion": "rcs.dana.io/v1alpha1", "kind": "CappRevision",
      "metadata": {{"name": "api-{0:05}", "labels": {{"rcs.dana.io/cappName": "api"}}}},
      "spec": {{"revisionNumber": {0}, "cappTemplate": {{"cappSpec": {1}}}}}}})",
                                        number, at(a_capp("api"), "/spec"))));
  }
  // The one of number 7 is as this Capp is, but for the metric.
  cluster.create_settled(a_capp("api", R"({"spec": {"scaleMetric": "rps"}})"));
  EXPECT_TRUE(eventually([&] { return numbers_are({1, 3, 7, 8}); }));
}

TEST_F(Revisions, OfALongNameHaveAShorterOne) {
  const std::string name(63, 'w');
  cluster.create_settled(a_capp(name));
  cluster.start_operator();
  ASSERT_TRUE(eventually([&] { return cluster.settled(name); }));
  const auto revisions = api.list(kCappRevision, cluster.ns);
  ASSERT_EQ(revisions.size(), 2U);
  const auto& made = label(revisions.front(), "rcs.dana.io/cappName") == name ? revisions.front()
                                                                              : revisions.back();
  const std::string revision = at(made, "/metadata/name");
  EXPECT_LE(revision.size(), 63U);
  EXPECT_TRUE(revision.starts_with("www") && revision.ends_with("-00001")) << revision;
}

}  // namespace
}  // namespace test
