// What a hostname becomes under the zone of the configuration (behaviour 2, `resourceName`).

#include <fmt/format.h>

#include "tests/support/all_children.h"
#include "tests/support/route_cluster.h"

namespace test {
namespace {

using capp::kCapp;
using capp::kCertificate;
using capp::kCnameRecord;
using capp::kConfigMap;
using capp::kDomainMapping;
using capp::kKnativeService;

class Hostname : public RouteCluster {
 protected:
  void expect_named(const std::string& resource_name, const std::string& record_name) {
    EXPECT_TRUE(eventually([&] { return exists(kDomainMapping, resource_name); }));
    EXPECT_TRUE(eventually([&] { return exists(kCnameRecord, resource_name); }));
    EXPECT_EQ(at(get(kCnameRecord, resource_name), "/spec/forProvider/name"), record_name);
  }
};

TEST_F(Hostname, MapsADomainToTheService) {
  cluster.create_settled(a_capp("web", with_hostname(host("shop"))));
  EXPECT_EQ(spec(kDomainMapping, host("shop")), parse_object(R"({"ref": {
      "apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": "web"}})"));
  // TLS is off.
  EXPECT_TRUE(absent(kCertificate, host("shop")));
}

TEST_F(Hostname, InsideTheZoneNamesItsObjectsAsItIs) {
  cluster.create_settled(a_capp("web", with_hostname(host("a.shop"))));
  expect_named(host("a.shop"), "a.shop");
}

// ecosystem 4.3.2: "my-zone.dev" is not in the zone "zone.dev".
TEST_F(Hostname, IsInsideTheZoneOnlyAtALabelBoundary) {
  const std::string hostname = "my" + zone();
  cluster.create_settled(a_capp("web", with_hostname(hostname)));
  expect_named(hostname + "." + zone(), hostname);
}

// ecosystem 4.2 F2: the Go operator compared the short hostname with the full names, and deleted
// what it had just written as soon as the record was ready.
TEST_F(Hostname, OutsideTheZoneIsPutIntoItAndStays) {
  cluster.create_settled(a_capp("web", with_tls("shop")));
  expect_named(host("shop"), "shop");
  serve("web", host("shop"));
  ASSERT_TRUE(whole_address(host("shop")));

  cluster.audit.restart();
  api.merge_patch(kCapp, cluster.key("web"), R"({"metadata": {"labels": {"team": "blue"}}})");
  ASSERT_TRUE(eventually([&] { return cluster.settled("web"); }));
  EXPECT_TRUE(throughout(kMoment, [&] {
    const auto deletions =
        cluster.writes().only([](const AuditRequest& request) { return request.verb == "delete"; });
    return deletions.empty() ? testing::AssertionSuccess()
                             : testing::AssertionFailure() << deletions.describe();
  }));
}

// ecosystem 4.3.2: the record's name was cut out before the beginning of the hostname.
TEST_F(Hostname, AtTheApexHasNoRecordButAllElse) {
  cluster.create_settled(a_capp("web", with_tls(zone())));
  EXPECT_TRUE(eventually([&] { return exists(kDomainMapping, zone()); }));
  EXPECT_TRUE(eventually([&] { return exists(kCertificate, zone()); }));
  EXPECT_TRUE(told("web", "DNSRecordReady", "False", "ApexHostname"));
  EXPECT_TRUE(told_words("web", "DNSRecordReady", zone()));
  EXPECT_TRUE(absent(kCnameRecord, zone()));

  // Ready comes to it in its order.
  issue(zone());
  make_ready(kDomainMapping, zone());
  EXPECT_TRUE(eventually([&] { return told("web", "Ready", "False", "DNSRecordNotReady"); }));
  EXPECT_TRUE(told_words("web", "Ready", zone()));
}

TEST_F(Hostname, LeftOutOrEmptyIsNotGiven) {
  cluster.create_settled(a_capp("none", R"({"spec": {"routeSpec": {}}})"));
  cluster.create_settled(
      a_capp("empty", R"({"spec": {"routeSpec": {"hostname": "", "tlsEnabled": true}}})"));
  for (const auto* kind : {&kDomainMapping, &kCnameRecord, &kCertificate}) {
    EXPECT_TRUE(is(std::string(kind->plural), api.list(*kind, cluster.ns).size(), 0U));
  }
  for (const char* type : {"DomainMappingReady", "CertificateReady", "DNSRecordReady"}) {
    EXPECT_EQ(condition(cluster.capp("empty"), type).status, "") << type;
  }
}

// behaviour 1, "Status"; ecosystem 4.3.7 (stale) and 4.3.8 (ready without any condition).
TEST_F(Hostname, IsReadyWhenAllThatServesItIsAndTheStatusFollows) {
  const auto shop = host("shop");
  const auto ready_is = [&](std::string_view status, std::string_view reason) {
    return eventually([&] { return told("web", "Ready", status, reason); });
  };
  cluster.create_settled(a_capp("web", with_tls(shop)));
  EXPECT_TRUE(ready_is("False", "DomainMappingNotReady"));
  for (const char* type : {"DomainMappingReady", "CertificateReady", "DNSRecordReady"}) {
    EXPECT_EQ(condition(cluster.capp("web"), type).status, "False") << type;
  }
  api.merge_patch(kDomainMapping, cluster.key(shop), R"({"status": {"url": "http://shop"}})",
                  "status");
  make_ready(kDomainMapping, shop);
  EXPECT_TRUE(ready_is("False", "CertificateNotReady"));
  make_ready(kCertificate, shop);
  EXPECT_TRUE(ready_is("False", "DNSRecordNotReady"));
  make_ready(kCnameRecord, shop);
  EXPECT_TRUE(ready_is("False", "KnativeServiceNotReady"));

  const auto status = cluster.capp("web");
  EXPECT_EQ(at(status, "/status/routeStatus/domainMappingObjectStatus/url"), "http://shop");
  for (const char* object : {"domainMappingObjectStatus", "certificateObjectStatus",
                             "dnsRecordObjectStatus/cnameRecordObjectStatus"}) {
    EXPECT_EQ(at(status, fmt::format("/status/routeStatus/{}/conditions/0/type", object)), "Ready")
        << object;
  }
  make_ready(kKnativeService, "web");
  api.merge_patch(kKnativeService, cluster.key("web"), R"({"status": {
      "latestCreatedRevisionName": "web-00001", "latestReadyRevisionName": "web-00001"}})",
                  "status");
  EXPECT_TRUE(ready_is("True", "Ready"));
}

