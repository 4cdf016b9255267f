#pragma once
// Tells people what happened to an object: events.k8s.io/v1, aggregated into series (R41). A
// reconcile never waits for it.

#include <cstddef>
#include <deque>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/random.h"
#include "kube/client.h"
#include "runtime/event_series.h"
#include "runtime/fence.h"
#include "telemetry/log/logger.h"
#include "telemetry/metrics/registry.h"

namespace runtime {

struct EventRecorderOptions {
  std::string controller;  // reportingController
  std::string instance;    // reportingInstance: which process
  // Events waiting to be sent; what comes beyond is dropped and counted. client-go has 1000; ours
  // is sized for 3 000 Capps that are created at once, at some 400 bytes each.
  std::size_t queue_limit = 4096;
  // Sent side by side, so that events take no more than their share of the connections.
  std::size_t batch = 4;
};

struct ObjectEvent {
  enum class Type { kNormal, kWarning };
  Type type = Type::kNormal;
  std::string reason;
  std::string action;
  std::string note;  // cut to the API's 1 kB
  EventSubject regarding;
};

// Thread-safe.
class EventRecorder {
 public:
  EventRecorder(EventRecorderOptions options, kube::Client& client, const Fence& fence,
                telemetry::metrics::Registry& registry, const telemetry::log::Logger& log);
  ~EventRecorder();

  void start();
  // Sends what is waiting for at most `grace`, then ends.
  void stop(std::chrono::milliseconds grace);

  // Returns at once. Of several replicas only the one that may write tells: on the others nothing
  // happens.
  void record(ObjectEvent event) CAPP_EXCLUDES(mutex_);

 private:
  void work(const std::stop_token& stop);
  std::vector<EventSend> take_due(const std::stop_token& stop) CAPP_EXCLUDES(mutex_);
  void send(std::vector<EventSend> batch, const std::stop_token& stop) CAPP_EXCLUDES(mutex_);
  void enqueue(EventSend send) CAPP_REQUIRES(mutex_);

  EventRecorderOptions options_;
  kube::Client& client_;
  const Fence& fence_;
  telemetry::log::Logger log_;
  telemetry::metrics::Counter& sent_;
  telemetry::metrics::Counter& failed_;
  telemetry::metrics::Counter& dropped_;
  base::SystemRandom random_;
  base::Mutex mutex_;
  base::CondVar changed_;
  EventSeries series_ CAPP_GUARDED_BY(mutex_);
  std::deque<EventSend> waiting_ CAPP_GUARDED_BY(mutex_);
  base::Clock::time_point next_tick_ CAPP_GUARDED_BY(mutex_);
  bool sending_ CAPP_GUARDED_BY(mutex_) = false;
  bool draining_ CAPP_GUARDED_BY(mutex_) = false;
  std::jthread worker_;
};

}  // namespace runtime
