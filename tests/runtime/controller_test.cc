#include "runtime/controller.h"

#include <condition_variable>
#include <functional>
#include <latch>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>

namespace runtime {
namespace {

using base::Reason;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

const object::Key kKey{.ns = "ns", .name = "a"};

// Does what the test says, and counts.
class Scripted final : public Reconciler {
 public:
  using Script = std::function<base::Result<Requeue>(int call, const std::stop_token& stop)>;
  explicit Scripted(Script script) : script_(std::move(script)) {}

  base::Result<Requeue> reconcile(const QueueItem& item, const telemetry::log::Logger&,
                                  std::stop_token stop) override {
    int call = 0;
    {
      const base::MutexLock lock(mutex_);
      call = ++calls_[item.key];
      changed_.notify_all();
    }
    return script_(call, stop);
  }

  // Once `key` was reconciled so often; false after 10 s.
  bool wait_for_calls(int count, const object::Key& key = kKey) {
    const base::MutexLock lock(mutex_);
    const auto deadline = base::Clock::now() + 10s;
    while (calls_[key] < count && base::Clock::now() < deadline) {
      changed_.wait_until(mutex_, deadline);
    }
    return calls_[key] >= count;
  }
  int calls(const object::Key& key = kKey) {
    const base::MutexLock lock(mutex_);
    return calls_[key];
  }

 private:
  Script script_;
  base::Mutex mutex_;
  base::CondVar changed_;
  std::map<object::Key, int> calls_ CAPP_GUARDED_BY(mutex_);
};

class ControllerTest : public ::testing::Test {
 protected:
  Controller& start(Scripted::Script script) {
    reconciler = std::make_unique<Scripted>(std::move(script));
    controller =
        std::make_unique<Controller>(loop,
                                     ControllerOptions{.name = "capp",
                                                       .kind = "Capp",
                                                       .workers = 2,
                                                       .timeout = timeout,
                                                       .backoff = {.initial = 1ms, .cap = 10ms}},
                                     *reconciler, registry, telemetry::log::discarding_logger());
    controller->queue().add(kKey);
    controller->start();
    return *controller;
  }
  // Ends when nothing is in work or waiting any more.
  void stop() { controller->stop(10s); }
  std::string metrics() const { return registry.exposition(); }

