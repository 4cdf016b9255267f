#include "runtime/metrics_server.h"

#include <utility>

#include "net/self_signed.h"

namespace runtime {
namespace {

// One more than the reviews that may be under way: a scraper whose verdict is remembered always
// finds a thread.
constexpr std::size_t kThreads = MetricsAuthOptions{}.max_reviews + 1;
// Nobody can verify it, so its age says nothing; a process does not live for so long.
constexpr std::chrono::days kOwnCertificateLifetime{3650};

base::Result<net::TlsOptions> own_certificate() {
  const auto now = base::WallClock::now();
  const net::Validity validity{.not_before = now - std::chrono::hours(1),
                               .not_after = now + kOwnCertificateLifetime};
  const auto authority = net::make_authority("metrics", validity);
  if (!authority) return std::unexpected(authority.error());
  // The names are controller-runtime's.
  const auto pair = net::issue_server_certificate(*authority, {"127.0.0.1", "localhost"}, validity);
  if (!pair) return std::unexpected(pair.error());
  return net::TlsOptions{.certificate_pem = pair->certificate_pem,
                         .private_key_pem = pair->private_key_pem.reveal()};
}

}  // namespace

base::Result<std::unique_ptr<MetricsServer>> MetricsServer::create(
    const MetricsServerOptions& options, const kube::Config& config, const std::string& user_agent,
    telemetry::metrics::Registry& metrics, const telemetry::log::Logger& log) {
  std::unique_ptr<MetricsServer> server(new MetricsServer(metrics, log.named("metrics")));
  if (options.secure) {
    if (auto asking = server->ask_who_scrapes(config, user_agent); !asking) {
      return std::unexpected(std::move(asking.error()));
    }
  }
  if (auto listening = server->listen(options); !listening) {
    return std::unexpected(std::move(listening.error()));
  }
  if (options.secure && options.secure->certificate) server->watch(*options.secure->certificate);
  return server;
}

base::Result<void> MetricsServer::ask_who_scrapes(const kube::Config& config,
                                                  const std::string& user_agent) {
  const MetricsAuthOptions auth;
  auto client = kube::Client::connect(
      loop_, config, {.user_agent = user_agent, .max_in_flight = auth.max_reviews}, metrics_, log_);
  if (!client) return std::unexpected(std::move(client.error()));
  client_ = *std::move(client);
  auth_ = std::make_unique<MetricsAuth>(auth, *client_, log_);
  return {};
}

base::Result<void> MetricsServer::listen(const MetricsServerOptions& options) {
  net::ServerOptions server_options{
      .bind_address = options.bind_address, .tls = std::nullopt, .threads = kThreads};
  if (options.secure) {
    auto tls = own_certificate();
    if (!tls) return std::unexpected(std::move(tls.error()));
    server_options.tls = *std::move(tls);
  }
  auto server =
      net::Server::create(loop_, std::move(server_options),
                          [this](const net::Request& request) { return answer(request); });
  if (!server) return std::unexpected(std::move(server.error()));
  server_ = *std::move(server);
  return {};
}

void MetricsServer::watch(const CertificateFilesOptions& files) {
  files_ = std::make_unique<CertificateFiles>(files, metrics_, log_);
  files_->start([this](const net::TlsOptions& tls) { return server_->replace_tls(tls); });
}

net::Response MetricsServer::answer(const net::Request& request) const {
  if (request.target.substr(0, request.target.find('?')) != "/metrics") {
    return {.status = 404, .headers = {}, .body = "404 page not found\n"};
  }
  if (auth_) {
    if (auto refusal = auth_->refuse(request)) return *std::move(refusal);
  }
  return {.status = 200,
          .headers = {{"Content-Type", std::string(telemetry::metrics::kTextFormat)}},
          .body = metrics_.exposition()};
}

void MetricsServer::stop() {
  if (files_) files_->stop();
  if (auth_) auth_->stop();
  if (server_) server_->stop({});
}

}  // namespace runtime
