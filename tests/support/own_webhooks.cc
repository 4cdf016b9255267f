#include "tests/support/own_webhooks.h"

#include <utility>

#include <gmock/gmock.h>

#include "base/hash.h"
#include "capp/kinds.h"
#include "json/value.h"
#include "kube/config/discover.h"
#include "telemetry/log/encoder.h"
#include "tests/support/child_process.h"

namespace test {

using runtime::kSecret;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

void LogText::write(std::string_view line) {
  const base::MutexLock lock(mutex_);
  text_ += line;
}

std::string LogText::text() const {
  const base::MutexLock lock(mutex_);
  return text_;
}

std::size_t LogText::count(std::string_view words) const {
  const auto all = text();
  std::size_t found = 0;
  for (auto at = all.find(words); at != std::string::npos; at = all.find(words, at + 1)) ++found;
  return found;
}

WebhookReplica::WebhookReplica(const std::string& kubeconfig,
                               runtime::WebhookCertificateOptions options, bool leads,
                               const std::shared_ptr<LogText>& log)
    : port(static_cast<std::uint16_t>(free_port())),
      log_({.sink = log, .encoder = telemetry::log::console_encoder()}),
      client_(kube::Client::connect(loop_,
                                    kube::discover_config({.kubeconfig = kubeconfig}, {}).value(),
                                    {.user_agent = "test"}, metrics_, log_)
                  .value()),
      server_({.bind_address = "127.0.0.1:" + std::to_string(port), .quiet_period = 0ms},
              {{"/allow",
                [this](const runtime::AdmissionRequest&) {
                  ++calls;
                  return runtime::AdmissionReply::allow();
                }}},
              metrics_, log_),
      leads_(leads),
      certificate_(std::move(options), *client_, [this] { return leads_.load(); }, metrics_, log_) {
  certificate_.start([this](const net::TlsOptions& tls) {
    auto used = server_.use_certificate(tls);
    const base::MutexLock lock(mutex_);
    if (used) certificate_pem_ = tls.certificate_pem;
    return used;
  });
}

std::string WebhookReplica::url() const {
  return "https://127.0.0.1:" + std::to_string(port) + "/allow";
}

std::string WebhookReplica::certificate_pem() const {
  const base::MutexLock lock(mutex_);
  return certificate_pem_;
}

testing::AssertionResult WebhookReplica::is_ready() const {
  const auto look = certificate_.last_look();
  return look ? testing::AssertionSuccess()
              : testing::AssertionFailure() << look.error().describe();
}

void WebhookReplica::lead() {
  leads_ = true;
  certificate_.wake();
}

const runtime::OwnLabel OwnWebhookCertificate::kLabel{.key = "example.org/managed-by",
                                                      .value = "us"};

void OwnWebhookCertificate::TearDown() {
  for (const auto* kind : {&runtime::kMutatingWebhooks, &runtime::kValidatingWebhooks}) {
    [[maybe_unused]] const auto removed = api.try_remove(*kind, configuration);
  }
  EXPECT_THAT(log->text(), Not(HasSubstr("PRIVATE KEY")));
}

std::unique_ptr<WebhookReplica> OwnWebhookCertificate::start(bool leads) {
  return std::make_unique<WebhookReplica>(
      cluster.plane.admin_kubeconfig(),
      runtime::WebhookCertificateOptions{.secret = secret,
                                         .label = kLabel,
                                         .field_manager = "test",
                                         .service = "hook",
                                         .mutating_configuration = configuration.name,
                                         .validating_configuration = configuration.name,
                                         .rotation = {.settle = kSettle},
                                         .poll_period = 50ms},
      leads, log);
}

void OwnWebhookCertificate::configure(const object::Kind& kind, const WebhookReplica& replica) {
  auto body = parse_object(R"({
      "webhooks": [{
        "name": "hook.example.org", "sideEffects": "None", "admissionReviewVersions": ["v1"],
        "failurePolicy": "Fail",
        "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"],
                   "resources": ["configmaps"]}]}]})");
  body["apiVersion"] = kind.api_version();
  body["kind"] = kind.kind;
  body["metadata"] = {{"name", configuration.name}};
  auto& webhook = body.at("webhooks").as_array()[0].as_object();
  webhook["clientConfig"] = {{"url", replica.url()}};
  webhook["namespaceSelector"] = {{"matchLabels", {{"kubernetes.io/metadata.name", cluster.ns}}}};
  api.create(kind, {}, body);
}

base::Result<void> OwnWebhookCertificate::call() {
  const auto answer =
      api.try_send({.method = net::Method::kPost,
                    .target = capp::kConfigMap.collection_path(cluster.ns) + "?dryRun=All",
                    .headers = {{"Content-Type", "application/json"}},
                    .body = R"({"apiVersion": "v1", "kind": "ConfigMap",
                                "metadata": {"generateName": "x-"}})"});
  if (!answer) return std::unexpected(answer.error());
  return {};
}

testing::AssertionResult OwnWebhookCertificate::called(const WebhookReplica& replica) {
  const int before = replica.calls;
  const auto answered = call();
  if (!answered) return testing::AssertionFailure() << answered.error().describe();
  return replica.calls > before ? testing::AssertionSuccess()
                                : testing::AssertionFailure() << "it was not asked";
}

testing::AssertionResult OwnWebhookCertificate::serves(const WebhookReplica& replica,
                                                       const std::string& certificate_pem) {
  return !certificate_pem.empty() && replica.certificate_pem() == certificate_pem
             ? testing::AssertionSuccess()
             : testing::AssertionFailure() << "it serves\n"
                                           << replica.certificate_pem() << "and not\n"
                                           << certificate_pem;
}

std::string OwnWebhookCertificate::in_secret(std::string_view key) {
  const auto found = api.find(kSecret, secret);
  if (!found) return {};
  return base::base64_decode(json::string_at(*found, {"data", key})).value_or("");
}

std::string OwnWebhookCertificate::bundle_of(const object::Kind& kind) {
  return base::base64_decode(at(api.get(kind, configuration), "/webhooks/0/clientConfig/caBundle"))
      .value_or("");
}

void OwnWebhookCertificate::empty_in_secret(const std::string& key) {
  api.merge_patch(kSecret, secret, R"({"data": {")" + key + R"(": ""}})");
}

}  // namespace test
