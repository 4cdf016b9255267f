#pragma once
// Webhooks with a certificate of their own, with the API server as the one who calls them.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/mutex.h"
#include "runtime/admission_server.h"
#include "runtime/webhook_certificate.h"
#include "runtime/webhook_trust.h"
#include "telemetry/log/sink.h"
#include "tests/support/cluster.h"

namespace test {

// What was logged, as text. Thread-safe.
class LogText final : public telemetry::log::Sink {
 public:
  void write(std::string_view line) override;
  [[nodiscard]] std::string text() const;
  // How often these words are in it.
  [[nodiscard]] std::size_t count(std::string_view words) const;

 private:
  mutable base::Mutex mutex_;
  std::string text_ CAPP_GUARDED_BY(mutex_);
};

// One process of several: a server for webhooks, and its certificate.
class WebhookReplica {
 public:
  WebhookReplica(const std::string& kubeconfig, runtime::WebhookCertificateOptions options,
                 bool leads, const std::shared_ptr<LogText>& log);
  ~WebhookReplica() { certificate_.stop(); }
  WebhookReplica(const WebhookReplica&) = delete;
  WebhookReplica& operator=(const WebhookReplica&) = delete;

  [[nodiscard]] std::string url() const;
  // What it serves; empty before the first.
  [[nodiscard]] std::string certificate_pem() const;
  // What the certificate says of readiness before it is served.
  [[nodiscard]] testing::AssertionResult is_ready() const;
  void lead();
  // Looks at Secret and configurations without waiting for the next poll.
  void look() { certificate_.wake(); }
  [[nodiscard]] std::string metrics() const { return metrics_.exposition(); }

  const std::uint16_t port;
  std::atomic<int> calls = 0;

 private:
  telemetry::log::Logger log_;
  net::Loop loop_;
  telemetry::metrics::Registry metrics_;
  std::unique_ptr<kube::Client> client_;
  runtime::AdmissionServer server_;
  std::atomic<bool> leads_;
  mutable base::Mutex mutex_;
  std::string certificate_pem_ CAPP_GUARDED_BY(mutex_);
  runtime::WebhookCertificate certificate_;
};

class OwnWebhookCertificate : public testing::Test {
 protected:
  void TearDown() override;

  std::unique_ptr<WebhookReplica> start(bool leads);
  // A configuration by which that replica is asked about each ConfigMap of the namespace.
  void configure(const object::Kind& kind, const WebhookReplica& replica);

  // The API server asks all webhooks that are configured.
  base::Result<void> call();
  testing::AssertionResult called(const WebhookReplica& replica);
  testing::AssertionResult serves(const WebhookReplica& replica,
                                  const std::string& certificate_pem);

  // PEM; empty where there is none.
  std::string in_secret(std::string_view key);
  std::string bundle_of(const object::Kind& kind);
  void empty_in_secret(const std::string& key);

  // What makes a Secret theirs.
  static const runtime::OwnLabel kLabel;
  // In which the API server is sure to have learned of a new bundle.
  static constexpr std::chrono::seconds kSettle{2};

  Cluster cluster{ControlPlane::shared()};
  Api& api = cluster.api;
  const object::Key secret = cluster.key("webhook-self-signed-cert");
  const object::Key configuration{.ns = {}, .name = cluster.ns};
  const std::shared_ptr<LogText> log = std::make_shared<LogText>();
};

}  // namespace test
