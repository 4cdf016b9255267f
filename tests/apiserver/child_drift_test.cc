// Each kind of child is kept as it is wanted, and what others add to it stays (behaviour 2, rules 2
// to 4).

#include <chrono>

#include "capp/kinds.h"
#include "tests/support/all_children.h"
#include "tests/support/audit_checks.h"

namespace test {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kRepairLimit = 1000ms * kSlowness;

class ChildDrift : public AllChildren, public testing::WithParamInterface<ChildCase> {
 protected:
  void SetUp() override {
    AllChildren::SetUp();
    create_quiet();
    cluster.audit.restart();
  }

  // By the audit log: from the answer to what somebody did, to the arrival of our first write.
  testing::AssertionResult repaired_in_time(std::string_view verb) {
    const auto about = cluster.audit.all().in(cluster.ns).named(child.name);
    const auto edits = about.of(verb, child.kind->plural).only([](const AuditRequest& request) {
      return request.user != kOperatorUser;
    });
    return follows_within(kRepairLimit, edits, repairs());
  }
  Requests repairs() { return cluster.writes().of("patch", child.kind->plural).named(child.name); }
  testing::AssertionResult is_as(std::string_view pointer, const std::string& before) {
    const auto now = api.find(*child.kind, cluster.key(child.name));
    if (!now) return testing::AssertionFailure() << "it is not there";
    return is(std::string(pointer), at(*now, pointer), before);
  }

  const ChildCase& child = GetParam();
};

TEST_P(ChildDrift, AnEditIsUndoneAndWhatElseWasAddedStays) {
  api.merge_patch(*child.kind, cluster.key(child.name), R"({"metadata": {
    "annotations": {"example.com/note": "kept"}, "labels": {"example.com/team": "blue"}}})");
  EXPECT_TRUE(falls_silent());
  EXPECT_TRUE(cluster.writes().empty()) << cluster.writes().describe();
  cluster.audit.restart();

  const std::string before = at(live(child), child.edited);
  api.merge_patch(*child.kind, cluster.key(child.name), child.edit);
  EXPECT_TRUE(eventually([&] { return is_as(child.edited, before); }));
  EXPECT_TRUE(eventually([&] { return repaired_in_time("patch"); }));
  EXPECT_TRUE(falls_silent());
  EXPECT_EQ(repairs().size(), 1U) << repairs().describe();
  EXPECT_EQ(annotation(live(child), "example.com/note"), "kept");
  EXPECT_EQ(label(live(child), "example.com/team"), "blue");
}

TEST_P(ChildDrift, ADeletedOneIsBack) {
  const auto before = live(child);
  api.remove(*child.kind, cluster.key(child.name));
  EXPECT_TRUE(eventually([&] {
    const auto now = api.find(*child.kind, cluster.key(child.name));
    if (!now || at(*now, "/metadata/uid") == at(before, "/metadata/uid")) {
      return testing::AssertionFailure() << "it is not back";
    }
    return is("spec", at(*now, "/spec"), at(before, "/spec"));
  }));
  EXPECT_TRUE(eventually([&] { return repaired_in_time("delete"); }));
}

INSTANTIATE_TEST_SUITE_P(Each, ChildDrift,
                         testing::ValuesIn(child_cases().begin(), child_cases().end()), case_name);

}  // namespace
}  // namespace test
