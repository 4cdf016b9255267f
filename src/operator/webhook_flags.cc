#include "operator/webhook_flags.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/names.h"

namespace op {
namespace {

std::string check_file_name(const std::string& name) {
  if (!name.empty() && !name.contains('/')) return {};
  return fmt::format("\"{}\" is not the name of a file in a directory", name);
}

std::string check_object_name(const std::string& name) {
  if (base::is_dns1123_subdomain(name)) return {};
  return fmt::format("\"{}\" is not the name of an object", name);
}

std::string check_service_name(const std::string& name) {
  if (base::is_dns1035_label(name)) return {};
  return fmt::format("\"{}\" is not a Service's name", name);
}

void add_self_signed_flags(CLI::App& app, SelfSignedFlags& flags) {
  app.add_flag("--webhook-self-signed", flags.enabled,
               "Make and renew the webhook server's certificate, in a Secret of the operator's "
               "namespace, and keep the caBundle of the webhook configurations; the files of "
               "--webhook-cert-path are not read.");
  app.add_option("--webhook-secret-name", flags.secret, "The Secret of --webhook-self-signed.")
      ->check(check_object_name)
      ->capture_default_str();
  app.add_option("--webhook-service-name", flags.service,
                 "The Service of the webhooks, for which that certificate is made.")
      ->check(check_service_name)
      ->capture_default_str();
  app.add_option("--webhook-mutating-configuration", flags.mutating_configuration,
                 "The MutatingWebhookConfiguration that is to trust that certificate.")
      ->check(check_object_name)
      ->capture_default_str();
  app.add_option("--webhook-validating-configuration", flags.validating_configuration,
                 "The ValidatingWebhookConfiguration that is to trust that certificate.")
      ->check(check_object_name)
      ->capture_default_str();
}

}  // namespace

void add_webhook_flags(CLI::App& app, WebhookFlags& flags) {
  app.add_option("--webhook-port", flags.port,
                 "Where admission webhooks are served, once there is a certificate.")
      ->check(CLI::Range(1, 65535))
      ->capture_default_str();
  add_certificate_flags(app, "webhook", "the webhook server's", flags.certificate);
  add_self_signed_flags(app, flags.self_signed);
}

void add_certificate_flags(CLI::App& app, const std::string& prefix, const std::string& whose,
                           CertificateFlags& flags) {
  app.add_option(fmt::format("--{}-cert-path", prefix), flags.path,
                 fmt::format("The directory of {} certificate.", whose))
      ->capture_default_str();
  app.add_option(fmt::format("--{}-cert-name", prefix), flags.name,
                 fmt::format("The file of {} certificate in that directory.", whose))
      ->check(check_file_name)
      ->capture_default_str();
  app.add_option(fmt::format("--{}-cert-key", prefix), flags.key,
                 "The file of its key in that directory.")
      ->check(check_file_name)
      ->capture_default_str();
}

}  // namespace op
