#include "capp/children/cname_record.h"

#include <fmt/format.h>

#include "capp/body.h"
#include "capp/host.h"
#include "capp/kinds.h"
#include "capp/names.h"

namespace capp {

std::vector<Asked> CnameRecord::wanted(const World& world) const {
  const auto host = host_of(world);
  if (!host || host->is_apex() || record_kind(world, *host) != kind_) return {};
  const Dns& dns = *world.config.dns;
  const bool namespaced = kind_.scope == object::Scope::kNamespaced;
  boost::json::object provider{{"name", dns.provider}};
  if (namespaced) provider["kind"] = "ClusterProviderConfig";

  auto body = child_body(world.capp, kind_, host->name);
  body["metadata"].as_object()["labels"].as_object()[kParentCappNsLabel] = world.capp.key.ns;
  body["spec"] = {
      {"forProvider", {{"name", host->record}, {"zone", dns.zone}, {"cname", dns.cname}}},
      {"providerConfigRef", std::move(provider)}};
  return one({.kind = &kind_,
              .key = {.ns = namespaced ? world.capp.key.ns : "", .name = host->name},
              .body = std::move(body)});
}

bool CnameRecord::may_go(const World& world, const object::Record& unwanted) const {
  return address_may_go(world, unwanted.key.name);
}

std::optional<Finding> CnameRecord::remark(const World& world) const {
  if (auto finding = remark_on_hostname(world, kDnsRecord)) return finding;
  const auto host = host_of(world);
  if (!host || !host->is_apex()) return std::nullopt;
  return Finding{.concern = &kDnsRecord,
                 .verdict = Verdict::kApexHostname,
                 .message = fmt::format("hostname {} is the zone itself, where DNS allows no CNAME "
                                        "record; point it at {} by hand",
                                        host->name, world.config.dns->cname)};
}

Health CnameRecord::health(const World& /*world*/, const object::Record& live) const {
  return ready_condition(live, status_of(live), kind_.kind);
}

boost::json::object CnameRecord::status(const World& /*world*/, const Live& live) const {
  return status_at({"routeStatus", "dnsRecordObjectStatus", "cnameRecordObjectStatus"},
                   live.of(kind_));
}

}  // namespace capp
