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
  auto client = kube::Client::connect(manager->loop_, with.config, {.user_agent = with.user_agent},
                                      manager->metrics_, manager->log_);
  if (!client) return std::unexpected(std::move(client.error()));
  manager->client_ = std::move(*client);
  manager->applier_ =
      std::make_unique<Applier>(*manager->client_, manager->catalog_, with.applier,
                                manager->applier_metrics_, manager->log_.named("applier"));
  manager->events_ = std::make_unique<EventRecorder>(with.events, *manager->client_,
                                                     manager->metrics_, manager->log_);
  manager->add_probes();
  return manager;
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

bool Manager::wait_until_synced(const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] {
    const base::MutexLock lock(mutex_);
    kinds_changed_.notify_all();
  });
  const base::MutexLock lock(mutex_);
  while (!stop.stop_requested()) {
    if (synced()) return true;
    kinds_changed_.wait(mutex_);
  }
  return false;
}

base::Result<void> Manager::run(std::stop_token stop) {
  capabilities_ =
      std::make_unique<Capabilities>(loop_, *client_, catalog_, metrics_, log_,
                                     [this](const WatchedKind& kind, Availability availability) {
                                       if (changed_) changed_(kind, availability);
                                       const base::MutexLock lock(mutex_);
                                       kinds_changed_.notify_all();
                                     });
  if (auto served = serve(); !served) return served;
  events_->start();
  capabilities_->start();
  if (wait_until_synced(stop)) {
    working_ = true;
    log_.info("all kinds are read: starting to reconcile");
    for (const auto& begun : on_leading_) begun();
    for (const auto& controller : controllers_) controller->start();
    wait_for(stop);
    log_.info("stopping");
  }
  if (admission_) admission_->leave();
  stop_controllers();
  capabilities_->stop();
  events_->stop(options_.drain_events);
  stop_admission();
  if (probe_server_) probe_server_->stop({});
  if (metrics_server_) metrics_server_->stop();
  return {};
}

void Manager::stop_controllers() {
  for (const auto& controller : controllers_) controller->queue().shut_down();
  const auto deadline = base::Clock::now() + options_.drain;
  for (const auto& controller : controllers_) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - base::Clock::now());
    controller->stop(std::max(left, std::chrono::milliseconds(0)));
  }
}

void Manager::wait_for(const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] {
    const base::MutexLock lock(mutex_);
    kinds_changed_.notify_all();
  });
  const base::MutexLock lock(mutex_);
  while (!stop.stop_requested()) kinds_changed_.wait(mutex_);
}

}  // namespace runtime
