#pragma once
// /metrics for Prometheus (R52), to everybody over HTTP or, secured (R53), over HTTPS to those who
// may read it.

#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "kube/client.h"
#include "kube/config/config.h"
#include "net/loop.h"
#include "net/server.h"
#include "runtime/certificate_files.h"
#include "runtime/metrics_auth.h"
#include "telemetry/log/logger.h"
#include "telemetry/metrics/registry.h"

namespace runtime {

struct SecureMetrics {
  // Absent, and until there is one in the files: a certificate of its own, made at the start and in
  // memory only, as controller-runtime's. A scraper cannot verify that one.
  std::optional<CertificateFilesOptions> certificate{};
};

struct MetricsServerOptions {
  // As net::ServerOptions::bind_address.
  std::string bind_address{};
  std::optional<SecureMetrics> secure{};
};

// Serves from create() on, on threads and connections of its own: a flood of scrapes delays no
// watch, and a slow API server that is asked who scrapes delays no reconcile.
class MetricsServer {
 public:
  // `config` and `user_agent` are of the client that asks who scrapes. Errors are those of
  // net::Server and kube::Client. The registry outlives it.
  static base::Result<std::unique_ptr<MetricsServer>> create(const MetricsServerOptions& options,
                                                             const kube::Config& config,
                                                             const std::string& user_agent,
                                                             telemetry::metrics::Registry& metrics,
                                                             const telemetry::log::Logger& log);
  ~MetricsServer() { stop(); }
  MetricsServer(const MetricsServer&) = delete;
  MetricsServer& operator=(const MetricsServer&) = delete;

  // Cuts what is under way. Idempotent.
  void stop();

 private:
  MetricsServer(telemetry::metrics::Registry& metrics, telemetry::log::Logger log)
      : metrics_(metrics), log_(std::move(log)) {}

  base::Result<void> listen(const MetricsServerOptions& options);
  base::Result<void> ask_who_scrapes(const kube::Config& config, const std::string& user_agent);
  void watch(const CertificateFilesOptions& files);
  [[nodiscard]] net::Response answer(const net::Request& request) const;

  telemetry::metrics::Registry& metrics_;
  telemetry::log::Logger log_;
  net::Loop loop_;
  // Null where everybody may read.
  std::unique_ptr<kube::Client> client_;
  std::unique_ptr<MetricsAuth> auth_;
  std::unique_ptr<net::Server> server_;
  std::unique_ptr<CertificateFiles> files_;
};

}  // namespace runtime
