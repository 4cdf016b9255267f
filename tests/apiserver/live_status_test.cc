// The status of every child is followed live, and costs one request (issue 4; ecosystem 4.3.7:
// NfsPvcs were not watched, of the SyslogNG objects only the spec, of Services only the revisions).

#include "tests/support/all_children.h"

namespace test {
namespace {

class LiveStatus : public AllChildren, public testing::WithParamInterface<ChildCase> {
 protected:
  Requests asked() {
    return cluster.audit.of_operator().only(
        [](const AuditRequest& request) { return request.is_write() || request.is_read(); });
  }
};

TEST_P(LiveStatus, CostsOneRequest) {
  const auto& child = GetParam();
  create_quiet();
  all_are_healthy();
  ASSERT_TRUE(eventually([&] { return web_has("Ready", "True", "Ready"); }));
  ASSERT_TRUE(falls_silent());
  cluster.audit.restart();

  says(child, child.broken);
  EXPECT_TRUE(eventually([&] { return web_has(child.ready(), "False", child.not_ready()); }));
  EXPECT_TRUE(web_has("Ready", "False", child.not_ready()));
  EXPECT_TRUE(cluster.writes_stay_at(1));
  EXPECT_EQ(asked().size(), 1U) << asked().describe();
  EXPECT_EQ(asked().of("patch", "capps/status").size(), 1U);

  says(child, child.healthy);
  EXPECT_TRUE(eventually([&] { return web_has("Ready", "True", "Ready"); }));
}

INSTANTIATE_TEST_SUITE_P(Each, LiveStatus,
                         testing::ValuesIn(child_cases().begin(), child_cases().end()), case_name);

}  // namespace
}  // namespace test
