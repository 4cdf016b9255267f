#include "capp/tls_secrets.h"

#include <algorithm>
#include <set>

#include "capp/host.h"
#include "capp/kinds.h"
#include "json/value.h"

namespace capp {
namespace {

std::vector<std::string> recorded(const Capp& capp) {
  std::vector<std::string> names;
  const auto* list = json::array_at(capp.status, {"routeStatus", "tlsSecretNames"});
  if (list == nullptr) return names;
  for (const auto& name : *list) {
    if (name.is_string()) names.emplace_back(name.get_string());
  }
  return names;
}

// Of the Certificates that are there: ours, or somebody else's.
std::set<std::string> secrets_of_certificates(const World& world, bool ours) {
  std::set<std::string> secrets;
  for (const auto& record : world.all(kCertificate)) {
    if (is_ours(world, *record) == ours) secrets.insert(tls_secret_of(record->key.name));
  }
  return secrets;
}

std::string wanted_secret(const World& world) {
  const auto host = host_of(world);
  const bool wanted = host && world.capp.spec.route.tls && !world.capp.terminating;
  return wanted ? tls_secret_of(host->name) : std::string();
}

}  // namespace

bool is_recorded(const Capp& capp, std::string_view secret) {
  const auto names = recorded(capp);
  return std::ranges::find(names, secret) != names.end();
}

std::vector<std::string> recorded_tls_hosts(const Capp& capp) {
  std::vector<std::string> hosts;
  for (const auto& secret : recorded(capp)) hosts.emplace_back(host_of_tls_secret(secret));
  return hosts;
}

std::vector<std::string> owned_tls_secrets(const World& world) {
  auto secrets = secrets_of_certificates(world, /*ours=*/true);
  const auto foreign = secrets_of_certificates(world, /*ours=*/false);
  for (auto& name : recorded(world.capp)) {
    if (!foreign.contains(name)) secrets.insert(std::move(name));
  }
  return {secrets.begin(), secrets.end()};
}

std::vector<std::string> leftover_tls_secrets(const World& world) {
  // A Certificate that is there but not read would have its Secret issued again. Of a kind that is
  // gone nothing is there; only a Capp that goes does without its return.
  if (world.is_unread(kCertificate)) return {};
  if (world.is_absent(kCertificate) && !world.capp.terminating) return {};
  const auto used = secrets_of_certificates(world, /*ours=*/true);
  const std::string wanted = wanted_secret(world);
  auto leftover = owned_tls_secrets(world);
  std::erase_if(leftover, [&](const auto& name) {
    return name == wanted || used.contains(name) ||
           !address_may_go(world, host_of_tls_secret(name));
  });
  return leftover;
}

}  // namespace capp
