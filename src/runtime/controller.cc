#include "runtime/controller.h"

#include <atomic>
#include <exception>
#include <map>
#include <memory>
#include <utility>

#include "base/duration.h"
#include "base/uuid.h"

namespace runtime {
namespace {

using telemetry::metrics::Counter;
using telemetry::metrics::Family;
using telemetry::metrics::Gauge;
using telemetry::metrics::Histogram;
using telemetry::metrics::Registry;
using telemetry::metrics::Type;

double seconds(base::Clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

// controller-runtime's buckets of controller_runtime_reconcile_time_seconds.
const std::vector<double>& reconcile_buckets() {
  static const std::vector<double> bounds{
      0.005, 0.01, 0.025, 0.05, 0.1,  0.15, 0.2,  0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6,
      0.7,   0.8,  0.9,   1.0,  1.25, 1.5,  1.75, 2.0,  2.5, 3.0,  3.5, 4.0,  4.5, 5,
      6,     7,    8,     9,    10,   15,   20,   25,   30,  40,   50,  60};
  return bounds;
}

}  // namespace

struct Controller::Metrics {
  Metrics(Registry& registry, const std::string& name)
      : success(total(registry).with({name, "success"})),
        requeue_after(total(registry).with({name, "requeue_after"})),
        error(total(registry).with({name, "error"})),
        errors(registry
                   .counters("controller_runtime_reconcile_errors_total",
                             "Total number of reconciliation errors per controller", {"controller"})
                   .with({name})),
        terminal_errors(
            registry
                .counters("controller_runtime_terminal_reconcile_errors_total",
                          "Total number of terminal reconciliation errors per controller",
                          {"controller"})
                .with({name})),
        timeouts(registry
                     .counters("controller_runtime_reconcile_timeouts_total",
                               "Total number of reconciliation timeouts per controller",
                               {"controller"})
                     .with({name})),
        panics(registry
                   .counters("controller_runtime_reconcile_panics_total",
                             "Total number of reconciliation panics per controller", {"controller"})
                   .with({name})),
        time(registry
                 .histograms("controller_runtime_reconcile_time_seconds",
                             "Length of time per reconciliation per controller", {"controller"},
                             reconcile_buckets())
                 .with({name})),
        active(registry
                   .gauges("controller_runtime_active_workers",
                           "Number of currently used workers per controller", {"controller"})
                   .with({name})),
        max_workers(registry
                        .gauges("controller_runtime_max_concurrent_reconciles",
                                "Maximum number of concurrent reconciles per controller",
                                {"controller"})
                        .with({name})) {
    // controller-runtime counts its deprecated "requeue: true" apart; dashboards ask for all four.
    total(registry).with({name, "requeue"});
  }

  static Family<Counter>& total(Registry& registry) {
    return registry.counters("controller_runtime_reconcile_total",
                             "Total number of reconciliations per controller",
                             {"controller", "result"});
  }

  Counter& success;
  Counter& requeue_after;
  Counter& error;
  Counter& errors;
  Counter& terminal_errors;
  Counter& timeouts;
  Counter& panics;
  Histogram& time;
  Gauge& active;
  Gauge& max_workers;
};

// client-go's workqueue metrics.
class Controller::Observer final : public QueueObserver {
 public:
  Observer(Registry& registry, std::string name)
      : name_(std::move(name)),
        depth_(registry.gauges("workqueue_depth",
                               "Current depth of workqueue by workqueue and priority",
                               {"name", "controller", "priority"})),
        adds_(registry
                  .counters("workqueue_adds_total", "Total number of adds handled by workqueue",
                            {"name", "controller"})
                  .with({name_, name_})),
        retries_(registry
                     .counters("workqueue_retries_total",
                               "Total number of retries handled by workqueue",
                               {"name", "controller"})
                     .with({name_, name_})),
        queued_(
            registry
                .histograms("workqueue_queue_duration_seconds",
                            "How long in seconds an item stays in workqueue before being requested",
                            {"name", "controller"},
                            telemetry::metrics::exponential_bounds(1e-8, 10, 12))
                .with({name_, name_})),
        worked_(registry
                    .histograms("workqueue_work_duration_seconds",
                                "How long in seconds processing an item from workqueue takes.",
                                {"name", "controller"},
                                telemetry::metrics::exponential_bounds(1e-8, 10, 12))
                    .with({name_, name_})) {
    depth_changed(kDefaultPriority, 0);
    depth_changed(kLowPriority, 0);
  }

  void added() override { adds_.increment(); }
  void retried() override { retries_.increment(); }
  void depth_changed(int priority, std::size_t depth) override {
    Gauge*& gauge = depths_[priority];
    if (gauge == nullptr) gauge = &depth_.with({name_, name_, std::to_string(priority)});
    gauge->set(static_cast<double>(depth));
  }
  void started(base::Clock::duration queued) override { queued_.observe(queued); }
  void finished(base::Clock::duration worked) override { worked_.observe(worked); }

