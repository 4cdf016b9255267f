#include "capp/host.h"

#include "capp/health.h"
#include "capp/kinds.h"

namespace capp {
namespace {

// API (behaviour 2, "Certificate").
constexpr std::string_view kTlsSecretEnding = "-tls";

const object::Kind& preferred_kind(const World& world) {
  switch (world.dns_api) {
    case DnsApi::kG1:
      return kClusterCnameRecord;
    case DnsApi::kG2:
      return kCnameRecord;
    case DnsApi::kAuto:
      break;
  }
  // One that is served but not read yet counts: which is read first must not decide.
  const bool only_g1 = world.is_absent(kCnameRecord) && !world.is_absent(kClusterCnameRecord);
  return only_g1 ? kClusterCnameRecord : kCnameRecord;
}

// One that is being deleted says so of a past that nobody can rely on.
bool is_ready(const World& world, const object::Kind& kind, const Host& host) {
  const auto record = find_ours(world, kind, host.name);
  return record != nullptr && !record->terminating &&
         ready_condition(*record, status_of(*record), kind.kind).ready;
}

bool is_served(const World& world, const Host& host) {
  if (host.is_apex()) return is_ready(world, kDomainMapping, host);
  return is_ready(world, record_kind(world, host), host);
}

}  // namespace

Host host_of(std::string_view hostname, std::string_view zone) {
  if (zone.ends_with('.')) zone.remove_suffix(1);
  if (hostname == zone) return {.name = std::string(hostname), .record = {}};
  if (hostname.ends_with(zone)) {
    // At a label boundary: "my-zone.dev" is no name of the zone "zone.dev".
    const std::string_view below = hostname.substr(0, hostname.size() - zone.size());
    if (below.ends_with('.')) {
      return {.name = std::string(hostname),
              .record = std::string(below.substr(0, below.size() - 1))};
    }
  }
  return {.name = std::string(hostname).append(".").append(zone), .record = std::string(hostname)};
}

std::optional<Host> host_of(const World& world) {
  const auto& hostname = world.capp.spec.route.hostname;
  if (hostname.empty() || !world.config.dns) return std::nullopt;
  return host_of(hostname, world.config.dns->zone);
}

std::string tls_secret_of(std::string_view host_name) {
  return std::string(host_name).append(kTlsSecretEnding);
}

std::string_view host_of_tls_secret(std::string_view secret) {
  if (secret.ends_with(kTlsSecretEnding)) secret.remove_suffix(kTlsSecretEnding.size());
  return secret;
}

const object::Kind& record_kind(const World& world, const Host& host) {
  const object::Kind& preferred = preferred_kind(world);
  const object::Kind& other = preferred == kCnameRecord ? kClusterCnameRecord : kCnameRecord;
  const bool only_other = find_ours(world, preferred, host.name) == nullptr &&
                          find_ours(world, other, host.name) != nullptr;
  return only_other ? other : preferred;
}

bool address_may_go(const World& world, std::string_view name) {
  if (world.capp.terminating || world.capp.spec.route.hostname.empty()) return true;
  const auto host = host_of(world);
  // Without a DNS configuration nobody knows which address is right.
  if (!host) return false;
  // Of the address itself: TLS was switched off, for example.
  if (name == host->name) return true;
  return is_served(world, *host);
}

std::optional<Finding> remark_on_hostname(const World& world, const Concern& concern) {
  if (world.capp.spec.route.hostname.empty() || world.config.dns) return std::nullopt;
  return Finding{.concern = &concern,
                 .verdict = Verdict::kDnsConfigInvalid,
                 .message = world.config.dns_problem};
}

}  // namespace capp
