#include "operator/flags.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/duration.h"
#include "base/names.h"
#include "base/version.h"

namespace op {
namespace {

constexpr int kUsageError = 2;

// "-leader-elect" -> "--leader-elect": one dash before a name of more than one letter.
std::string two_dashes(const std::string& argument) {
  const bool one_dash = argument.size() > 2 && argument[0] == '-' &&
                        std::isalpha(static_cast<unsigned char>(argument[1])) != 0;
  return one_dash ? "-" + argument : argument;
}

// ":8080", "host:8080", "[::1]:8080", or "0" for none.
std::string check_address(const std::string& address) {
  if (address == "0" || address.empty()) return {};
  const auto colon = address.rfind(':');
  const std::string port = colon == std::string::npos ? "" : address.substr(colon + 1);
  const bool digits =
      !port.empty() && port.size() <= 5 &&
      std::ranges::all_of(port, [](unsigned char c) { return std::isdigit(c) != 0; });
  if (!digits || std::stoi(port) > 65535) {
    return fmt::format("\"{}\" is not [HOST]:PORT with a port up to 65535, nor 0 for none",
                       address);
  }
  return {};
}

std::string check_namespace(const std::string& ns) {
  if (ns.empty() || base::is_dns1123_label(ns)) return {};
  return fmt::format("\"{}\" is not a namespace's name", ns);
}

std::string check_duration(const std::string& text) {
  const auto duration = base::parse_duration(text);
  return duration ? std::string() : duration.error().message;
}

// Checked before.
std::chrono::milliseconds read_duration(const std::string& text) {
  return std::chrono::floor<std::chrono::milliseconds>(*base::parse_duration(text));
}

// --leader-elect and the times of its lease, as Go's components name them.
struct LeaseFlags {
  std::string duration = base::format_duration(runtime::LeaseTimes{}.duration);
  std::string renew_deadline = base::format_duration(runtime::LeaseTimes{}.renew_deadline);
  std::string retry_period = base::format_duration(runtime::LeaseTimes{}.retry_period);

  void add_to(CLI::App& app, bool& leader_elect) {
    app.add_flag("--leader-elect", leader_elect,
                 "Work only while holding the lease c1382367.dana.io in the operator's namespace: "
                 "for more than one replica.");
    app.add_option("--leader-elect-lease-duration", duration,
                   "After which time without a renewal another replica takes the lease; whole "
                   "seconds.")
        ->check(check_duration)
        ->capture_default_str();
    app.add_option("--leader-elect-renew-deadline", renew_deadline,
                   "How long after its last renewal the leader may write; less than the duration.")
        ->check(check_duration)
        ->capture_default_str();
    app.add_option("--leader-elect-retry-period", retry_period,
                   "Between two renewals; 1.2 times this is less than the deadline.")
        ->check(check_duration)
        ->capture_default_str();
  }

  [[nodiscard]] runtime::LeaseTimes times() const {
    return {.duration = read_duration(duration),
            .renew_deadline = read_duration(renew_deadline),
            .retry_period = read_duration(retry_period)};
  }
};

std::string usage_error(std::string_view message) {
  return fmt::format("{}\nusage: capp-operator [flags]; --help lists them\n", message);
}

capp::DnsApi read_dns_api(std::string_view name) {
  if (name == "g1") return capp::DnsApi::kG1;
  return name == "g2" ? capp::DnsApi::kG2 : capp::DnsApi::kAuto;
}

}  // namespace

std::variant<Flags, Exit> parse_flags(const std::vector<std::string>& arguments) {
  Flags flags;
  bool http2 = false;
  std::string dns_api = "auto";
  CLI::App app("Turns Capps into Knative Services and what belongs to them.", "capp-operator");
  app.set_version_flag("--version",
                       fmt::format("capp-operator {} ({})", base::kVersion, base::kGitCommit));
  app.add_option("--metrics-bind-address", flags.metrics_bind_address,
                 "Where /metrics is served; 0 for nowhere.")
      ->check(check_address)
      ->capture_default_str();
  app.add_option("--health-probe-bind-address", flags.health_probe_bind_address,
                 "Where /healthz and /readyz are served; 0 for nowhere.")
      ->check(check_address)
      ->capture_default_str();
  app.add_option(
      "--kubeconfig", flags.kubeconfig,
      "The kubeconfig to use instead of $KUBECONFIG, the pod's service account or ~/.kube/config.");
  app.add_option("--namespace", flags.ns,
                 "Where the operator's configuration lives. Default: the pod's own namespace, else "
                 "capp-operator-system.")
      ->check(check_namespace);
  app.add_option(
         "--dns-api", dns_api,
         "Which CNAMERecords new hostnames get: g1, record.dns.crossplane.io "
         "(cluster-scoped), or g2, record.dns-v2.m.crossplane.io (namespaced); auto: the one "
         "that is installed, g2 if both are.")
      ->check(CLI::IsMember({"auto", "g1", "g2"}))
      ->capture_default_str();
  app.add_flag("--check-dns", flags.check_dns,
               "Webhooks refuse a new hostname of which DNS has an address or an alias already.");
  app.add_option("--ecs-logging", flags.ecs_logging,
                 "Log one ECS JSON document a line; false: text for people.")
      ->expected(0, 1)
      ->default_val(true)
      ->force_callback(false);
  app.add_option("--log-verbosity", flags.log_verbosity, "0 info, 1 debug, 2 trace.")
      ->check(CLI::Range(0, 10))
      ->capture_default_str();
  app.add_option("--max-concurrent-reconciles", flags.max_concurrent_reconciles,
                 "How many Capps are worked on at a time.")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  LeaseFlags lease;
  lease.add_to(app, flags.leader_elect);
  app.add_flag("--metrics-secure", flags.metrics.secure,
               "Serve metrics over TLS, to those who may get the URL /metrics.");
  add_certificate_flags(app, "metrics", "the metrics server's", flags.metrics.certificate);
  add_webhook_flags(app, flags.webhook);
  app.add_option("--enable-http2", http2, "Accepted for compatibility; has no effect.")
      ->expected(0, 1);

  std::vector<std::string> reversed;  // the order that CLI11 wants
  std::ranges::transform(arguments, std::back_inserter(reversed), two_dashes);
  std::ranges::reverse(reversed);
  try {
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    return Exit{.code = 0, .text = app.help()};
  } catch (const CLI::CallForVersion& version) {
    return Exit{.code = 0, .text = std::string(version.what()) + "\n"};
  } catch (const CLI::ParseError& error) {
    return Exit{.code = kUsageError, .text = usage_error(error.what())};
  }
  flags.lease = lease.times();
  if (const auto checked = runtime::check(flags.lease); !checked) {
    return Exit{.code = kUsageError, .text = usage_error(checked.error().message)};
  }
  flags.dns_api = read_dns_api(dns_api);
  return flags;
}

}  // namespace op
