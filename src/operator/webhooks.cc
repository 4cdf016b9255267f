#include "operator/webhooks.h"

#include <memory>
#include <utility>

#include <fmt/format.h>

#include "capp/names.h"
#include "runtime/certificate_files.h"
#include "runtime/webhook_certificate.h"

namespace op {
namespace {

using runtime::CertificateSource;

std::unique_ptr<CertificateSource> certificate_files(runtime::Manager& manager,
                                                     const CertificateFlags& flags) {
  return std::make_unique<runtime::CertificateFiles>(
      runtime::CertificateFilesOptions{
          .directory = flags.path, .certificate = flags.name, .key = flags.key},
      manager.metrics(), manager.log());
}

std::unique_ptr<CertificateSource> self_signed(runtime::Manager& manager,
                                               const SelfSignedFlags& flags,
                                               const std::string& ns) {
  auto certificate = std::make_unique<runtime::WebhookCertificate>(
      runtime::WebhookCertificateOptions{
          .secret = {.ns = ns, .name = flags.secret},
          .label = {.key = std::string(capp::kManagedByLabel),
                    .value = std::string(capp::kManagedByValue)},
          .field_manager = std::string(capp::kFieldManager),
          .service = flags.service,
          .mutating_configuration = flags.mutating_configuration,
          .validating_configuration = flags.validating_configuration},
      manager.client(), [&manager] { return manager.leading(); }, manager.metrics(), manager.log());
  // The manager owns it.
  manager.on_leading([&certificate = *certificate] { certificate.wake(); });
  return certificate;
}

}  // namespace

bool webhooks_enabled(const kube::Environment& environment) {
  return kube::variable(environment, "ENABLE_WEBHOOKS") != "false";
}

void serve_webhooks(runtime::Manager& manager, const WebhookFlags& flags, const std::string& ns,
                    runtime::AdmissionHandlers handlers) {
  auto certificates = flags.self_signed.enabled ? self_signed(manager, flags.self_signed, ns)
                                                : certificate_files(manager, flags.certificate);
  // The manager owns them together.
  const auto last_look = [&source = *certificates] { return source.last_look(); };
  manager.serve_admission(
      {.bind_address = fmt::format(":{}", flags.port), .until_it_listens = last_look},
      std::move(handlers), std::move(certificates));
}

}  // namespace op
