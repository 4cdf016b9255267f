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

std::set<std::string> secrets_of_certificates(const World& world) {
  std::set<std::string> secrets;
  for (const auto& record : world.all(kCertificate)) {
    if (is_ours(world, *record)) secrets.insert(tls_secret_of(record->key.name));
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

std::vector<std::string> owned_tls_secrets(const World& world) {
  auto secrets = secrets_of_certificates(world);
  for (auto& name : recorded(world.capp)) secrets.insert(std::move(name));
  return {secrets.begin(), secrets.end()};
}

std::vector<std::string> leftover_tls_secrets(const World& world) {
  // Of a kind that cannot be read nobody knows what is there. A Capp that goes does not wait for
  // it.
  if (world.lacks(kCertificate) && !world.capp.terminating) return {};
  const auto used = secrets_of_certificates(world);
  const std::string wanted = wanted_secret(world);
  auto leftover = recorded(world.capp);
  std::erase_if(leftover, [&](const auto& name) {
    return name == wanted || used.contains(name) ||
           !address_may_go(world, host_of_tls_secret(name));
  });
  return leftover;
}

}  // namespace capp
