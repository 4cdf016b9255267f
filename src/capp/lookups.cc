#include "capp/lookups.h"

#include "capp/children/domain_mapping.h"
#include "capp/children/knative_service.h"
#include "capp/health.h"
#include "capp/host.h"
#include "capp/kinds.h"
#include "json/value.h"

namespace capp {
namespace {

// Once the DomainMapping uses the Secret nobody asks again.
std::optional<TlsSecretLookup> tls_secret_lookup(const World& world) {
  const auto host = host_of(world);
  if (!host || !world.capp.spec.route.tls || world.lacks(kDomainMapping)) return std::nullopt;
  const auto mapping = find_ours(world, kDomainMapping, host->name);
  if (mapping != nullptr && has_tls(*mapping)) return std::nullopt;
  const auto certificate = find_ours(world, kCertificate, host->name);
  return TlsSecretLookup{
      .secret = {.ns = world.capp.key.ns, .name = tls_secret_of(host->name)},
      .certificate_version = certificate != nullptr ? certificate->resource_version : 0};
}

std::optional<PodsLookup> pods_lookup(const World& world) {
  const auto service = find_ours(world, kKnativeService, world.capp.key.name);
  if (service == nullptr) return std::nullopt;
  const auto revision = failing_revision(world, status_of(*service));
  if (revision == nullptr) return std::nullopt;
  const auto ready = condition_of(status_of(*revision), "Ready");
  return PodsLookup{.ns = revision->key.ns,
                    .revision = revision->key.name,
                    .revision_version = revision->resource_version,
                    .failed = json::string_at(ready, {"status"}) == "False"};
}

}  // namespace

Lookups lookups(const World& world) {
  if (world.capp.terminating) return {};
  Lookups lookups{.tls_secret = tls_secret_lookup(world), .pods = std::nullopt};
  if (world.capp.spec.state == State::kEnabled) lookups.pods = pods_lookup(world);
  return lookups;
}

}  // namespace capp
