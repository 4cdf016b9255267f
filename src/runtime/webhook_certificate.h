#pragma once
// The certificate of the admission server where nobody else makes one: kept in a Secret that all
// replicas serve from, and trusted by the webhook configurations.

#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <boost/json/object.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "base/mutex.h"
#include "kube/client.h"
#include "object/key.h"
#include "runtime/certificate_rotation.h"
#include "runtime/certificate_secret.h"
#include "runtime/certificate_source.h"
#include "telemetry/log/logger.h"
#include "telemetry/log/repeat_limiter.h"
#include "telemetry/metrics/registry.h"

namespace runtime {

struct WebhookCertificateOptions {
  object::Key secret;
  // What makes the Secret ours. One without it is an error, and left alone.
  OwnLabel label;
  std::string field_manager;
  // The Service that webhooks are called through, in the Secret's namespace.
  std::string service;
  // Their caBundle is kept; they need not exist.
  std::string mutating_configuration;
  std::string validating_configuration;
  RotationOptions rotation{};
  // How often all of it is looked at: as often as files are (certificate_files.h). It bounds how
  // long a damaged caBundle stays, and how long a replica serves an earlier certificate.
  std::chrono::milliseconds poll_period = std::chrono::seconds(10);
};

// Runs on every replica. Each reads the Secret and gives out the pair in it; the one that leads
// also makes and renews the certificates (certificate_rotation.h says when) and writes the bundle
// into the caBundle of each webhook of the two configurations. The certificate has the names of the
// Service, and those by which the configurations call: a webhook with a URL works as well.
//
// All of it by GET and PATCH of objects by name. Two that lead at the same moment cannot
// overwrite each other's certificates: a write is refused where the Secret changed since it was
// read. A key is in no log and in no error.
class WebhookCertificate final : public CertificateSource {
 public:
  using Leading = std::function<bool()>;

  // `leading` is thread-safe. Client and registry outlive this object.
  WebhookCertificate(WebhookCertificateOptions options, kube::Client& client, Leading leading,
                     telemetry::metrics::Registry& metrics, const telemetry::log::Logger& log);
  ~WebhookCertificate() override;

  void start(CertificateChanged changed) override;
  // Ok for who does not lead and finds no Secret: one that leads without making any, as before this
  // was turned on, has to be replaced by one that is ready.
  [[nodiscard]] base::Result<void> last_look() const override CAPP_EXCLUDES(mutex_);
  void stop() override;
  // Thread-safe: looks at all of it now. For the moment at which this process begins to lead.
  void wake() CAPP_EXCLUDES(mutex_);

 private:
  // A webhook configuration that exists.
  struct Caller {
    const object::Kind* kind;
    object::Key key;
    boost::json::object configuration;
  };
  using Callers = std::vector<Caller>;
  // Since when every caller has been seen to have the bundle.
  struct Trust {
    std::string bundle;
    base::Clock::time_point since;
  };
  struct Metrics {
    explicit Metrics(telemetry::metrics::Registry& registry);
    telemetry::metrics::Family<telemetry::metrics::Counter>& renewals;
    telemetry::metrics::Counter& trust_writes;
    telemetry::metrics::Counter& failures;
  };

  void work(const std::stop_token& stop) CAPP_EXCLUDES(mutex_);
  void remember(const base::Result<void>& passed) CAPP_EXCLUDES(mutex_);
  void wait(base::Clock::duration time, const std::stop_token& stop) CAPP_EXCLUDES(mutex_);
  // One look at all of it. What it writes and gives out follows from what it reads, and from
  // trust_.
  base::Result<void> pass(const std::stop_token& stop);
  base::Result<CertificateSecret> read_secret(const std::stop_token& stop);
  base::Result<Callers> read_callers(const std::stop_token& stop);
  base::Result<CertificateSecret> keep(const CertificateSecret& secret,
                                       const std::stop_token& stop);
  base::Result<CertificateSecret> renew_if_due(const CertificateSecret& secret,
                                               const Callers& callers, const std::stop_token& stop);
  base::Result<CertificateSecret> write(const CertificateSecret& before,
                                        const OwnCertificates& certificates,
                                        const std::stop_token& stop);
  base::Result<void> trust(const Callers& callers, const std::string& bundle,
                           const std::stop_token& stop);
  [[nodiscard]] std::vector<std::string> names(const Callers& callers) const;
  [[nodiscard]] std::optional<base::Clock::duration> trusted_for(const Callers& callers,
                                                                 const std::string& bundle) const;
  base::Result<void> give_out(const net::KeyPair& pair);
  void tell(const base::Error& error);

  const WebhookCertificateOptions options_;
  kube::Client& client_;
  const Leading leading_;
  Metrics metrics_;
  const telemetry::log::Logger log_;
  CertificateChanged changed_;
  // Of the thread.
  net::KeyPair given_out_;
  std::optional<Trust> trust_;
  std::set<const object::Kind*> absent_;  // configurations that were told of as absent
  telemetry::log::RepeatLimiter failures_told_;
  mutable base::Mutex mutex_;
  base::CondVar woken_;
  bool wake_ CAPP_GUARDED_BY(mutex_) = false;
  base::Result<void> last_look_ CAPP_GUARDED_BY(mutex_);
  bool serves_ CAPP_GUARDED_BY(mutex_) = false;  // a certificate was given out
  std::jthread worker_;
};

}  // namespace runtime
