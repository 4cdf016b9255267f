// What an elector does with fence, watchdog and client; when it leads is Election's
// (election_test.cc).

#include "runtime/leader_elector.h"

#include <future>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/eventually.h"
#include "tests/support/fake_server.h"

namespace runtime {
namespace {

using ::test::FakeServer;
using ::test::Reply;
using ::test::throughout;
using ::testing::ElementsAre;
using ::testing::ExitedWithCode;
using namespace std::chrono_literals;

// Quick, with a watchdog that wakes up 1.75 s after a renewal.
constexpr LeaseTimes kTimes{.duration = 2s, .renew_deadline = 1500ms, .retry_period = 100ms};
constexpr auto kWatchdogs = 1750ms;

constexpr const char* kLeases = "/apis/coordination.k8s.io/v1/namespaces/ns/leases";
constexpr const char* kPath = "/apis/coordination.k8s.io/v1/namespaces/ns/leases/l";

Reply held_by(std::string_view holder) {
  return Reply::text(200, fmt::format(R"({{"metadata": {{"resourceVersion": "1"}},
                                           "spec": {{"holderIdentity": "{}",
                                                     "leaseDurationSeconds": 2}}}})",
                                      holder));
}

// One process that stands for election.
class Candidate {
 public:
  std::unique_ptr<LeaderElector> start(LeaderElector::Hooks hooks) {
    kube::Config config;
    config.server = {.scheme = "http", .host = "127.0.0.1", .port = server.port()};
    auto elector =
        LeaderElector::create(
            {.lease = {"ns", "l"}, .identity = "me", .field_manager = "test", .times = kTimes},
            config, "test", fence, *watchdog, registry, telemetry::log::discarding_logger())
            .value();
    elector->start(std::move(hooks));
    return elector;
  }
  // The Lease is there for the taking; then somebody else has it.
  void leads_once() {
    server.when("GET", kPath).reply(Reply::text(404, "{}")).then(held_by("other"));
    server.when("POST", std::string(kLeases) + "?*").reply(held_by("me"));
    server.when("PUT", std::string(kPath) + "?*").reply(Reply::text(409, "{}"));
  }
  // Of the Lease, its watch aside.
  [[nodiscard]] std::vector<std::string> methods() const {
    std::vector<std::string> all;
    for (const auto& request : server.requests()) {
      const bool watch = request.method == "GET" && request.target != kPath;
      if (!watch) all.push_back(request.method);
    }
    return all;
  }

  FakeServer server;
  net::Loop loop;
  Fence fence;
  std::unique_ptr<Watchdog> watchdog = Watchdog::create(loop).value();
  telemetry::metrics::Registry registry;
};

LeaderElector::Hooks no_hooks() {
  return {.began = [] {}, .stepped_down = [] {}, .lost = [](const auto&) {}};
}

// The API server refuses, in a way that asks to come again, what it has carried out all the same.
TEST(LeaderElector, LooksBeforeItWritesAgain) {
  Candidate candidate;
  candidate.server.when("GET", kPath).reply(Reply::text(404, "{}"));
  candidate.server.when("POST", std::string(kLeases) + "?*")
      .reply(Reply::text(500, "{}", {{"Retry-After", "0"}}));
  const auto elector = candidate.start(no_hooks());
  for (std::size_t count = 1; candidate.methods().size() < 3; ++count) {
    ASSERT_TRUE(candidate.server.wait_for_requests(count));
  }
  auto methods = candidate.methods();
  methods.resize(3);
  EXPECT_THAT(methods, ElementsAre("GET", "POST", "GET"));
}

// The fence stays closed, and the process lives on past the time of its watchdog.
bool outlives_its_lease() {
  Candidate candidate;
  candidate.leads_once();
  std::promise<void> lost;
  auto hooks = no_hooks();
  hooks.lost = [&](const auto&) { lost.set_value(); };
  const auto elector = candidate.start(std::move(hooks));
  lost.get_future().wait();
  return throughout(kWatchdogs + 250ms, [&] {
    return candidate.fence.open(base::BootClock::now()) ? testing::AssertionFailure()
                                                        : testing::AssertionSuccess();
  });
}

[[noreturn]] void never_step_down() {
  Candidate candidate;
  candidate.leads_once();
  auto hooks = no_hooks();
  hooks.stepped_down = [] { std::promise<void>().get_future().wait(); };
  const auto elector = candidate.start(std::move(hooks));
  for (;;) ::pause();
}

// gtest runs these in processes of their own.
class LeaderElectorDeathTest : public testing::Test {
 protected:
  LeaderElectorDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(LeaderElectorDeathTest, GivesAProcessThatWritesNothingMoreTheTimeToWindDown) {
  EXPECT_EXIT(::_exit(outlives_its_lease() ? 0 : 2), ExitedWithCode(0), "");
}

TEST_F(LeaderElectorDeathTest, LeavesTheWatchdogAwakeUntilNothingIsUnderWay) {
  EXPECT_EXIT(never_step_down(), ExitedWithCode(1), "ended by its watchdog");
}

}  // namespace
}  // namespace runtime
