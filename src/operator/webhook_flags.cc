#include "operator/webhook_flags.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace op {
namespace {

std::string check_file_name(const std::string& name) {
  if (!name.empty() && !name.contains('/')) return {};
  return fmt::format("\"{}\" is not the name of a file in a directory", name);
}

}  // namespace

void add_webhook_flags(CLI::App& app, WebhookFlags& flags) {
  app.add_option("--webhook-port", flags.port,
                 "Where admission webhooks are served, once there is a certificate.")
      ->check(CLI::Range(1, 65535))
      ->capture_default_str();
  add_certificate_flags(app, "webhook", "the webhook server's", flags.certificate);
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
