// A cluster that does not know CappConfigs is configured by ConfigMaps (behaviour 2, rule 8, and
// 3).

#include "capp/kinds.h"
#include "tests/support/cluster.h"
#include "yaml/convert.h"

namespace test {
namespace {

using capp::kCappConfig;
using capp::kConfigMap;

class CappConfigMissing : public testing::Test {
 protected:
  void remove_definition() {
    api.remove(kDefinition, definition_name);
    ASSERT_TRUE(eventually([&] {
      return is("definition there", api.find(kDefinition, definition_name).has_value(), false);
    }));
  }
  void install_definition() {
    const auto definition =
        yaml::parse(read_file(own_definitions() + "/rcs.dana.io_cappconfigs.yaml"));
    ASSERT_TRUE(definition) << definition.error().describe();
    api.create(kDefinition, {}, definition->as_object());
  }
  testing::AssertionResult target(std::string_view expected) {
    return is("target",
              at(cluster.service("web"),
                 "/spec/template/metadata/annotations/autoscaling.knative.dev~1target"),
              expected);
  }

  const object::Key definition_name{.ns = {}, .name = kCappConfig.resource()};
  Cluster cluster{ControlPlane::start({own_definitions(), foreign_definitions()})};
  Api& api = cluster.api;
};

TEST_F(CappConfigMissing, ConfigMapsCountUntilItComesAndAgainWhenItGoes) {
  remove_definition();
  api.create(kConfigMap, cluster.ns, parse_object(R"({
      "metadata": {"name": "autoscale-defaults"}, "data": {"concurrency": "25"}})"));
  cluster.start_operator();
  cluster.create_settled(a_capp("web"));
  EXPECT_TRUE(target("25"));

  install_definition();
  EXPECT_TRUE(eventually([&] {
    const auto created = api.try_create(kCappConfig, cluster.ns, parse_object(R"({
        "apiVersion": "rcs.dana.io/v1alpha1", "kind": "CappConfig",
        "metadata": {"name": "capp-config"}, "spec": {"autoscaleConfig": {"concurrency": 7}}})"));
    return created ? testing::AssertionSuccess()
                   : testing::AssertionFailure() << created.error().describe();
  }));
  EXPECT_TRUE(eventually([&] { return target("7"); }));

  remove_definition();
  EXPECT_TRUE(eventually([&] { return target("25"); }));
}

}  // namespace
}  // namespace test
