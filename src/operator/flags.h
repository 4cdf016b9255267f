#pragma once
// The manager's command line (behaviour 6).

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "capp/world.h"
#include "operator/webhook_flags.h"
#include "runtime/lease.h"

namespace op {

struct MetricsFlags {
  bool secure = false;
  CertificateFlags certificate{};  // an empty path: none is given
};

struct Flags {
  std::string metrics_bind_address = ":8080";
  std::string health_probe_bind_address = ":8081";
  std::string kubeconfig;
  std::string ns;  // --namespace; empty: the pod's own, else capp-operator-system
  bool ecs_logging = true;
  capp::DnsApi dns_api = capp::DnsApi::kAuto;
  bool check_dns = false;
  int log_verbosity = 0;
  std::size_t max_concurrent_reconciles = 16;
  MetricsFlags metrics{};
  WebhookFlags webhook{};
  bool leader_elect = false;
  runtime::LeaseTimes lease{};
};

// Nothing is to be run: `text` goes to stdout where `code` is 0 (help, version), else to stderr.
struct Exit {
  int code = 0;
  std::string text;
};

// `arguments` without the program's name. Flags may have one dash, as Go programs accept. An
// unknown flag or a bad value exits with 2 and a usage line that names it.
std::variant<Flags, Exit> parse_flags(const std::vector<std::string>& arguments);

}  // namespace op