// behaviour 2, rule 6. As long as the schema allows, and then comes the zone.
TEST_F(Hostname, ThatNoObjectCanBeNamedAfterIsToldAndHoldsNothingElseBack) {
  std::string longest = "a";
  while (longest.size() < 253) longest += ".a";
  cluster.create_settled(a_capp("web", with_tls(longest)));
  for (const char* type : {"Ready", "DomainMappingReady", "DNSRecordReady", "CertificateReady"}) {
    EXPECT_TRUE(eventually([&] { return told("web", type, "False", "ResourceSyncFailed"); }));
    EXPECT_TRUE(told_words("web", type, "must be no more than 253"));
  }
  EXPECT_TRUE(exists(kKnativeService, "web"));

  set_hostname("web", "shop");
  expect_named(host("shop"), "shop");
  EXPECT_TRUE(eventually([&] { return exists(kCertificate, host("shop")); }));
}

TEST_F(Hostname, IsAnnouncedByEvents) {
  cluster.create_settled(a_capp("web", with_tls(host("shop"))));
  for (const char* reason : {"DomainMappingCreated", "DNSRecordCreated", "CertificateCreated"}) {
    EXPECT_TRUE(eventually(
        [&] { return is(std::string(reason), cluster.events("web", reason).size(), 1U); }));
  }
}

class DnsConfiguration : public Hostname {
 protected:
  // Nothing is configured until a test does it.
  void SetUp() override { cluster.start_operator(); }

  testing::AssertionResult told_invalid(std::string_view words) {
    for (const char* type : {"Ready", "DomainMappingReady", "DNSRecordReady", "CertificateReady"}) {
      const auto seen = told("web", type, "False", "DNSConfigInvalid");
      if (!seen) return seen;
      const auto named = told_words("web", type, words);
      if (!named) return named;
    }
    return testing::AssertionSuccess();
  }
};

