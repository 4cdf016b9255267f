// On OpenShift a Capp links to the console (behaviour 1, `applicationLinks`).

#include <fmt/format.h>

#include "capp/kinds.h"
#include "tests/support/child_process.h"
#include "tests/support/cluster.h"
#include "tests/support/operator_rights.h"
#include "tests/support/places.h"
#include "yaml/convert.h"

namespace test {
namespace {

using capp::kRoute;

const object::Key kConsole{.ns = "openshift-console", .name = "console"};

class OpenShift : public testing::Test {
 protected:
  void SetUp() override {
    api.create(kNamespace, {}, parse_object(R"({"metadata": {"name": "openshift-console"}})"));
    grant_console();
    cluster.start_operator();
    cluster.create_settled(a_capp("web"));
  }

  void install_routes() {
    const auto definition =
        yaml::parse(read_file(in_source("tests/apiserver/data/route.openshift.io_routes.yaml")));
    ASSERT_TRUE(definition) << definition.error().describe();
    api.create(kDefinition, {}, definition->as_object());
  }
  // What config/openshift adds to the roles.
  void grant_console() {
    const auto manifests =
        yaml::parse_all(read_file(in_source("config/openshift/console_role.yaml")));
    ASSERT_TRUE(manifests) << manifests.error().describe();
    const auto& role = manifests->front().as_object();
    api.create(kRole, kConsole.ns, role);
    api.create(kRoleBinding, kConsole.ns, manifests->back().as_object());
    await_right(api, role, kConsole.ns);
  }
  // A Route of another name there is none of the console.
  testing::AssertionResult try_route(std::string_view name, std::string_view host) {
    const auto made = api.try_create(
        kRoute, kConsole.ns,
        parse_object(fmt::format(R"({{"apiVersion": "route.openshift.io/v1", "kind": "Route",
            "metadata": {{"name": "{}"}}, "spec": {{"host": "{}"}}}})",
                                 name, host)));
    return made ? testing::AssertionSuccess()
                : testing::AssertionFailure() << made.error().describe();
  }
  testing::AssertionResult links_are(std::string_view links) {
    return is("links", at(cluster.capp("web"), "/status/applicationLinks"), links);
  }

  Cluster cluster{ControlPlane::start({own_definitions(), foreign_definitions()})};
  Api& api = cluster.api;
};

TEST_F(OpenShift, TheConsoleIsLinkedAndNamesTheSite) {
  EXPECT_TRUE(links_are(""));
  install_routes();
  ASSERT_TRUE(
      eventually([&] { return try_route("downloads", "downloads.apps.north.example.com"); }));
  ASSERT_TRUE(try_route("console", "console-openshift-console.apps.north.example.com"));
  EXPECT_TRUE(eventually([&] {
    return links_are(
        R"({"consoleLink":"console-openshift-console.apps.north.example.com","site":"north"})");
  }));

  // The older operator did not survive a host of fewer than three labels.
  api.merge_patch(kRoute, kConsole, R"({"spec": {"host": "console.local"}})");
  EXPECT_TRUE(eventually([&] { return links_are(R"({"consoleLink":"console.local"})"); }));

  api.remove(kRoute, kConsole);
  EXPECT_TRUE(eventually([&] { return links_are(""); }));
}

}  // namespace
}  // namespace test
