#include "capp/children/domain_mapping.h"

#include <utility>

#include "capp/body.h"
#include "capp/host.h"

namespace capp {
namespace {

// A Secret that is away for a moment must not take HTTPS from an address that has it, so that
// nobody asks for it again once it is in use.
bool uses_tls(const World& world, const Host& host) {
  if (!world.capp.spec.route.tls) return false;
  const auto mapping = find_ours(world, kDomainMapping, host.name);
  return world.answers.tls_secret_exists || (mapping != nullptr && has_tls(*mapping));
}

// Empty where it is known whether the TLS Secret exists.
std::string tls_problem(const World& world) {
  if (world.answers.tls_secret_problem.empty()) return {};
  return "whether the TLS Secret exists is not known: " + world.answers.tls_secret_problem;
}

}  // namespace

std::vector<Asked> DomainMapping::wanted(const World& world) const {
  const auto host = host_of(world);
  if (!host) return {};
  auto body = child_body(world.capp, kDomainMapping, host->name);
  boost::json::object spec{{"ref", service_reference(world.capp)}};
  if (uses_tls(world, *host)) spec["tls"] = {{"secretName", tls_secret_of(host->name)}};
  body["spec"] = std::move(spec);
  auto asked = one({.kind = &kDomainMapping,
                    .key = {.ns = world.capp.key.ns, .name = host->name},
                    .body = std::move(body)});
  // One that is there may have TLS from an older operator, which an apply without it would take.
  if (find_ours(world, kDomainMapping, host->name)) asked.front().obstacle = tls_problem(world);
  return asked;
}

bool DomainMapping::may_go(const World& world, const object::Record& unwanted) const {
  return address_may_go(world, unwanted.key.name);
}

std::optional<Finding> DomainMapping::remark(const World& world) const {
  if (auto finding = remark_on_hostname(world, kDomain)) return finding;
  auto problem = tls_problem(world);
  if (problem.empty()) return std::nullopt;
  return Finding{.concern = &kDomain, .verdict = Verdict::kNotReady, .message = std::move(problem)};
}

Health DomainMapping::health(const World& /*world*/, const object::Record& live) const {
  return ready_condition(live, status_of(live), kDomainMapping.kind);
}

boost::json::object DomainMapping::status(const World& /*world*/, const Live& live) const {
  return status_at({"routeStatus", "domainMappingObjectStatus"}, live.of(kDomainMapping));
}

bool has_tls(const object::Record& mapping) {
  const auto* spec = mapping.owned.set != nullptr ? mapping.owned.set->field("spec") : nullptr;
  return spec != nullptr && spec->field("tls") != nullptr;
}

}  // namespace capp