// behaviour 3.3.
TEST_F(DnsConfiguration, MissingIsToldAndTheOtherChildrenAreWritten) {
  const std::string source = "ConfigMap " + cluster.ns + "/dns-config";
  cluster.create_settled(a_capp_with_all_children("web"));
  EXPECT_TRUE(told_invalid(source));
  for (const auto* kind : {&kKnativeService, &capp::kSyslogNgFlow, &capp::kSyslogNgOutput}) {
    EXPECT_TRUE(exists(*kind, "web"));
  }
  EXPECT_TRUE(exists(capp::kNfsPvc, "data"));
  EXPECT_TRUE(is("mappings", api.list(kDomainMapping, cluster.ns).size(), 0U));

  configure_zone(zone());
  expect_named(host("web"), "web");
  EXPECT_TRUE(eventually([&] { return exists(kCertificate, host("web")); }));
}

TEST_F(DnsConfiguration, BadFromTheBeginningIsToldByItsKey) {
  configure_dns(R"({"zone": "capp.dev", "cname": "ingress.capp.dev."})");
  cluster.create_settled(a_capp("web", with_tls("shop")));
  EXPECT_TRUE(told_invalid("zone"));
  EXPECT_TRUE(told_invalid("capp.dev"));
  EXPECT_TRUE(exists(kKnativeService, "web"));
}

TEST_F(DnsConfiguration, RemovedKeepsWhatIsThere) {
  configure_zone(zone());
  cluster.create_settled(a_capp("web", with_tls("shop")));
  serve("web", host("shop"));

  cluster.audit.restart();
  api.remove(kConfigMap, cluster.key("dns-config"));
  ASSERT_TRUE(eventually([&] { return told_invalid("dns-config"); }));
  // Which of the two addresses is right, nobody knows.
  set_hostname("web", "store");
  ASSERT_TRUE(eventually([&] { return cluster.settled("web"); }));
  EXPECT_TRUE(throughout(kMoment, [&] { return whole_address(host("shop")); }));
  EXPECT_TRUE(absent(kDomainMapping, host("store")));

  configure_zone(zone());
  EXPECT_TRUE(eventually([&] { return exists(kCnameRecord, host("store")); }));
  make_ready(kCnameRecord, host("store"));
  EXPECT_TRUE(eventually([&] { return no_address(host("shop")); }));
}

TEST_F(DnsConfiguration, AnotherZoneMovesTheAddressesInIt) {
  configure_zone(zone());
  cluster.create_settled(a_capp("web", with_tls("shop")));
  serve("web", host("shop"));

  const std::string moved = "shop.new." + zone();
  configure_zone("new." + zone());
  EXPECT_TRUE(eventually([&] { return exists(kCnameRecord, moved); }));
  EXPECT_EQ(at(get(kCnameRecord, moved), "/spec/forProvider/zone"), "new." + zone() + ".");
  EXPECT_TRUE(throughout(kMoment, [&] { return whole_address(host("shop")); }));
  make_ready(kCnameRecord, moved);
  EXPECT_TRUE(eventually([&] { return no_address(host("shop")); }));
}

TEST_F(DnsConfiguration, ANewTargetIsWrittenToTheRecordThatIsThere) {
  configure_zone(zone());
  cluster.create_settled(a_capp("web", with_hostname("shop")));
  ASSERT_TRUE(eventually([&] { return exists(kCnameRecord, host("shop")); }));
  const auto before = uid(kCnameRecord, host("shop"));
  configure_dns(
      fmt::format(R"({{"zone": "{0}.", "cname": "other.{0}.", "provider": "dns-other"}})", zone()));
  EXPECT_TRUE(eventually([&] {
    return is("cname", at(get(kCnameRecord, host("shop")), "/spec/forProvider/cname"),
              "other." + zone() + ".");
  }));
  EXPECT_EQ(at(get(kCnameRecord, host("shop")), "/spec/providerConfigRef/name"), "dns-other");
  EXPECT_EQ(uid(kCnameRecord, host("shop")), before);
}

}  // namespace
}  // namespace test
