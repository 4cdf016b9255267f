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

// Of all kinds in one process: it takes two seconds until nine children are written and all is
// quiet.
class ChildDrift : public AllChildren {
 protected:
  void SetUp() override {
    AllChildren::SetUp();
    create_quiet();
    cluster.audit.restart();
  }

  // By the audit log: from the answer to what somebody did, to the arrival of our first write.
  testing::AssertionResult repaired_in_time(const ChildCase& child, std::string_view verb) {
    const auto about = cluster.audit.all().in(cluster.ns).named(child.name);
    const auto edits = about.of(verb, child.kind->plural).only([](const AuditRequest& request) {
      return request.user != kOperatorUser;
    });
    return follows_within(kRepairLimit, edits, repairs(child));
  }
  Requests repairs(const ChildCase& child) {
    return cluster.writes().of("patch", child.kind->plural).named(child.name);
  }
  testing::AssertionResult is_as(const ChildCase& child, const std::string& before) {
    const auto now = api.find(*child.kind, cluster.key(child.name));
    if (!now) return testing::AssertionFailure() << "it is not there";
    return is(std::string(child.edited), at(*now, child.edited), before);
  }
  testing::AssertionResult is_back(const ChildCase& child, const Api::Object& before) {
    const auto now = api.find(*child.kind, cluster.key(child.name));
    if (!now || at(*now, "/metadata/uid") == at(before, "/metadata/uid")) {
      return testing::AssertionFailure() << "it is not back";
    }
    return is("spec", at(*now, "/spec"), at(before, "/spec"));
  }
};

TEST_F(ChildDrift, AnEditIsUndoneAndWhatElseWasAddedStays) {
  for (const auto& child : child_cases()) {
    api.merge_patch(*child.kind, cluster.key(child.name), R"({"metadata": {
      "annotations": {"example.com/note": "kept"}, "labels": {"example.com/team": "blue"}}})");
  }
  EXPECT_TRUE(falls_silent());
  EXPECT_TRUE(cluster.writes().empty()) << cluster.writes().describe();
  cluster.audit.restart();

  for (const auto& child : child_cases()) {
    SCOPED_TRACE(child.label);
    const std::string before = at(live(child), child.edited);
    api.merge_patch(*child.kind, cluster.key(child.name), child.edit);
    EXPECT_TRUE(eventually([&] { return is_as(child, before); }));
    EXPECT_TRUE(eventually([&] { return repaired_in_time(child, "patch"); }));
  }
  EXPECT_TRUE(falls_silent());
  for (const auto& child : child_cases()) {
    SCOPED_TRACE(child.label);
    EXPECT_EQ(repairs(child).size(), 1U) << repairs(child).describe();
    EXPECT_EQ(annotation(live(child), "example.com/note"), "kept");
    EXPECT_EQ(label(live(child), "example.com/team"), "blue");
  }
}

TEST_F(ChildDrift, ADeletedOneIsBack) {
  for (const auto& child : child_cases()) {
    SCOPED_TRACE(child.label);
    const auto before = live(child);
    api.remove(*child.kind, cluster.key(child.name));
    EXPECT_TRUE(eventually([&] { return is_back(child, before); }));
    EXPECT_TRUE(eventually([&] { return repaired_in_time(child, "delete"); }));
  }
}

}  // namespace
}  // namespace test
