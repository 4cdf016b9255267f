#include "capp/children/certificate.h"

#include "capp/body.h"
#include "capp/host.h"
#include "capp/tls_secrets.h"

namespace capp {
namespace {

// X.520 allows a common name no more (ub-common-name).
constexpr std::size_t kMaxCommonName = 64;

boost::json::object certificate_spec(const Host& host, const Issuer& issuer) {
  return {
      {"commonName", host.name.substr(0, kMaxCommonName)},
      {"dnsNames", boost::json::array{host.name}},
      {"isCA", false},
      {"privateKey", {{"algorithm", "RSA"}, {"encoding", "PKCS1"}, {"size", 4096}}},
      {"issuerRef", {{"name", issuer.name}, {"kind", issuer.kind}, {"group", issuer.group}}},
      {"secretName", tls_secret_of(host.name)},
      // Kourier reads only Secrets that carry this label.
      {"secretTemplate", {{"labels", {{"networking.internal.knative.dev/certificate-uid", ""}}}}},
  };
}

}  // namespace

std::vector<Asked> Certificate::wanted(const World& world) const {
  const auto host = host_of(world);
  if (!host || !world.capp.spec.route.tls) return {};
  auto body = child_body(world.capp, kCertificate, host->name);
  body["spec"] = certificate_spec(*host, world.config.dns->issuer);
  return one({.kind = &kCertificate,
              .key = {.ns = world.capp.key.ns, .name = host->name},
              .body = std::move(body)});
}

bool Certificate::may_go(const World& world, const object::Record& unwanted) const {
  return is_recorded(world.capp, tls_secret_of(unwanted.key.name)) &&
         address_may_go(world, unwanted.key.name);
}

std::optional<Finding> Certificate::remark(const World& world) const {
  return world.capp.spec.route.tls ? remark_on_hostname(world, kTls) : std::nullopt;
}

Health Certificate::health(const World& /*world*/, const object::Record& live) const {
  return ready_condition(live, status_of(live), kCertificate.kind);
}

boost::json::object Certificate::status(const World& /*world*/, const Live& live) const {
  return status_at({"routeStatus", "certificateObjectStatus"}, live.of(kCertificate));
}

}  // namespace capp
