// A kind that the cluster does not serve is no reason to stop (behaviour 2, rule 8).

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "capp/kinds.h"
#include "tests/support/cluster.h"
#include "yaml/convert.h"

namespace test {
namespace {

using capp::kCapp;
using capp::kKnativeService;
using namespace std::chrono_literals;

constexpr const char* kServices = "services.serving.knative.dev";
constexpr std::chrono::milliseconds kPickUpLimit = 5s * kSlowness;

class KnativeMissing : public testing::Test {
 protected:
  void SetUp() override {
    cluster.start_operator();
    api.create(kCapp, cluster.ns, a_capp("web"));
    ASSERT_TRUE(eventually([&] { return told(); }));
  }

  testing::AssertionResult told() {
    const auto capp = cluster.capp("web");
    const auto ready = has_condition(capp, "Ready", "False", "ResourceSyncFailed");
    if (!ready) return ready;
    const auto concern = has_condition(capp, "KnativeServiceReady", "False", "DependencyMissing");
    if (!concern) return concern;
    for (const char* type : {"Ready", "KnativeServiceReady"}) {
      const auto message = condition(capp, type).message;
      if (!message.contains(kServices)) return testing::AssertionFailure() << type << message;
    }
    return testing::AssertionSuccess();
  }

  void install_knative() {
    for (const auto& entry : std::filesystem::directory_iterator(foreign_definitions())) {
      if (!entry.path().filename().string().starts_with("serving.knative.dev_")) continue;
      const auto definition = yaml::parse(read_file(entry.path()));
      ASSERT_TRUE(definition) << definition.error().describe();
      api.create(kDefinition, {}, definition->as_object());
    }
  }
  // The API server's finalizer of a definition has been seen to need more than a minute.
  void remove_knative() {
    for (const auto& name : knative_definitions())
      api.remove(kDefinition, {.ns = {}, .name = name});
    ASSERT_TRUE(
        eventually([&] { return is("definitions left", knative_definitions().size(), 0U); }, 180s));
  }
  std::vector<std::string> knative_definitions() {
    std::vector<std::string> names;
    for (const auto& definition : api.list(kDefinition, {})) {
      const auto name = at(definition, "/metadata/name");
      if (name.ends_with(".serving.knative.dev")) names.push_back(name);
    }
    return names;
  }

  testing::AssertionResult has_service() {
    const auto found = api.find(kKnativeService, cluster.key("web"));
    return found ? testing::AssertionSuccess() : testing::AssertionFailure() << "no Service";
  }
  [[nodiscard]] std::size_t log_lines() {
    const std::string log = cluster.op().log();
    return static_cast<std::size_t>(std::ranges::count(log, '\n'));
  }

  Cluster cluster{ControlPlane::start({own_definitions()})};
  Api& api = cluster.api;
};

TEST_F(KnativeMissing, IsPickedUpWhenItComesAndToldWhenItGoes) {
  install_knative();
  EXPECT_TRUE(eventually([&] { return has_service(); }, kPickUpLimit));
  EXPECT_TRUE(eventually([&] {
    return has_condition(cluster.capp("web"), "KnativeServiceReady", "False",
                         "KnativeServiceNotReady");
  }));

  const std::size_t lines_before = log_lines();
  remove_knative();
  EXPECT_TRUE(eventually([&] { return told(); }));
  EXPECT_TRUE(throughout(3s, [&] { return told(); }));
  EXPECT_TRUE(cluster.op().runs());
  EXPECT_EQ(cluster.op().probe("/readyz").status, 200);
  // Two kinds of Knative are read. Each may tell that it went, how its watch ended, and once a
  // minute that it is still away.
  EXPECT_LE(log_lines() - lines_before, 8U) << cluster.op().log();

  install_knative();
  EXPECT_TRUE(eventually([&] { return has_service(); }, kPickUpLimit));
}

TEST_F(KnativeMissing, DoesNotKeepACappFromGoing) {
  api.remove(kCapp, cluster.key("web"));
  EXPECT_TRUE(eventually([&] { return is("Capps", api.list(kCapp, cluster.ns).size(), 0U); }));
}

}  // namespace
}  // namespace test
