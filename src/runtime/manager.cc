#include "runtime/manager.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace runtime {

Manager::Manager(ManagerOptions options, telemetry::log::Logger log)
    : options_(std::move(options)),
      log_(std::move(log)),
      process_metrics_(metrics_),
      applier_metrics_(metrics_) {}

Manager::~Manager() = default;

base::Result<std::unique_ptr<Manager>> Manager::create(ManagerOptions options,
                                                       telemetry::log::Logger log) {
  std::unique_ptr<Manager> manager(new Manager(std::move(options), std::move(log)));
  auto& with = manager->options_;
  auto client = kube::Client::connect(manager->loop_, with.config,
                                      {.user_agent = with.user_agent,
                                       .fence = [&fence = manager->fence_]() -> base::Result<void> {
                                         if (fence.open(base::BootClock::now())) return {};
                                         return base::fail(base::Reason::kNotLeader,
                                                           "this process does not hold the lease");
                                       }},
                                      manager->metrics_, manager->log_);
  if (!client) return std::unexpected(std::move(client.error()));
  manager->client_ = std::move(*client);
  manager->applier_ =
      std::make_unique<Applier>(*manager->client_, manager->catalog_, with.applier,
                                manager->applier_metrics_, manager->log_.named("applier"));
  manager->events_ = std::make_unique<EventRecorder>(
      with.events, *manager->client_, manager->fence_, manager->metrics_, manager->log_);
  if (auto prepared = manager->prepare_election(); !prepared) {
    return std::unexpected(std::move(prepared.error()));
  }
  manager->add_probes();
  return manager;
}

base::Result<void> Manager::prepare_election() {
  const auto& election = options_.leader_election;
  if (!election) return {};
  auto watchdog = Watchdog::create(loop_);
  if (!watchdog) return std::unexpected(std::move(watchdog.error()));
  watchdog_ = std::move(*watchdog);
  auto elector = LeaderElector::create(*election, options_.config, options_.user_agent, fence_,
                                       *watchdog_, metrics_, log_);
  if (!elector) return std::unexpected(std::move(elector.error()));
  elector_ = std::move(*elector);
  return {};
}

Controller& Manager::add_controller(ControllerOptions options, Reconciler& reconciler) {
  return *controllers_.emplace_back(
      std::make_unique<Controller>(loop_, std::move(options), reconciler, metrics_, log_));
}

void Manager::serve_admission(AdmissionServerOptions options, AdmissionHandlers handlers,
                              std::unique_ptr<CertificateSource> certificates) {
  admission_ =
      std::make_unique<AdmissionServer>(std::move(options), std::move(handlers), metrics_, log_);
  admission_certificates_ = std::move(certificates);
  probes_.add("/readyz", "webhook", [this] { return admission_->ready(); });
}

void Manager::add_probes() {
  probes_.add("/healthz", "streams", [this] { return streams_alive(); });
  probes_.add("/readyz", "synced", [this] { return synced(); });
}

Availability Manager::availability(const object::Kind& kind) const {
  return capabilities_ ? capabilities_->of(kind) : Availability::kUnknown;
}

void Manager::admit_again(const WatchedKind& kind, std::string index_value) {
  capabilities_->admit_again(kind, std::move(index_value));
}

base::Result<void> Manager::synced() const {
  const auto lacking = [](const object::Kind& kind, Availability availability) {
    return base::fail(base::Reason::kUnavailable,
                      fmt::format("{} is {}", kind.resource(), to_string(availability)));
  };
  for (const auto* kind : required_) {
    const Availability availability = capabilities_->of(*kind);
    if (availability != Availability::kReady) return lacking(*kind, availability);
  }
  for (const auto* kind : required_if_served_) {
    const Availability availability = capabilities_->of(*kind);
    if (availability == Availability::kSyncing) return lacking(*kind, availability);
  }
  if (!capabilities_->settled()) {
    return base::fail(base::Reason::kUnavailable, "not every kind is read yet");
  }
  return {};
}

base::Result<void> Manager::streams_alive() const {
  const auto silent = capabilities_->silent(base::Clock::now());
  if (silent.empty()) return {};
  std::string kinds;
  for (const auto* kind : silent) kinds += (kinds.empty() ? "" : ", ") + kind->kind.resource();
  return base::fail(base::Reason::kTimeout, "the streams of these kinds are dead: " + kinds);
}

base::Result<void> Manager::serve_probes() {
  const std::string& address = options_.probe_address;
  if (net::listen_disabled(address)) return {};
  auto server =
      net::Server::create(loop_, {.bind_address = address, .tls = std::nullopt},
                          [this](const net::Request& request) { return probes_.handle(request); });
  if (!server) return std::unexpected(server.error().wrap("listening on " + address));
  probe_server_ = *std::move(server);
  return {};
}

