// When a process begins to work, and what it says until then.

#include "runtime/manager.h"

#include <future>
#include <memory>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "net/client.h"
#include "tests/support/fake_server.h"

namespace runtime {
namespace {

using ::test::FakeServer;
using ::test::Reply;
using ::testing::HasSubstr;

constexpr object::Kind kSettings{"example.org", "v1", "Setting", "settings"};

std::uint16_t free_port() {
  return FakeServer().port();
}

class ManagerTest : public ::testing::Test {
 protected:
  ManagerTest() {
    ManagerOptions options{.config = {},
                           .user_agent = "test",
                           .applier = {},
                           .metrics_address = "0",
                           .probe_address = fmt::format("127.0.0.1:{}", probe_port),
                           .events = {}};
    options.config.server = {.scheme = "http", .host = "127.0.0.1", .port = server.port()};
    manager = Manager::create(std::move(options), telemetry::log::discarding_logger()).value();
    manager->catalog().add(kSettings, {});
    server.when("GET", "/api")
        .reply(Reply::text(200, R"({"kind": "APIGroupDiscoveryList", "items": []})"));
    server.when("GET", "/apis/example.org/v1/settings?*")
        .reply(Reply::text(403, R"({"kind": "Status", "code": 403, "reason": "Forbidden"})"));
  }
  void server_lists(std::string_view resources) {
    server.when("GET", "/apis")
        .reply(Reply::text(200, fmt::format(R"({{"kind": "APIGroupDiscoveryList", "items": [
            {{"metadata": {{"name": "example.org"}},
              "versions": [{{"version": "v1", "resources": [{}]}}]}}]}})",
                                            resources)));
  }
  // GET /readyz once so much has changed in what is known of the kind.
  net::Response ready_after(int changes) {
    std::promise<void> changed;
    manager->on_availability([&, left = changes](const WatchedKind&, Availability) mutable {
      if (--left == 0) changed.set_value();
    });
    std::jthread process([&](const std::stop_token& stop) { EXPECT_TRUE(manager->run(stop)); });
    changed.get_future().wait();
    net::Loop loop;
    const auto client =
        net::Client::create(loop, {.host = "127.0.0.1", .port = probe_port, .tls = false}).value();
    return client
        ->send({.method = net::Method::kGet, .target = "/readyz", .headers = {}, .body = {}})
        .value();
  }

  FakeServer server;
  const std::uint16_t probe_port = free_port();
  std::unique_ptr<Manager> manager;
};

constexpr std::string_view kListed = R"({"resource": "settings"})";
// It is syncing; then it is refused.
constexpr int kSyncingAndRefused = 2;

TEST_F(ManagerTest, DoesNotWaitForAKindThatIsRefused) {
  server_lists(kListed);
  EXPECT_EQ(ready_after(kSyncingAndRefused).status, 200);
}

TEST_F(ManagerTest, WaitsForARequiredKindThatTheClusterHasThoughItIsRefused) {
  server_lists(kListed);
  manager->require_if_served(kSettings);
  const auto answer = ready_after(kSyncingAndRefused);
  EXPECT_EQ(answer.status, 500);
  EXPECT_THAT(answer.body, HasSubstr("settings.example.org is syncing"));
  EXPECT_FALSE(manager->working());
}

TEST_F(ManagerTest, DoesNotWaitForOneThatTheClusterDoesNotHave) {
  server_lists("");
  manager->require_if_served(kSettings);
  EXPECT_EQ(ready_after(1).status, 200);
}

// Tells by what it sees when it is stopped whether the kinds are still read then.
class LastSeen final : public CertificateSource {
 public:
  LastSeen(FakeServer& server, std::future<void> changed, bool& still_read)
      : server_(server), changed_(std::move(changed)), still_read_(still_read) {}
  void start(CertificateChanged /*changed*/) override {}
  [[nodiscard]] base::Result<void> last_look() const override { return {}; }
  void stop() override {
    server_.release();
    still_read_ = changed_.wait_for(std::chrono::seconds(10)) == std::future_status::ready;
  }

 private:
  FakeServer& server_;
  std::future<void> changed_;
  bool& still_read_;
};

TEST_F(ManagerTest, KeepsTheStoresUpToDateUntilTheLastWebhookIsAnswered) {
  server.when("GET", "/apis")
      .reply(Reply::text(200, R"({"kind": "APIGroupDiscoveryList", "items": []})").held());
  std::promise<void> changed;
  manager->on_availability([&](const WatchedKind&, Availability) { changed.set_value(); });
  bool still_read = false;
  manager->serve_admission({.bind_address = "127.0.0.1:0"}, {},
                           std::make_unique<LastSeen>(server, changed.get_future(), still_read));
  {
    const std::jthread process(
        [&](const std::stop_token& stop) { EXPECT_TRUE(manager->run(stop)); });
    ASSERT_TRUE(server.wait_for_requests(1));
  }
  EXPECT_TRUE(still_read);
}

}  // namespace
}  // namespace runtime
