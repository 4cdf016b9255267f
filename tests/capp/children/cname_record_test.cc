#include "capp/children/cname_record.h"

#include <gtest/gtest.h>

#include "capp/kinds.h"
#include "tests/capp/passes.h"

namespace capp {
namespace {

const CnameRecord kNamespaced(kCnameRecord);
const CnameRecord kClusterScoped(kClusterCnameRecord);

WorldBuilder a_world_at(std::string_view hostname) {
  return a_world(a_capp("web").with_hostname(hostname)).with_dns();
}

TEST(CnameRecord, OfTheNamespacedApi) {
  const auto wanted = only_object(kNamespaced.wanted(a_world_at("a.shop")));
  EXPECT_EQ(*wanted.kind, kCnameRecord);
  EXPECT_EQ(wanted.key, (object::Key{.ns = "shop", .name = "a.shop.apps.dev"}));
  EXPECT_THAT(wanted.body, IsJson(R"({
    "apiVersion": "record.dns-v2.m.crossplane.io/v1alpha1",
    "kind": "CNAMERecord",
    "metadata": {
      "name": "a.shop.apps.dev",
      "namespace": "shop",
      "labels": {"rcs.dana.io/parent-capp": "web", "rcs.dana.io/managed-by": "capp",
                 "rcs.dana.io/parent-capp-ns": "shop"},
      "ownerReferences": [{
        "apiVersion": "rcs.dana.io/v1alpha1", "kind": "Capp", "name": "web", "uid": "uid-of-web",
        "controller": true, "blockOwnerDeletion": true}]
    },
    "spec": {
      "forProvider": {"name": "a.shop", "zone": "apps.dev.", "cname": "ingress.apps.dev."},
      "providerConfigRef": {"name": "dns-default", "kind": "ClusterProviderConfig"}
    }
  })"));
}

TEST(CnameRecord, OfTheClusterScopedApi) {
  const auto wanted =
      only_object(kClusterScoped.wanted(a_world_at("a.shop").with_dns_api(DnsApi::kG1)));
  EXPECT_EQ(*wanted.kind, kClusterCnameRecord);
  EXPECT_EQ(wanted.key, (object::Key{.ns = "", .name = "a.shop.apps.dev"}));
  EXPECT_THAT(wanted.body, IsJson(R"({
    "apiVersion": "record.dns.crossplane.io/v1alpha1",
    "kind": "CNAMERecord",
    "metadata": {
      "name": "a.shop.apps.dev",
      "labels": {"rcs.dana.io/parent-capp": "web", "rcs.dana.io/managed-by": "capp",
                 "rcs.dana.io/parent-capp-ns": "shop"}
    },
    "spec": {
      "forProvider": {"name": "a.shop", "zone": "apps.dev.", "cname": "ingress.apps.dev."},
      "providerConfigRef": {"name": "dns-default"}
    }
  })"));
}

TEST(CnameRecord, TakesTheProviderOfTheConfiguration) {
  auto dns = a_dns();
  dns.provider = "bind";
  const auto wanted = only_object(kNamespaced.wanted(a_world_at("shop").with_dns(dns)));
  EXPECT_EQ(wanted.body.at("spec").at("providerConfigRef").at("name"), "bind");
}

TEST(CnameRecord, IsWantedInOneApiOnly) {
  for (const DnsApi api : {DnsApi::kAuto, DnsApi::kG1, DnsApi::kG2}) {
    const World& world = a_world_at("shop").with_dns_api(api);
    EXPECT_EQ(kNamespaced.wanted(world).size() + kClusterScoped.wanted(world).size(), 1U);
  }
}

TEST(CnameRecord, IsNotWantedAtTheZoneItself) {
  const World& world = a_world_at("apps.dev");
  EXPECT_TRUE(kNamespaced.wanted(world).empty());
  EXPECT_THAT(conditions(report_of(world)),
              testing::Contains("DNSRecordReady=False ApexHostname: hostname apps.dev is the zone "
                                "itself, where DNS allows no CNAME record; point it at "
                                "ingress.apps.dev. by hand"));
}

TEST(CnameRecord, OfBothApisShowsItsStatusInTheSamePlace) {
  for (const auto* kind : {&kCnameRecord, &kClusterCnameRecord}) {
    const auto result =
        report_of(a_world_at("shop").with(a_child(*kind, "shop.apps.dev").with("status", R"({
                      "atProvider": {"id": "shop.apps.dev."}})")));
    EXPECT_THAT(result.status.at("routeStatus"), IsJson(R"({"dnsRecordObjectStatus":
        {"cnameRecordObjectStatus": {"atProvider": {"id": "shop.apps.dev."}}}})"));
  }
}

// The status shows the new one at once, while the old one still serves.
TEST(CnameRecord, OfThePreviousHostnameIsNotShown) {
  const auto result =
      report_of(a_world_at("new").with(a_child(kCnameRecord, "old.apps.dev").ready()));
  EXPECT_FALSE(result.status.contains("routeStatus"));
}

TEST(CnameRecord, IsHealthyWhenItsConditionSaysSo) {
  const auto health = [](const ObjectBuilder& live) {
    return kNamespaced.health(a_world(a_capp("web")), *read(live));
  };
  EXPECT_TRUE(health(a_child(kCnameRecord, "x").ready()).ready);
  EXPECT_EQ(health(a_child(kCnameRecord, "x")).message, "CNAMERecord x has no conditions yet");
  EXPECT_EQ(health(a_child(kCnameRecord, "x").with_ready("False", "zone refused")).message,
            "zone refused");
}

}  // namespace
}  // namespace capp
