#pragma once
// The HTTPS server that admission webhooks are called on (R48).

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/error.h"
#include "base/mutex.h"
#include "net/loop.h"
#include "net/server.h"
#include "net/tls.h"
#include "runtime/admission_endpoints.h"
#include "runtime/probes.h"
#include "telemetry/log/logger.h"
#include "telemetry/metrics/registry.h"

namespace runtime {

struct AdmissionServerOptions {
  // As net::ServerOptions::bind_address.
  std::string bind_address = ":9443";
  // What readiness says until it listens: CertificateSource::last_look, where there is a source;
  // else it is ready. Thread-safe.
  Check until_it_listens = [] { return base::Result<void>{}; };
  // How long it goes on answering after leave(): until every API server has learned, by way of
  // kubelet, endpoints and kube-proxy, that this pod is not to be called any more. With `drain`
  // below the 5 s in which an operator has to be idle (behaviour 6).
  std::chrono::milliseconds quiet_period{2000};
  // What running requests get then to end.
  std::chrono::milliseconds drain{500};
  // How long from one call of its own to the next: as often as the kubelet asks for readiness.
  std::chrono::milliseconds dial_period{5000};
};

// Listens from the first certificate on, and calls itself all the while. It has an io thread of its
// own, so that no flood of connections delays a watch.
class AdmissionServer {
 public:
  // The registry outlives it. Adds webhook_certificate_expiry_seconds, and what AdmissionEndpoints
  // counts.
  AdmissionServer(AdmissionServerOptions options, AdmissionHandlers handlers,
                  telemetry::metrics::Registry& metrics, const telemetry::log::Logger& log);
  // Cuts what is under way, unless stop() was called.
  ~AdmissionServer();
  AdmissionServer(const AdmissionServer&) = delete;
  AdmissionServer& operator=(const AdmissionServer&) = delete;

  // A CertificateChanged. kTls: it cannot be used; kConnection, kBadInput: the address cannot.
  // Any thread.
  base::Result<void> use_certificate(const net::TlsOptions& tls) CAPP_EXCLUDES(mutex_);

  // The check `webhook` of /readyz: it answered its last call on its own port, over TLS, and the
  // certificate has not expired. Any thread; never waits, since a flood must not keep the kubelet
  // from its answer.
  [[nodiscard]] base::Result<void> ready() CAPP_EXCLUDES(mutex_);
  static constexpr std::chrono::seconds kDialTimeout{5};

  // From now on ready() fails; it goes on answering. Any thread; idempotent.
  void leave() CAPP_EXCLUDES(mutex_);
  // leave(); waits for the end of the quiet period, then drains and closes. Where it does not
  // listen there is nothing to wait for.
  void stop() CAPP_EXCLUDES(mutex_);

 private:
  base::Result<void> listen(const net::TlsOptions& tls) CAPP_REQUIRES(mutex_);
  void keep_dialling(const std::stop_token& stop) CAPP_EXCLUDES(mutex_);
  base::Result<void> dial(const std::stop_token& stop) CAPP_EXCLUDES(mutex_);

  const AdmissionServerOptions options_;
  const AdmissionEndpoints endpoints_;
  telemetry::log::Logger log_;
  telemetry::metrics::Gauge& expiry_;
  net::Loop loop_;
  base::Mutex mutex_;
  // The leaf that is served and its end; of a server that listens.
  std::string certificate_pem_ CAPP_GUARDED_BY(mutex_);
  base::WallClock::time_point expires_at_ CAPP_GUARDED_BY(mutex_);
  std::optional<base::Clock::time_point> left_at_ CAPP_GUARDED_BY(mutex_);
  bool stopped_ CAPP_GUARDED_BY(mutex_) = false;
  std::unique_ptr<net::Server> server_ CAPP_GUARDED_BY(mutex_);
  base::Result<void> answered_ CAPP_GUARDED_BY(mutex_);  // the last dial
  base::CondVar stopping_;
  std::jthread dialler_ CAPP_GUARDED_BY(mutex_);
};

}  // namespace runtime
