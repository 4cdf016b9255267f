#include "operator/webhooks.h"

#include <memory>
#include <utility>

#include <fmt/format.h>

#include "runtime/certificate_files.h"

namespace op {

bool webhooks_enabled(const kube::Environment& environment) {
  return kube::variable(environment, "ENABLE_WEBHOOKS") != "false";
}

void serve_webhooks(runtime::Manager& manager, const WebhookFlags& flags,
                    runtime::AdmissionHandlers handlers) {
  const CertificateFlags& files = flags.certificate;
  manager.serve_admission(
      {.bind_address = fmt::format(":{}", flags.port)}, std::move(handlers),
      std::make_unique<runtime::CertificateFiles>(
          runtime::CertificateFilesOptions{
              .directory = files.path, .certificate = files.name, .key = files.key},
          manager.metrics(), manager.log()));
}

}  // namespace op