 private:
  const std::string name_;
  Family<Gauge>& depth_;
  std::map<int, Gauge*> depths_;  // under the queue's lock, like every call
  Counter& adds_;
  Counter& retries_;
  Histogram& queued_;
  Histogram& worked_;
};

Controller::Controller(net::Loop& loop, ControllerOptions options, Reconciler& reconciler,
                       Registry& registry, const telemetry::log::Logger& log)
    : loop_(loop),
      options_(std::move(options)),
      reconciler_(reconciler),
      log_(log.named("controller").with("controller", options_.name)),
      metrics_(std::make_unique<Metrics>(registry, options_.name)),
      observer_(std::make_unique<Observer>(registry, options_.name)),
      queue_(options_.backoff, observer_.get()) {
  metrics_->max_workers.set(static_cast<double>(options_.workers));
  const auto gauge = [&](std::string name, std::string help, auto read) {
    collectors_.push_back(
        registry.collect(Type::kGauge, std::move(name), std::move(help), {"name", "controller"},
                         [this, read]() -> std::vector<telemetry::metrics::Sample> {
                           return {{{options_.name, options_.name}, read(queue_)}};
                         }));
  };
  gauge("workqueue_unfinished_work_seconds",
        "How many seconds of work has been done that is in progress and hasn't been observed by "
        "work_duration.",
        [](const Queue& queue) { return seconds(queue.unfinished_work()); });
  gauge("workqueue_longest_running_processor_seconds",
        "How many seconds has the longest running processor for workqueue been running.",
        [](const Queue& queue) { return seconds(queue.longest_running()); });
}

Controller::~Controller() {
  stop({});
}

void Controller::start() {
  const base::MutexLock lock(mutex_);
  for (; working_ < options_.workers; ++working_) {
    workers_.emplace_back([this](std::stop_token stop) { work(std::move(stop)); });
  }
}

void Controller::stop(std::chrono::milliseconds grace) {
  queue_.shut_down();
  {
    const base::MutexLock lock(mutex_);
    const auto deadline = base::Clock::now() + grace;
    while (working_ > 0 && base::Clock::now() < deadline) ended_.wait_until(mutex_, deadline);
  }
  for (auto& worker : workers_) worker.request_stop();
  workers_.clear();
}

void Controller::work(std::stop_token stop) {
  while (const auto item = queue_.get(stop)) {
    metrics_->active.add(1);
    handle(*item, stop);
    metrics_->active.add(-1);
    queue_.done(item->key);
  }
  const base::MutexLock lock(mutex_);
  --working_;
  ended_.notify_all();
}

void Controller::handle(const QueueItem& item, const std::stop_token& stop) {
  const auto started = base::Clock::now();
  // R58: every line names the object and the reconcile.
  const auto log = log_.with("controllerKind", options_.kind)
                       .with("namespace", item.key.ns)
                       .with("name", item.key.name)
                       .with("reconcileID", base::random_uuid());
  const auto result = timed(item, log, stop);
  metrics_->time.observe(base::Clock::now() - started);
  follow(item, result, log);
}

base::Result<Requeue> Controller::timed(const QueueItem& item, const telemetry::log::Logger& log,
                                        const std::stop_token& stop) {
  std::stop_source source;
  const std::stop_callback forward(stop, [&source] { source.request_stop(); });
  const auto too_long = std::make_shared<std::atomic<bool>>(false);
  const net::Timer timer =
      loop_.schedule(base::Clock::now() + options_.timeout, [source, too_long]() mutable {
        *too_long = true;
        source.request_stop();
      });
  auto result = guarded(item, log, source.get_token());
  const bool cancelled = !result && result.error().reason == base::Reason::kCancelled;
  if (!cancelled || !*too_long) return result;
  metrics_->timeouts.increment();
  return base::fail(base::Reason::kTimeout,
                    "the reconcile took longer than " + base::format_duration(options_.timeout));
}

base::Result<Requeue> Controller::guarded(const QueueItem& item, const telemetry::log::Logger& log,
                                          const std::stop_token& stop) {
  try {
    return reconciler_.reconcile(item, log, stop);
  } catch (const std::exception& exception) {
    metrics_->panics.increment();
    return base::fail(base::Reason::kInternal,
                      std::string("a programming error in the reconciler: ") + exception.what());
  } catch (...) {
    metrics_->panics.increment();
    return base::fail(base::Reason::kInternal, "a programming error in the reconciler");
  }
}

void Controller::follow(const QueueItem& item, const base::Result<Requeue>& result,
                        const telemetry::log::Logger& log) {
  if (result) {
    queue_.forget(item.key);
    if (result->failed) metrics_->errors.increment();
    Counter& counter = result->failed  ? metrics_->error
                       : result->after ? metrics_->requeue_after
                                       : metrics_->success;
    counter.increment();
    if (result->after) {
      queue_.add(item.key,
                 {.priority = result->priority.value_or(item.priority), .after = *result->after});
    }
    return;
  }
  const auto reason = result.error().reason;
  // The process is ending: not a failure of this reconcile.
  if (reason == base::Reason::kCancelled || reason == base::Reason::kNotLeader) return;
  metrics_->error.increment();
  metrics_->errors.increment();
  log.error("reconcile failed", result.error());
  if (base::is_permanent(result.error().reason)) {
    metrics_->terminal_errors.increment();
    queue_.forget(item.key);
  } else {
    queue_.add_rate_limited(item.key, item.priority);
  }
}

}  // namespace runtime
