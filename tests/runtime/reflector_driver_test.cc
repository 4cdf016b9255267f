// What a reflector at work tells of a server that does not serve it.

#include "runtime/reflector_driver.h"

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "base/mutex.h"
#include "telemetry/log/encoder.h"
#include "telemetry/log/sink.h"
#include "tests/support/fake_server.h"

namespace runtime {
namespace {

using ::test::FakeServer;
using ::test::Reply;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr object::Kind kKind{"", "v1", "ConfigMap", "configmaps"};

class Lines final : public telemetry::log::Sink {
 public:
  void write(std::string_view line) override {
    const base::MutexLock lock(mutex_);
    lines_.emplace_back(line);
  }
  [[nodiscard]] std::vector<std::string> all() const {
    const base::MutexLock lock(mutex_);
    return lines_;
  }

 private:
  mutable base::Mutex mutex_;
  std::vector<std::string> lines_ CAPP_GUARDED_BY(mutex_);
};

class ReflectorDriverTest : public ::testing::Test {
 public:
  ~ReflectorDriverTest() override {
    on_loop([&] { driver->stop(); });
  }

 protected:
  ReflectorDriverTest() {
    kube::Config config;
    config.server = {.scheme = "http", .host = "127.0.0.1", .port = server.port()};
    client = kube::Client::connect(loop, config, {.user_agent = "test"}, registry,
                                   telemetry::log::discarding_logger())
                 .value();
    driver = std::make_unique<ReflectorDriver>(
        loop, *client, kind, pool, metrics, log,
        ReflectorDriver::Hooks{
            .synced = [] {}, .absent = [] {}, .failed = [](const base::Error&) {}});
  }
  void on_loop(const std::function<void()>& what) {
    std::promise<void> done;
    loop.post([&] {
      what();
      done.set_value();
    });
    done.get_future().wait();
  }

  std::shared_ptr<Lines> lines = std::make_shared<Lines>();
  telemetry::log::Logger log{{.sink = lines, .encoder = telemetry::log::console_encoder()}};
  telemetry::metrics::Registry registry;
  net::Loop loop;
  FakeServer server;
  std::unique_ptr<kube::Client> client;
  object::OwnedSetPool pool;
  WatchedKind kind{kKind, {}, {}, nullptr};
  ReflectorMetrics metrics{registry};
  std::unique_ptr<ReflectorDriver> driver;
};

// An API server that has just started refuses each kind once.
TEST_F(ReflectorDriverTest, WarnsOfAServerThatIsBusyAtTheSecondTime) {
  const auto busy = [] { return Reply::text(429, "storage is (re)initializing"); };
  server.when("GET", "/api/v1/configmaps?*").reply(busy()).then(busy().held()).then(busy());
  on_loop([&] { driver->start(); });
  ASSERT_TRUE(server.wait_for_requests(2));
  EXPECT_THAT(lines->all(), Contains(HasSubstr("asks to come again")));
  EXPECT_THAT(lines->all(), Not(Contains(HasSubstr("WARN"))));
  server.release();
  ASSERT_TRUE(server.wait_for_requests(3));
  EXPECT_THAT(lines->all(), Contains(HasSubstr("WARN")));
}

}  // namespace
}  // namespace runtime
