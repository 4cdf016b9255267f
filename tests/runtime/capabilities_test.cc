// What is made of what the API server lists (design 3.4).

#include "runtime/capabilities.h"

#include <future>
#include <memory>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/fake_server.h"

namespace runtime {
namespace {

using ::test::FakeServer;
using ::test::Reply;

constexpr object::Kind kAggregated{"route.openshift.io", "v1", "Route", "routes"};

Reply groups(std::string_view items) {
  return Reply::text(200,
                     fmt::format(R"({{"kind": "APIGroupDiscoveryList", "items": [{}]}})", items));
}

class CapabilitiesTest : public ::testing::Test {
 protected:
  CapabilitiesTest() {
    kube::Config config;
    config.server = {.scheme = "http", .host = "127.0.0.1", .port = server.port()};
    client = kube::Client::connect(loop, config, {.user_agent = "test"}, registry, log).value();
    catalog.add(kAggregated, {});
    server.when("GET", "/api").reply(groups(""));
  }
  // Returns at the first change of what is known.
  void discover() {
    std::promise<void> changed;
    capabilities =
        std::make_unique<Capabilities>(loop, *client, catalog, registry, log,
                                       [&, told = false](const WatchedKind&, Availability) mutable {
                                         if (!std::exchange(told, true)) changed.set_value();
                                       });
    capabilities->start();
    changed.get_future().wait();
    capabilities->stop();
  }

  telemetry::metrics::Registry registry;
  telemetry::log::Logger log = telemetry::log::discarding_logger();
  net::Loop loop;
  FakeServer server;
  std::unique_ptr<kube::Client> client;
  Catalog catalog;
  std::unique_ptr<Capabilities> capabilities;
};

TEST_F(CapabilitiesTest, AKindThatIsNotListedIsAbsent) {
  server.when("GET", "/apis").reply(groups(""));
  discover();
  EXPECT_EQ(capabilities->of(kAggregated), Availability::kAbsent);
  EXPECT_TRUE(capabilities->settled());
}

// Nothing is known of it, and whoever waited for it might wait for long.
TEST_F(CapabilitiesTest, AKindWhoseApiIsAwayIsNeitherAbsentNorWaitedFor) {
  server.when("GET", "/apis").reply(groups(R"({"metadata": {"name": "route.openshift.io"},
                        "versions": [{"version": "v1", "freshness": "Stale"}]})"));
  discover();
  EXPECT_EQ(capabilities->of(kAggregated), Availability::kUnknown);
  EXPECT_TRUE(capabilities->settled());
}

}  // namespace
}  // namespace runtime
