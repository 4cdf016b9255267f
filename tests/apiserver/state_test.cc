// Disabled and enabled again (behaviour 2, "Disabled / enabled").

#include "capp/kinds.h"
#include "tests/support/cluster.h"

namespace test {
namespace {

using capp::kCapp;
using capp::kKnativeService;

class State : public SharedCluster {
 protected:
  void set_state(std::string_view state) {
    api.merge_patch(kCapp, cluster.key("web"),
                    R"({"spec": {"state": ")" + std::string(state) + R"("}})");
  }
  testing::AssertionResult services_are(std::size_t count) {
    return is("Services", api.list(kKnativeService, cluster.ns).size(), count);
  }
  // One event that was never repeated.
  testing::AssertionResult told_once(std::string_view reason) {
    const auto events = cluster.events("web", reason);
    if (events.size() != 1) {
      return testing::AssertionFailure() << events.size() << " events " << reason;
    }
    return is("series", at(events.front(), "/series"), "");
  }
};

TEST_F(State, DisabledDeletesTheServiceAndEnabledBringsItBack) {
  cluster.create_settled(a_capp("web"));
  EXPECT_EQ(at(cluster.capp("web"), "/status/stateStatus/state"), "enabled");

  set_state("disabled");
  EXPECT_TRUE(eventually([&] { return services_are(0); }));
  EXPECT_TRUE(
      eventually([&] { return has_condition(cluster.capp("web"), "Ready", "False", "Disabled"); }));
  EXPECT_TRUE(eventually([&] { return told_once("CappDisabled"); }));
  EXPECT_EQ(at(cluster.capp("web"), "/status/stateStatus/state"), "disabled");

  cluster.audit.restart();
  EXPECT_TRUE(cluster.writes_stay_at(0));

  set_state("enabled");
  EXPECT_TRUE(eventually([&] { return services_are(1); }));
  EXPECT_TRUE(eventually([&] { return told_once("CappEnabled"); }));
  EXPECT_TRUE(eventually([&] { return cluster.settled("web"); }));
  EXPECT_EQ(at(cluster.capp("web"), "/status/stateStatus/state"), "enabled");
  EXPECT_TRUE(told_once("CappDisabled"));
}

TEST_F(State, ACappThatIsBornDisabledHasNoService) {
  cluster.create_settled(a_capp("web", R"({"spec": {"state": "disabled"}})"));
  EXPECT_TRUE(has_condition(cluster.capp("web"), "Ready", "False", "Disabled"));
  EXPECT_TRUE(services_are(0));
  EXPECT_TRUE(cluster.writes().of("delete", "services").empty()) << cluster.writes().describe();
}

}  // namespace
}  // namespace test
