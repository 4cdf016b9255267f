#pragma once
// One process: what everything in it shares, and the order in which it starts and stops (R46).

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "kube/client.h"
#include "kube/config/config.h"
#include "net/loop.h"
#include "net/server.h"
#include "runtime/admission_server.h"
#include "runtime/applier.h"
#include "runtime/capabilities.h"
#include "runtime/catalog.h"
#include "runtime/certificate_source.h"
#include "runtime/controller.h"
#include "runtime/event_recorder.h"
#include "runtime/fence.h"
#include "runtime/leader_elector.h"
#include "runtime/metrics_server.h"
#include "runtime/probes.h"
#include "runtime/watchdog.h"
#include "telemetry/log/logger.h"
#include "telemetry/metrics/process.h"
#include "telemetry/metrics/registry.h"

namespace runtime {

struct ManagerOptions {
  kube::Config config;
  std::string user_agent;
  ApplierOptions applier;
  // As net::ServerOptions::bind_address; "0" or "" turns the server off.
  std::string metrics_address = ":8080";
  // Metrics over TLS, to those who may read them; absent: over plain HTTP, to everybody.
  std::optional<SecureMetrics> secure_metrics{};
  std::string probe_address = ":8081";
  EventRecorderOptions events;
  // Of several replicas only the one that holds this lease works; absent: this is the only one.
  std::optional<LeaderElectionOptions> leader_election{};
  // What a stopping process waits for running reconciles, then for its events, then for the release
  // of its lease. Together they stay below the 5 s in which an operator has to be idle (behaviour
  // 6). The next leader waits for all of it: events, which are sent in milliseconds, get little.
  std::chrono::milliseconds drain{3000};
  std::chrono::milliseconds drain_events{250};
  std::chrono::milliseconds release{1000};
};

// Create, fill catalog() and add controllers, then run() once.
class Manager {
 public:
  static base::Result<std::unique_ptr<Manager>> create(ManagerOptions options,
                                                       telemetry::log::Logger log);
  ~Manager();
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  [[nodiscard]] Catalog& catalog() { return catalog_; }
  [[nodiscard]] kube::Client& client() { return *client_; }
  [[nodiscard]] Applier& applier() { return *applier_; }
  [[nodiscard]] EventRecorder& events() { return *events_; }
  [[nodiscard]] telemetry::metrics::Registry& metrics() { return metrics_; }
  [[nodiscard]] const telemetry::log::Logger& log() const { return log_; }

  // Before run(). The reconciler outlives the manager.
  Controller& add_controller(ControllerOptions options, Reconciler& reconciler);
  // Before run(): called on the io thread when a kind comes or goes.
  void on_availability(Capabilities::Changed changed) { changed_ = std::move(changed); }
  // Before run(): kinds without which there is no work; readiness and the workers wait for them.
  void require(const object::Kind& kind) { required_.push_back(&kind); }
  // Before run(): kinds that the cluster need not have, but that are waited for where it has them,
  // also while they are refused to us: what they say must not be taken for absent.
  void require_if_served(const object::Kind& kind) { required_if_served_.push_back(&kind); }

  // Before run(): answers webhooks, on every replica, whether it leads or not; from before the
  // first kind is read, since reading it may need them, until after the last controller has
  // stopped; the stores are kept up to date as long. Readiness has the check `webhook`.
  void serve_admission(AdmissionServerOptions options, AdmissionHandlers handlers,
                       std::unique_ptr<CertificateSource> certificates);

  // Thread-safe; kUnknown before run().
  [[nodiscard]] Availability availability(const object::Kind& kind) const;
  // Thread-safe: the kinds were read and the controllers work. Until then nothing needs to be
  // woken.
  [[nodiscard]] bool working() const { return working_; }
  // Thread-safe: is this the process that may write? True without leader election. While it is
  // false, client() refuses every request that would change something with kNotLeader, reviews
  // (TokenReview, SubjectAccessReview) aside; see runtime/fence.h.
  [[nodiscard]] bool leading() const { return fence_.open(base::BootClock::now()); }
  // Before run(): called once, when this process begins to lead and before the controllers that
  // wait for that are started; without leader election once the kinds are read. On the thread of
  // run(); returns quickly.
  void on_leading(std::function<void()> begun) { on_leading_.push_back(std::move(begun)); }
  // See ReflectorDriver::admit_again; any thread, within run().
  void admit_again(const WatchedKind& kind, std::string index_value);

  // Serves until the token fires; then drains, gives its lease back and returns. An error is one of
  // the start (an address that cannot be bound), or kNotLeader: the lease was lost, all writes have
  // been cancelled, and the process has to end, since what it has in memory is no longer its to act
  // on.
  base::Result<void> run(std::stop_token stop);

 private:
  Manager(ManagerOptions options, telemetry::log::Logger log);

  base::Result<void> serve();
  void stop_admission();
  base::Result<void> serve_probes();
  base::Result<void> serve_metrics();
  void add_probes();
  base::Result<void> prepare_election();
  // Blocks until every kind is either whole or known to be absent; false on the token.
  bool wait_until_synced(const std::stop_token& stop) CAPP_EXCLUDES(mutex_);
  // Blocks until this process leads; false on the token.
  bool wait_until_leading(const std::stop_token& stop) CAPP_EXCLUDES(mutex_);
  // Blocks until the token fires or the lease is lost.
  void wait_for_the_end(const std::stop_token& stop) CAPP_EXCLUDES(mutex_);
  // Wakes who waits above.
  void notify() CAPP_EXCLUDES(mutex_);
  [[nodiscard]] std::stop_callback<std::function<void()>> notify_on(const std::stop_token& stop);
  void work(const std::stop_token& stop);
  void start_controllers(ControllerOptions::Runs which);
  // Side by side, so that the time to drain is that of all of them together.
  void stop_controllers(std::chrono::milliseconds drain);
  base::Result<void> wind_down() CAPP_EXCLUDES(mutex_);
  [[nodiscard]] base::Result<void> synced() const;
  [[nodiscard]] base::Result<void> streams_alive() const;

  ManagerOptions options_;
  telemetry::log::Logger log_;
  telemetry::metrics::Registry metrics_;
  telemetry::metrics::ProcessMetrics process_metrics_;
  Catalog catalog_;
  ApplierMetrics applier_metrics_;
  net::Loop loop_;
  Fence fence_;
  std::unique_ptr<kube::Client> client_;
  std::unique_ptr<Applier> applier_;
  std::unique_ptr<EventRecorder> events_;
  Capabilities::Changed changed_;
  std::vector<const object::Kind*> required_;
  std::vector<const object::Kind*> required_if_served_;
  std::vector<std::function<void()>> on_leading_;
  std::atomic<bool> working_ = false;
  std::unique_ptr<Capabilities> capabilities_;
  std::vector<std::unique_ptr<Controller>> controllers_;
  Probes probes_;
  // Both null where no webhooks are served.
  std::unique_ptr<AdmissionServer> admission_;
  std::unique_ptr<CertificateSource> admission_certificates_;
  std::unique_ptr<MetricsServer> metrics_server_;
  std::unique_ptr<net::Server> probe_server_;
  base::Mutex mutex_;
  base::CondVar changed_state_;  // of kinds, of leading
  bool began_to_lead_ CAPP_GUARDED_BY(mutex_) = false;
  std::optional<base::Error> lost_ CAPP_GUARDED_BY(mutex_);
  // Both null without leader election.
  std::unique_ptr<Watchdog> watchdog_;
  std::unique_ptr<LeaderElector> elector_;
};

}  // namespace runtime
