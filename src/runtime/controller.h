#pragma once
// A queue and the workers that empty it: the barrier around every reconcile, its metrics, and what
// follows from its result (R21-R28).

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/mutex.h"
#include "net/loop.h"
#include "object/key.h"
#include "runtime/queue.h"
#include "telemetry/log/logger.h"
#include "telemetry/metrics/registry.h"

namespace runtime {

// What follows a reconcile that did not fail.
struct Requeue {
  // Reconcile again after this time, whatever happens before; empty: only at the next change.
  std::optional<std::chrono::milliseconds> after{};
  // With this priority; empty: with the one it had.
  std::optional<int> priority{};
  // Something failed whose retry `after` already plans: counted as an error.
  bool failed = false;
};

class Reconciler {
 public:
  virtual ~Reconciler() = default;
  // Makes the world as the object `item.key` wants it. Called on several threads, for one key on
  // one at a time. An error is tried again after the key's back-off, a permanent one
  // (base::is_permanent) only at the next change; an exception is a programming error, counted and
  // treated as an error. `log` names the object and this reconcile.
  virtual base::Result<Requeue> reconcile(const QueueItem& item, const telemetry::log::Logger& log,
                                          std::stop_token stop) = 0;
};

struct ControllerOptions {
  // Of several replicas of the process, which ones empty the queue. All of them fill it, so that
  // the next leader has it at hand (R45).
  enum class Runs {
    kWhileLeading,
    kOnEveryReplica,  // its reconciler asks Manager::leading() before it writes
  };

  std::string name;  // label of its metrics and field of its log lines
  std::string kind;  // "Capp": what its keys name
  std::size_t workers = 16;
  Runs runs = Runs::kWhileLeading;
  // A reconcile that takes longer is cancelled by its stop token and tried again (R27). A single
  // request ends after 30 s; this ends a reconcile that sends one after the other for ever.
  std::chrono::milliseconds timeout = std::chrono::minutes(2);
  ItemBackoff backoff{.initial = std::chrono::milliseconds(5), .cap = std::chrono::minutes(5)};
};

class Controller {
 public:
  // The loop tells when a reconcile has taken too long.
  Controller(net::Loop& loop, ControllerOptions options, Reconciler& reconciler,
             telemetry::metrics::Registry& registry, const telemetry::log::Logger& log);
  ~Controller();

  [[nodiscard]] ControllerOptions::Runs runs() const { return options_.runs; }
  // Keys may be added before start(), and from any thread.
  [[nodiscard]] Queue& queue() { return queue_; }

  void start();
  // Hands out no more keys, lets the workers end what they do for at most `grace`, then cancels it,
  // and waits for them.
  void stop(std::chrono::milliseconds grace);

 private:
  // Names and labels of controller-runtime, on which dashboards stand (R52).
  struct Metrics;
  class Observer;

  void work(std::stop_token stop);
  void handle(const QueueItem& item, const std::stop_token& stop);
  base::Result<Requeue> timed(const QueueItem& item, const telemetry::log::Logger& log,
                              const std::stop_token& stop);
  base::Result<Requeue> guarded(const QueueItem& item, const telemetry::log::Logger& log,
                                const std::stop_token& stop);
  void follow(const QueueItem& item, const base::Result<Requeue>& result,
              const telemetry::log::Logger& log);

  net::Loop& loop_;
  ControllerOptions options_;
  Reconciler& reconciler_;
  telemetry::log::Logger log_;
  std::unique_ptr<Metrics> metrics_;
  std::unique_ptr<Observer> observer_;
  Queue queue_;
  std::vector<telemetry::metrics::Collector> collectors_;
  base::Mutex mutex_;
  base::CondVar ended_;
  std::size_t working_ CAPP_GUARDED_BY(mutex_) = 0;  // workers that have not ended
  std::vector<std::jthread> workers_;
};

}  // namespace runtime