  std::chrono::milliseconds timeout = 1h;
  net::Loop loop;
  telemetry::metrics::Registry registry;
  std::unique_ptr<Scripted> reconciler;
  std::unique_ptr<Controller> controller;
};

std::string total(std::string_view result, int count) {
  return "controller_runtime_reconcile_total{controller=\"capp\",result=\"" + std::string(result) +
         "\"} " + std::to_string(count) + "\n";
}

TEST_F(ControllerTest, CountsASuccessAndDoesNotComeBack) {
  start([](int, const auto&) { return Requeue{}; });
  ASSERT_TRUE(reconciler->wait_for_calls(1));
  stop();
  EXPECT_EQ(reconciler->calls(), 1);
  EXPECT_THAT(metrics(), HasSubstr(total("success", 1)));
  EXPECT_THAT(metrics(), HasSubstr(total("error", 0)));
}

TEST_F(ControllerTest, CancelsAReconcileThatTakesTooLongAndTriesItAgain) {
  timeout = 1ms;
  start([](int call, const std::stop_token& token) -> base::Result<Requeue> {
    if (call > 1) return Requeue{};
    std::mutex mutex;
    std::condition_variable_any cancelled;
    std::unique_lock lock(mutex);
    cancelled.wait(lock, token, [] { return false; });
    return base::fail(Reason::kCancelled, "stopped");
  });
  ASSERT_TRUE(reconciler->wait_for_calls(2));
  stop();
  EXPECT_THAT(metrics(), HasSubstr("reconcile_timeouts_total{controller=\"capp\"} 1"));
  EXPECT_THAT(metrics(), HasSubstr(total("error", 1)));
}

TEST_F(ControllerTest, TriesAFailureAgainAfterItsBackOff) {
  start([](int call, const auto&) -> base::Result<Requeue> {
    if (call < 4) return base::fail(Reason::kUnavailable, "not now");
    return Requeue{};
  });
  ASSERT_TRUE(reconciler->wait_for_calls(4));
  stop();
  EXPECT_THAT(metrics(), HasSubstr(total("error", 3)));
  EXPECT_THAT(metrics(), HasSubstr(total("success", 1)));
  EXPECT_THAT(metrics(), HasSubstr("workqueue_retries_total{name=\"capp\",controller=\"capp\"} 3"));
  EXPECT_EQ(controller->queue().failures(kKey), 0U) << "forgotten with the success";
}

TEST_F(ControllerTest, LeavesAPermanentFailureUntilTheNextChange) {
  start([](int, const auto&) -> base::Result<Requeue> {
    return base::fail(Reason::kInvalid, "spec.x");
  });
  ASSERT_TRUE(reconciler->wait_for_calls(1));
  controller->queue().add({.ns = "ns", .name = "later"});
  ASSERT_TRUE(reconciler->wait_for_calls(1, {.ns = "ns", .name = "later"}));
  stop();
  EXPECT_EQ(reconciler->calls(), 1);
  EXPECT_THAT(metrics(), HasSubstr("workqueue_retries_total{name=\"capp\",controller=\"capp\"} 0"));
  EXPECT_THAT(metrics(), HasSubstr("terminal_reconcile_errors_total{controller=\"capp\"} 2"));
}

TEST_F(ControllerTest, TakesAnExceptionForAnErrorAndGoesOn) {
  start([](int call, const auto&) -> base::Result<Requeue> {
    if (call == 1) throw std::logic_error("a mistake");
    if (call == 2) throw 7;
    return Requeue{};
  });
  ASSERT_TRUE(reconciler->wait_for_calls(3));
  stop();
  EXPECT_THAT(metrics(), HasSubstr("reconcile_panics_total{controller=\"capp\"} 2"));
  EXPECT_THAT(metrics(), HasSubstr(total("error", 2)));
  EXPECT_THAT(metrics(), HasSubstr(total("success", 1)));
}

TEST_F(ControllerTest, ComesBackAfterTheTimeThatWasAskedFor) {
  start([](int call, const auto&) { return call == 1 ? Requeue{.after = 1ms} : Requeue{}; });
  ASSERT_TRUE(reconciler->wait_for_calls(2));
  stop();
  EXPECT_THAT(metrics(), HasSubstr(total("requeue_after", 1)));
  EXPECT_THAT(metrics(), HasSubstr(total("success", 1)));
}

TEST_F(ControllerTest, LetsARunningReconcileEndWhenItStops) {
  std::latch running(1);
  std::latch go_on(1);
  start([&](int, const auto& stop) -> base::Result<Requeue> {
    running.count_down();
    go_on.wait();
    if (stop.stop_requested()) return base::fail(Reason::kCancelled, "cancelled");
    return Requeue{};
  });
  running.wait();
  controller->queue().add({.ns = "ns", .name = "never"}, {.after = 1h});
  std::jthread stopper([this] { stop(); });
  go_on.count_down();
  stopper.join();
  EXPECT_THAT(metrics(), HasSubstr(total("success", 1)));
  EXPECT_EQ(reconciler->calls({.ns = "ns", .name = "never"}), 0);
}

TEST_F(ControllerTest, CancelsWhatRunsLongerThanTheGraceAndCountsNoError) {
  start([](int, const std::stop_token& stop) -> base::Result<Requeue> {
    std::latch cancelled(1);
    const std::stop_callback on_stop(stop, [&] { cancelled.count_down(); });
    cancelled.wait();
    return base::fail(Reason::kCancelled, "cancelled");
  });
  ASSERT_TRUE(reconciler->wait_for_calls(1));
  controller->stop(1ms);
  EXPECT_THAT(metrics(), HasSubstr(total("error", 0)));
  EXPECT_THAT(metrics(), Not(HasSubstr("active_workers{controller=\"capp\"} 1")));
}

}  // namespace
}  // namespace runtime
