// Configuration takes effect while the operator runs, and a bad one does nothing (behaviour 3).

#include "capp/kinds.h"
#include "tests/support/cluster.h"

namespace test {
namespace {

using capp::kConfigMap;

class ConfigurationChange : public SharedCluster {
 protected:
  void configure(const std::string& name, const std::string& data) {
    api.apply(kConfigMap, cluster.key(name),
              parse_object(R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": ")" +
                           name + R"("}, "data": )" + data + "}"));
  }
  testing::AssertionResult target(std::string_view capp, std::string_view expected) {
    return is(std::string(capp) + "'s target",
              at(cluster.service(capp),
                 "/spec/template/metadata/annotations/autoscaling.knative.dev~1target"),
              expected);
  }
};

TEST_F(ConfigurationChange, ReachesTheServicesThatItConcernsWithOneWriteEach) {
  cluster.create_settled(a_capp("by-concurrency"));
  cluster.create_settled(a_capp("by-rps", R"({"spec": {"scaleMetric": "rps"}})"));
  ASSERT_TRUE(target("by-concurrency", "10"));
  ASSERT_TRUE(target("by-rps", "200"));

  cluster.audit.restart();
  configure("autoscale-defaults", R"({"rps": "50"})");
  EXPECT_TRUE(eventually([&] { return target("by-rps", "50"); }));
  EXPECT_TRUE(cluster.writes_stay_at(1));
  EXPECT_TRUE(target("by-concurrency", "10"));

  api.remove(kConfigMap, cluster.key("autoscale-defaults"));
  EXPECT_TRUE(eventually([&] { return target("by-rps", "200"); }));
  EXPECT_TRUE(cluster.writes_stay_at(2));
}

TEST_F(ConfigurationChange, ABadValueLeavesTheLastGoodOneInForce) {
  configure("autoscale-defaults", R"({"concurrency": "25"})");
  cluster.create_settled(a_capp("web"));
  EXPECT_TRUE(eventually([&] { return target("web", "25"); }));

  configure("autoscale-defaults", R"({"concurrency": "30", "rps": "many"})");
  EXPECT_TRUE(eventually([&] {
    const auto events = cluster.events("autoscale-defaults", "ConfigInvalid");
    if (events.empty()) return testing::AssertionFailure() << "no event";
    const std::string note = at(events.front(), "/note");
    return note.contains("rps") && note.contains("many") ? testing::AssertionSuccess()
                                                         : testing::AssertionFailure() << note;
  }));
  EXPECT_TRUE(target("web", "25"));
  cluster.create_settled(a_capp("later"));
  EXPECT_TRUE(target("later", "25"));
}

TEST_F(ConfigurationChange, TheOtherNameIsReadWhereTheFirstIsAbsent) {
  cluster.create_settled(a_capp("web"));
  configure("autoscale-default", R"({"concurrency": "11"})");
  EXPECT_TRUE(eventually([&] { return target("web", "11"); }));
  configure("autoscale-defaults", R"({"concurrency": "12"})");
  EXPECT_TRUE(eventually([&] { return target("web", "12"); }));
}

}  // namespace
}  // namespace test
