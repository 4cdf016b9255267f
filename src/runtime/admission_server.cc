#include "runtime/admission_server.h"

#include <utility>

#include <fmt/format.h>

#include "net/client.h"
#include "net/self_signed.h"

namespace runtime {
namespace {

// Handlers may ask the API server or a resolver; those that wait must not hold up the others.
constexpr std::size_t kThreads = 8;

double unix_seconds(base::WallClock::time_point time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

}  // namespace

AdmissionServer::AdmissionServer(AdmissionServerOptions options, AdmissionHandlers handlers,
                                 telemetry::metrics::Registry& metrics,
                                 const telemetry::log::Logger& log)
    : options_(std::move(options)),
      endpoints_(std::move(handlers), metrics, log),
      log_(log.named("webhook")),
      expiry_(metrics.gauge("webhook_certificate_expiry_seconds",
                            "When the certificate of the webhook server expires, in seconds since "
                            "the epoch; 0 while there is none.")),
      answered_(base::fail(base::Reason::kUnavailable, "the webhook server has only just begun")) {}

AdmissionServer::~AdmissionServer() = default;

base::Result<void> AdmissionServer::use_certificate(const net::TlsOptions& tls) {
  auto facts = net::read_certificates(tls.certificate_pem);
  if (!facts) return std::unexpected(std::move(facts.error()));
  if (facts->empty()) return base::fail(base::Reason::kTls, "there is no certificate in the text");
  const base::MutexLock lock(mutex_);
  if (stopped_) return {};
  if (auto used = server_ ? server_->replace_tls(tls) : listen(tls); !used) return used;
  certificate_pem_ = std::move(facts->front().pem);
  expires_at_ = facts->front().validity.not_after;
  expiry_.set(unix_seconds(expires_at_));
  log_.info("serving with a new certificate",
            {{"address", options_.bind_address}, {"expires", base::rfc3339(expires_at_)}});
  return {};
}

base::Result<void> AdmissionServer::listen(const net::TlsOptions& tls) {
  auto server = net::Server::create(
      loop_, {.bind_address = options_.bind_address, .tls = tls, .threads = kThreads},
      [this](const net::Request& request) { return endpoints_.handle(request); });
  if (!server) return std::unexpected(server.error().wrap("the webhook server cannot listen"));
  server_ = std::move(*server);
  dialler_ = std::jthread([this](const std::stop_token& stop) { keep_dialling(stop); });
  return {};
}

base::Result<void> AdmissionServer::ready() {
  {
    const base::MutexLock lock(mutex_);
    if (left_at_) return base::fail(base::Reason::kUnavailable, "the process is stopping");
    if (server_ && expires_at_ < base::WallClock::now()) {
      return base::fail(base::Reason::kTls,
                        fmt::format("the certificate expired at {}", base::rfc3339(expires_at_)));
    }
    if (server_) return answered_;
  }
  return options_.until_it_listens();
}

void AdmissionServer::keep_dialling(const std::stop_token& stop) {
  const std::stop_callback on_stop(stop, [this] {
    const base::MutexLock lock(mutex_);
    stopping_.notify_all();
  });
  while (!stop.stop_requested()) {
    auto answered = dial(stop);
    const auto next = base::Clock::now() + options_.dial_period;
    const base::MutexLock lock(mutex_);
    answered_ = std::move(answered);
    while (!stop.stop_requested() &&
           stopping_.wait_until(mutex_, next) == std::cv_status::no_timeout) {
      continue;
    }
  }
}

base::Result<void> AdmissionServer::dial(const std::stop_token& stop) {
  net::ClientOptions options{.host = "127.0.0.1", .connect_timeout = kDialTimeout};
  {
    const base::MutexLock lock(mutex_);
    if (!server_) return {};
    options.port = server_->port();
    // It has names of the Service, not this address. The one root only spares reading the system's.
    options.tls_options = {.ca_pem = certificate_pem_, .insecure_skip_verify = true};
  }
  auto client = net::Client::create(loop_, options);
  if (!client) return std::unexpected(std::move(client.error()));
  // Any answer will do.
  const auto answer = (*client)->send({.target = "/", .timeout = kDialTimeout}, stop);
  if (!answer) return std::unexpected(answer.error().wrap("the webhook server does not answer"));
  return {};
}

void AdmissionServer::leave() {
  const base::MutexLock lock(mutex_);
  if (!left_at_) left_at_ = base::Clock::now();
}

void AdmissionServer::stop() {
  leave();
  std::unique_ptr<net::Server> server;
  std::jthread dialler;
  base::Clock::time_point quiet_until;
  {
    const base::MutexLock lock(mutex_);
    stopped_ = true;
    server = std::move(server_);
    dialler = std::move(dialler_);
    quiet_until = *left_at_ + options_.quiet_period;
  }
  if (!server) return;
  // Or its connection is one to drain.
  dialler.request_stop();
  dialler.join();
  std::this_thread::sleep_until(quiet_until);
  server->stop(options_.drain);
}

}  // namespace runtime
