#pragma once
// Performs what an Election decides, and opens and closes the fence by it (R42-R44).

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include <boost/json/object.hpp>

#include "base/mutex.h"
#include "base/random.h"
#include "kube/client.h"
#include "kube/config/config.h"
#include "net/loop.h"
#include "object/key.h"
#include "runtime/catalog.h"
#include "runtime/election.h"
#include "runtime/fence.h"
#include "runtime/reflector_driver.h"
#include "runtime/watchdog.h"
#include "telemetry/log/logger.h"
#include "telemetry/metrics/registry.h"

namespace runtime {

struct LeaderElectionOptions {
  object::Key lease;          // in a namespace that exists; the Lease itself is made
  std::string identity;       // of this process and no other one
  std::string field_manager;  // of its writes
  LeaseTimes times;           // checked
};

// A thread, an io thread and connections of its own, so that nothing that the process does delays a
// renewal. The Lease is watched by its name, so that what its holder does is known at once.
class LeaderElector {
 public:
  // Called on the elector's thread; they return quickly.
  struct Hooks {
    std::function<void()> began;  // this process leads, the fence is open
    // The fence has been closed. Returns once nothing is sent any more that it let through: until
    // then the watchdog is awake.
    std::function<void()> stepped_down;
    std::function<void(const base::Error&)> lost;
  };

  // Closes the fence, which outlives the elector as the watchdog does.
  static base::Result<std::unique_ptr<LeaderElector>> create(const LeaderElectionOptions& options,
                                                             const kube::Config& config,
                                                             const std::string& user_agent,
                                                             Fence& fence, Watchdog& watchdog,
                                                             telemetry::metrics::Registry& registry,
                                                             const telemetry::log::Logger& log);
  // Resigns without waiting.
  ~LeaderElector();
  LeaderElector(const LeaderElector&) = delete;
  LeaderElector& operator=(const LeaderElector&) = delete;

  // Once: begins to stand for election.
  void start(Hooks hooks);
  // Nothing more is to be written by this process: closes the fence, gives the lease back, if it
  // has it, and ends. The release is tried for `grace`. Idempotent.
  void resign(std::chrono::milliseconds grace) CAPP_EXCLUDES(mutex_);

 private:
  LeaderElector(const LeaderElectionOptions& options, Fence& fence, Watchdog& watchdog,
                telemetry::metrics::Registry& registry, const telemetry::log::Logger& log);

  void work();
  // Blocks until there is one.
  Election::Input next() CAPP_EXCLUDES(mutex_);
  void perform(const Election::Get& get);
  void perform(const Election::Put& put);
  void perform(const Election::SetTimer& timer);
  void perform(const Election::Lead& lead);
  void perform(const Election::StepDown&);
  void perform(const Election::SlowPath&);
  void perform(const Election::End& end) CAPP_EXCLUDES(mutex_);

  base::Result<Lease> exchange(net::Request request, std::chrono::milliseconds timeout);
  void seen(const Change& change) CAPP_EXCLUDES(mutex_);
  // Each once, until it changes.
  void tell(const LeaseSpec& spec);
  void tell_holder(const std::string& holder);
  void tell_disbelief(const LeaseSpec& spec);
  // Once, until `told` is another error.
  void tell(const base::Error& error, std::optional<base::Reason>& told);
  void stop_watch();

  const LeaderElectionOptions options_;
  telemetry::log::Logger log_;
  Fence& fence_;
  Watchdog& watchdog_;
  telemetry::metrics::Gauge& leading_;
  telemetry::metrics::Counter& slow_paths_;
  Hooks hooks_;
  net::Loop loop_;
  std::unique_ptr<kube::Client> client_;
  object::OwnedSetPool pool_;
  WatchedKind watched_;
  ReflectorMetrics reflector_metrics_;
  std::unique_ptr<ReflectorDriver> watch_;

  // Of the elector's thread.
  base::SystemRandom random_;
  Election election_;
  boost::json::object object_;  // the Lease as it was last answered, whole
  std::optional<Election::Input> answer_;
  std::optional<Election::TimePoint> timer_;
  std::optional<std::string> holder_;  // told
  std::chrono::seconds duration_{0};   // told, where it is not believed
  bool leads_ = false;
  std::optional<base::Reason> read_error_;   // told
  std::optional<base::Reason> write_error_;  // told

  base::Mutex mutex_;
  base::CondVar changed_;
  std::deque<Election::Seen> seen_ CAPP_GUARDED_BY(mutex_);
  std::optional<Election::TimePoint> give_up_ CAPP_GUARDED_BY(mutex_);
  bool ended_ CAPP_GUARDED_BY(mutex_) = false;
  std::stop_source requests_;
  std::thread thread_;
};

}  // namespace runtime
