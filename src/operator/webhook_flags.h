#pragma once
// The flags of the webhook server (behaviour 6).

#include <cstdint>
#include <string>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own
class App;
}  // namespace CLI

namespace op {

// A certificate and its key, as files of one directory.
struct CertificateFlags {
  std::string path;
  std::string name = "tls.crt";
  std::string key = "tls.key";
};

// The names are those of config/default. The Secret is not `webhook-server-cert`: that one is
// cert-manager's, also where the Go operator left it, and nobody writes into another's Secret.
struct SelfSignedFlags {
  bool enabled = false;
  std::string secret = "webhook-self-signed-cert";
  std::string service = "capp-operator-webhook-service";
  std::string mutating_configuration = "capp-operator-mutating-webhook-configuration";
  std::string validating_configuration = "capp-operator-validating-webhook-configuration";
};

struct WebhookFlags {
  std::uint16_t port = 9443;
  // The directory is controller-runtime's.
  CertificateFlags certificate{.path = "/tmp/k8s-webhook-server/serving-certs"};
  SelfSignedFlags self_signed{};
};

// Both outlive the parsing.
void add_webhook_flags(CLI::App& app, WebhookFlags& flags);
// --<prefix>-cert-path, -cert-name and -cert-key; `whose` as in "the directory of <whose>
// certificate".
void add_certificate_flags(CLI::App& app, const std::string& prefix, const std::string& whose,
                           CertificateFlags& flags);

}  // namespace op