base::Result<void> Manager::serve_metrics() {
  const std::string& address = options_.metrics_address;
  if (net::listen_disabled(address)) return {};
  auto server = MetricsServer::create({.bind_address = address, .secure = options_.secure_metrics},
                                      options_.config, options_.user_agent, metrics_, log_);
  if (!server) return std::unexpected(server.error().wrap("serving metrics on " + address));
  metrics_server_ = *std::move(server);
  return {};
}

base::Result<void> Manager::serve() {
  if (auto served = serve_probes(); !served) return served;
  if (auto served = serve_metrics(); !served) return served;
  if (admission_) {
    admission_certificates_->start(
        [this](const net::TlsOptions& tls) { return admission_->use_certificate(tls); });
  }
  return {};
}

void Manager::stop_admission() {
  if (!admission_) return;
  admission_certificates_->stop();
  admission_->stop();
}

void Manager::notify() {
  const base::MutexLock lock(mutex_);
  changed_state_.notify_all();
}

std::stop_callback<std::function<void()>> Manager::notify_on(const std::stop_token& stop) {
  return std::stop_callback<std::function<void()>>(stop, [this] { notify(); });
}

bool Manager::wait_until_synced(const std::stop_token& stop) {
  const auto wake = notify_on(stop);
  const base::MutexLock lock(mutex_);
  while (!stop.stop_requested()) {
    if (synced()) return true;
    changed_state_.wait(mutex_);
  }
  return false;
}

bool Manager::wait_until_leading(const std::stop_token& stop) {
  if (!elector_) return true;
  elector_->start({.began =
                       [this] {
                         const base::MutexLock lock(mutex_);
                         began_to_lead_ = true;
                         changed_state_.notify_all();
                       },
                   .stepped_down = [this] { client_->enforce_fence(); },
                   .lost =
                       [this](const base::Error& error) {
                         const base::MutexLock lock(mutex_);
                         lost_ = error;
                         changed_state_.notify_all();
                       }});
  const auto wake = notify_on(stop);
  const base::MutexLock lock(mutex_);
  while (!stop.stop_requested()) {
    if (began_to_lead_) return true;
    changed_state_.wait(mutex_);
  }
  return false;
}

void Manager::wait_for_the_end(const std::stop_token& stop) {
  const auto wake = notify_on(stop);
  const base::MutexLock lock(mutex_);
  while (!stop.stop_requested() && !lost_) changed_state_.wait(mutex_);
}

base::Result<void> Manager::run(std::stop_token stop) {
  capabilities_ =
      std::make_unique<Capabilities>(loop_, *client_, catalog_, metrics_, log_,
                                     [this](const WatchedKind& kind, Availability availability) {
                                       if (changed_) changed_(kind, availability);
                                       notify();
                                     });
  if (auto served = serve(); !served) return served;
  events_->start();
  capabilities_->start();
  work(stop);
  return wind_down();
}

void Manager::work(const std::stop_token& stop) {
  if (!wait_until_synced(stop)) return;
  working_ = true;
  log_.info("all kinds are read");
  start_controllers(ControllerOptions::Runs::kOnEveryReplica);
  if (!wait_until_leading(stop)) return;
  log_.info("starting to reconcile");
  for (const auto& begun : on_leading_) begun();
  start_controllers(ControllerOptions::Runs::kWhileLeading);
  wait_for_the_end(stop);
}

base::Result<void> Manager::wind_down() {
  std::optional<base::Error> lost;
  {
    const base::MutexLock lock(mutex_);
    lost = lost_;
  }
  log_.info("stopping");
  if (admission_) admission_->leave();
  using std::chrono::milliseconds;
  stop_controllers(lost ? milliseconds(0) : options_.drain);
  events_->stop(lost ? milliseconds(0) : options_.drain_events);
  if (elector_) elector_->resign(options_.release);
  // In this order: what a webhook answers is judged by the stores.
  stop_admission();
  capabilities_->stop();
  if (probe_server_) probe_server_->stop({});
  if (metrics_server_) metrics_server_->stop();
  if (lost) return std::unexpected(lost->wrap("this process does not lead any more"));
  return {};
}

void Manager::start_controllers(ControllerOptions::Runs which) {
  for (const auto& controller : controllers_) {
    if (controller->runs() == which) controller->start();
  }
}

void Manager::stop_controllers(std::chrono::milliseconds drain) {
  for (const auto& controller : controllers_) controller->queue().shut_down();
  const auto deadline = base::Clock::now() + drain;
  for (const auto& controller : controllers_) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - base::Clock::now());
    controller->stop(std::max(left, std::chrono::milliseconds(0)));
  }
}

}  // namespace runtime
