#include "tests/support/route_cluster.h"

#include <vector>

#include <fmt/format.h>

#include "json/value.h"

namespace test {
namespace {

const std::vector<const object::Kind*>& address_kinds() {
  static const std::vector<const object::Kind*> kinds{&capp::kDomainMapping, &capp::kCnameRecord,
                                                      &capp::kCertificate, &capp::kSecret};
  return kinds;
}

}  // namespace

std::string with_hostname(std::string_view hostname) {
  return fmt::format(R"({{"spec": {{"routeSpec": {{"hostname": "{}"}}}}}})", hostname);
}

std::string with_tls(std::string_view hostname) {
  return fmt::format(R"({{"spec": {{"routeSpec": {{"hostname": "{}", "tlsEnabled": true}}}}}})",
                     hostname);
}

void RouteCluster::SetUp() {
  configure_zone(zone());
  cluster.start_operator();
}

std::string RouteCluster::host(std::string_view label) const {
  return std::string(label) + "." + zone();
}

void RouteCluster::configure_dns(const std::string& data) {
  api.apply(capp::kConfigMap, cluster.key("dns-config"),
            parse_object(fmt::format(R"({{"apiVersion": "v1", "kind": "ConfigMap",
                "metadata": {{"name": "dns-config"}}, "data": {}}})",
                                     data)));
}

void RouteCluster::configure_zone(const std::string& zone) {
  api.apply(capp::kConfigMap, cluster.key("dns-config"), a_dns_config(zone));
}

void RouteCluster::set_route(std::string_view capp, const std::string& route) {
  // A merge would leave what the new one does not name.
  api.json_patch(
      capp::kCapp, cluster.key(capp),
      fmt::format(R"([{{"op": "add", "path": "/spec/routeSpec", "value": {}}}])", route));
}

void RouteCluster::set_hostname(std::string_view capp, std::string_view hostname) {
  api.merge_patch(capp::kCapp, cluster.key(capp), with_hostname(hostname));
}

object::Key RouteCluster::key_of(const object::Kind& kind, std::string_view name) const {
  const bool namespaced = kind.scope == object::Scope::kNamespaced;
  return {.ns = namespaced ? cluster.ns : "", .name = std::string(name)};
}

Api::Object RouteCluster::get(const object::Kind& kind, std::string_view name) {
  return api.get(kind, key_of(kind, name));
}

boost::json::object RouteCluster::spec(const object::Kind& kind, std::string_view name) {
  return json::object_or_empty(get(kind, name), {"spec"});
}

std::string RouteCluster::uid(const object::Kind& kind, std::string_view name) {
  return at(get(kind, name), "/metadata/uid");
}

testing::AssertionResult RouteCluster::exists(const object::Kind& kind, std::string_view name) {
  return is(fmt::format("{} {} there", kind.kind, name),
            api.find(kind, key_of(kind, name)).has_value(), true);
}

testing::AssertionResult RouteCluster::absent(const object::Kind& kind, std::string_view name) {
  return is(fmt::format("{} {} there", kind.kind, name),
            api.find(kind, key_of(kind, name)).has_value(), false);
}

testing::AssertionResult RouteCluster::is_terminating(const object::Kind& kind,
                                                      std::string_view name) {
  return at(get(kind, name), "/metadata/deletionTimestamp").empty()
             ? testing::AssertionFailure() << name << " is not being deleted"
             : testing::AssertionSuccess();
}

testing::AssertionResult RouteCluster::whole_address(const std::string& host) {
  for (const auto* kind : address_kinds()) {
    const auto seen = exists(*kind, *kind == capp::kSecret ? tls_secret(host) : host);
    if (!seen) return seen;
  }
  return testing::AssertionSuccess();
}

testing::AssertionResult RouteCluster::no_address(const std::string& host) {
  for (const auto* kind : address_kinds()) {
    const auto seen = absent(*kind, *kind == capp::kSecret ? tls_secret(host) : host);
    if (!seen) return seen;
  }
  return testing::AssertionSuccess();
}

void RouteCluster::make_ready(const object::Kind& kind, std::string_view name) {
  api.merge_patch(kind, key_of(kind, name),
                  R"({"status": {"conditions": [{"type": "Ready", "status": "True",
                      "reason": "Ready", "lastTransitionTime": "2026-01-01T00:00:00Z"}]}})",
                  "status");
}

void RouteCluster::issue(const std::string& host) {
  api.create(capp::kSecret, cluster.ns, a_tls_secret(host));
  make_ready(capp::kCertificate, host);
}

void RouteCluster::serve(std::string_view capp, const std::string& host) {
  ASSERT_TRUE(eventually([&] { return exists(capp::kCertificate, host); }));
  issue(host);
  ASSERT_TRUE(eventually([&] {
    return is("TLS of the mapping", at(get(capp::kDomainMapping, host), "/spec/tls/secretName"),
              tls_secret(host));
  }));
  ASSERT_TRUE(eventually([&] { return exists(capp::kCnameRecord, host); }));
  make_ready(capp::kCnameRecord, host);
  make_ready(capp::kDomainMapping, host);
  for (const char* type : {"DomainMappingReady", "CertificateReady", "DNSRecordReady"}) {
    ASSERT_TRUE(eventually([&] { return told(capp, type, "True", "Ready"); }));
  }
  ASSERT_TRUE(eventually([&] { return cluster.settled(capp); }));
}

void RouteCluster::hold(const object::Kind& kind, std::string_view name) {
  api.merge_patch(kind, key_of(kind, name),
                  R"({"metadata": {"finalizers": ["example.com/hold"]}})");
}

void RouteCluster::release(const object::Kind& kind, std::string_view name) {
  api.merge_patch(kind, key_of(kind, name), R"({"metadata": {"finalizers": null}})");
}

testing::AssertionResult RouteCluster::told(std::string_view capp, std::string_view type,
                                            std::string_view status, std::string_view reason) {
  return has_condition(cluster.capp(capp), type, status, reason);
}

testing::AssertionResult RouteCluster::told_words(std::string_view capp, std::string_view type,
                                                  std::string_view words) {
  const std::string message = condition(cluster.capp(capp), type).message;
  if (message.contains(words)) return testing::AssertionSuccess();
  return testing::AssertionFailure() << type << " says \"" << message << "\"";
}

}  // namespace test
