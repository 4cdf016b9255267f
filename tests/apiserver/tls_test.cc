// The Certificate of a hostname and its Secret (behaviour 2, "Certificate", "DomainMapping", and
// rule 7).

#include <fmt/format.h>

#include "tests/support/audit_checks.h"
#include "tests/support/route_cluster.h"

namespace test {
namespace {

using capp::kCapp;
using capp::kCappConfig;
using capp::kCertificate;
using capp::kCnameRecord;
using capp::kDomainMapping;
using capp::kSecret;
using namespace std::chrono_literals;

// At the Certificate's change, not at the next time that it is asked anyway.
constexpr std::chrono::milliseconds kAtOnce = 1000ms * kSlowness;

class Tls : public RouteCluster {
 protected:
  void create_capp() { cluster.create_settled(a_capp("web", with_tls(shop))); }
  void create_served() {
    create_capp();
    serve("web", shop);
    cluster.audit.restart();
  }
  void switch_off() {
    api.merge_patch(kCapp, cluster.key("web"), R"({"spec": {"routeSpec": {"tlsEnabled": false}}})");
  }

  testing::AssertionResult mapping_uses(const std::string& secret) {
    return is("TLS of the mapping", at(get(kDomainMapping, shop), "/spec/tls/secretName"), secret);
  }
  Requests asked_for_secret() {
    return cluster.audit.of_operator().of("get", "secrets").named(tls_secret(shop));
  }

  const std::string shop = host("shop");
};

TEST_F(Tls, AsksForACertificateOfTheConfiguredIssuer) {
  create_capp();
  const auto expected = [&](const char* issuer) {
    return parse_object(fmt::format(
        R"({{"commonName": "{0}", "dnsNames": ["{0}"], "isCA": false, "secretName": "{0}-tls",
             "privateKey": {{"algorithm": "RSA", "encoding": "PKCS1", "size": 4096}},
             "issuerRef": {1}, "secretTemplate": {{"labels": {{
               "networking.internal.knative.dev/certificate-uid": ""}}}}}})",
        shop, issuer));
  };
  EXPECT_EQ(
      spec(kCertificate, shop),
      expected(R"({"name": "cert-issuer", "kind": "ClusterIssuer", "group": "cert.dana.io"})"));

  // ecosystem 4.2 F5: the Go operator never updated a Certificate.
  configure_dns(fmt::format(
      R"({{"zone": "{0}.", "cname": "ingress.{0}.", "issuer": "other-issuer"}})", zone()));
  EXPECT_TRUE(eventually([&] {
    return is("issuer", at(get(kCertificate, shop), "/spec/issuerRef/name"), "other-issuer");
  }));
  EXPECT_EQ(
      spec(kCertificate, shop),
      expected(R"({"name": "other-issuer", "kind": "ClusterIssuer", "group": "cert.dana.io"})"));

  api.create(kCappConfig, cluster.ns,
             parse_object(fmt::format(R"({{
      "apiVersion": "rcs.dana.io/v1alpha1", "kind": "CappConfig",
      "metadata": {{"name": "capp-config"}}, "spec": {{"dnsConfig": {{
        "zone": "{0}.", "cname": "ingress.{0}.", "provider": "dns-default",
        "issuerRef": {{"name": "own", "kind": "Issuer", "group": "cert-manager.io"}}}}}}}})",
                                      zone())));
  EXPECT_TRUE(eventually(
      [&] { return is("issuer", at(get(kCertificate, shop), "/spec/issuerRef/name"), "own"); }));
  EXPECT_EQ(spec(kCertificate, shop),
            expected(R"({"name": "own", "kind": "Issuer", "group": "cert-manager.io"})"));
}

// ecosystem 4.2 F5: the Go operator created it a second time, which failed.
TEST_F(Tls, WritesTheCertificateOnce) {
  create_capp();
  const auto once = [&] {
    return is("writes", cluster.writes().named(shop).of("patch", "certificates").size(), 1U);
  };
  ASSERT_TRUE(eventually(once));
  EXPECT_TRUE(throughout(kMoment, once));
  EXPECT_TRUE(cluster.events("web", "CertificateCreationFailed").empty());
}

// Nobody else would delete its Secret.
TEST_F(Tls, WritesTheCertificateAfterTheFinalizer) {
  create_capp();
  EXPECT_TRUE(eventually([&] {
    return comes_after(cluster.writes().of("patch", "capps"),
                       cluster.writes().of("patch", "certificates"));
  }));
}

TEST_F(Tls, CutsTheCommonNameToWhatACertificateCanHold) {
  const std::string host_of_65 = host(std::string(64 - zone().size(), 'a'));
  ASSERT_EQ(host_of_65.size(), 65U);
  cluster.create_settled(a_capp("web", with_tls(host_of_65)));
  EXPECT_TRUE(eventually([&] { return exists(kCertificate, host_of_65); }));
  EXPECT_EQ(at(get(kCertificate, host_of_65), "/spec/commonName"), host_of_65.substr(0, 64));
  EXPECT_EQ(at(get(kCertificate, host_of_65), "/spec/dnsNames/0"), host_of_65);
}

TEST_F(Tls, IsUsedByTheMappingFromWhenTheSecretExists) {
  create_capp();
  EXPECT_TRUE(throughout(kMoment, [&] { return mapping_uses(""); }));
  // Whatever is in it: asked after 0, 1, 3 and then not before 7 seconds, unless the Certificate
  // changes.
  ASSERT_TRUE(eventually([&] {
    const auto asked = asked_for_secret().size();
    return asked >= 3 ? testing::AssertionSuccess()
                      : testing::AssertionFailure() << "asked " << asked << " times";
  }));
  issue(shop);
  EXPECT_TRUE(eventually([&] { return mapping_uses(tls_secret(shop)); }));
  EXPECT_TRUE(eventually([&] {
    const auto issued = cluster.audit.all().of("patch", "certificates/status");
    const auto used = cluster.writes().of("patch", "domainmappings");
    // The first was without TLS.
    return used.size() < 2 ? testing::AssertionFailure() << used.describe()
                           : follows_within(kAtOnce, issued, {used.back()});
  }));
}

TEST_F(Tls, IsUsedSoonAfterASecretThatNobodyTellsOf) {
  create_capp();
  api.create(kSecret, cluster.ns,
             parse_object(R"({"metadata": {"name": ")" + tls_secret(shop) +
                          R"("}, "type": "example.com/any"})"));
  EXPECT_TRUE(eventually([&] { return mapping_uses(tls_secret(shop)); }));
}

// ecosystem 4.3.11: HTTPS went away with the Secret.
TEST_F(Tls, StaysWhileTheSecretIsAwayForAMoment) {
  create_served();
  api.remove(kSecret, cluster.key(tls_secret(shop)));
  // Something that it is reconciled for.
  api.merge_patch(kCertificate, cluster.key(shop), R"({"status": {"revision": 2}})", "status");
  ASSERT_TRUE(eventually([&] {
    return is("revision",
              at(cluster.capp("web"), "/status/routeStatus/certificateObjectStatus/revision"), "2");
  }));
  EXPECT_TRUE(throughout(kMoment, [&] { return mapping_uses(tls_secret(shop)); }));
  EXPECT_TRUE(cluster.writes().of("patch", "domainmappings").empty());
  // Once it is used nobody asks again.
  EXPECT_TRUE(is("requests", asked_for_secret().size(), 0U));
}

// ecosystem 4.3.11: the Secret was left behind.
TEST_F(Tls, SwitchedOffRemovesTheCertificateAndThenTheSecret) {
  create_served();
  hold(kCertificate, shop);
  switch_off();
  EXPECT_TRUE(eventually([&] { return mapping_uses(""); }));
  ASSERT_TRUE(eventually([&] { return is_terminating(kCertificate, shop); }));
  // cert-manager would issue it again.
  EXPECT_TRUE(throughout(kMoment, [&] { return exists(kSecret, tls_secret(shop)); }));

  release(kCertificate, shop);
  EXPECT_TRUE(eventually([&] { return absent(kSecret, tls_secret(shop)); }));
  EXPECT_TRUE(eventually([&] {
    const auto released =
        cluster.audit.all()
            .of("patch", "certificates")
            .named(shop)
            .only([](const AuditRequest& request) { return request.user != kOperatorUser; });
    return comes_after(released,
                       cluster.audit.of_operator().of("delete", "secrets").named(tls_secret(shop)));
  }));
  EXPECT_TRUE(exists(kDomainMapping, shop));
  EXPECT_TRUE(exists(kCnameRecord, shop));
  EXPECT_TRUE(eventually([&] {
    return is("CertificateReady", condition(cluster.capp("web"), "CertificateReady").status, "");
  }));
  EXPECT_EQ(at(cluster.capp("web"), "/status/routeStatus/tlsSecretNames"), "");
}

TEST_F(Tls, SwitchedOffCostsOneDeletionEach) {
  create_served();
  switch_off();
  ASSERT_TRUE(eventually([&] { return absent(kSecret, tls_secret(shop)); }));
  ASSERT_TRUE(eventually([&] { return cluster.settled("web"); }));
  const auto once = [&] {
    for (const char* resource : {"certificates", "secrets"}) {
      const auto deletions = cluster.writes().of("delete", resource);
      if (deletions.size() != 1) return testing::AssertionFailure() << deletions.describe();
    }
    return testing::AssertionSuccess();
  };
  ASSERT_TRUE(eventually(once));
  EXPECT_TRUE(throughout(kMoment, once));
}

TEST_F(Tls, SwitchedOffAndOnAgainWhileTheCertificateGoesWritesItAgain) {
  create_served();
  const auto before = uid(kCertificate, shop);
  hold(kCertificate, shop);
  switch_off();
  ASSERT_TRUE(eventually([&] { return is_terminating(kCertificate, shop); }));
  set_route("web", R"({"hostname": ")" + shop + R"(", "tlsEnabled": true})");
  EXPECT_TRUE(eventually([&] { return told("web", "CertificateReady", "False", "Terminating"); }));
  release(kCertificate, shop);
  EXPECT_TRUE(eventually([&] { return exists(kCertificate, shop); }));
  EXPECT_NE(uid(kCertificate, shop), before);
  EXPECT_TRUE(throughout(kMoment, [&] { return exists(kSecret, tls_secret(shop)); }));
  EXPECT_TRUE(eventually([&] { return mapping_uses(tls_secret(shop)); }));
}

TEST_F(Tls, ACertificateThatSomebodyElseDeletedIsBackAndKeepsItsSecret) {
  create_served();
  const auto certificate = uid(kCertificate, shop);
  const auto secret = uid(kSecret, tls_secret(shop));
  api.remove(kCertificate, cluster.key(shop));
  EXPECT_TRUE(eventually([&] {
    const auto now = api.find(kCertificate, cluster.key(shop));
    return now && at(*now, "/metadata/uid") != certificate
               ? testing::AssertionSuccess()
               : testing::AssertionFailure() << "it is not back";
  }));
  EXPECT_TRUE(
      throughout(kMoment, [&] { return is("Secret", uid(kSecret, tls_secret(shop)), secret); }));
  EXPECT_TRUE(mapping_uses(tls_secret(shop)));
}

// The name of the Secret outlives the process in the Capp's status.
TEST_F(Tls, SwitchedOffLeavesNoSecretBehindWhenKilledBeforeTheCertificateIsGone) {
  create_served();
  hold(kCertificate, shop);
  switch_off();
  ASSERT_TRUE(eventually([&] { return is_terminating(kCertificate, shop); }));
  cluster.op().kill();
  release(kCertificate, shop);
  EXPECT_TRUE(exists(kSecret, tls_secret(shop)));

  cluster.start_operator();
  EXPECT_TRUE(eventually([&] { return absent(kSecret, tls_secret(shop)); }));
}

TEST_F(Tls, SwitchedOffWhileNoOperatorRunsRemovesBoth) {
  create_served();
  cluster.stop_operator();
  switch_off();
  cluster.start_operator();
  EXPECT_TRUE(eventually([&] { return absent(kSecret, tls_secret(shop)); }));
  EXPECT_TRUE(absent(kCertificate, shop));
}

// As after a crash between the Certificate and the status, or an operator that recorded nothing.
TEST_F(Tls, SwitchedOffRemovesASecretThatTheStatusDoesNotName) {
  create_served();
  cluster.stop_operator();
  api.merge_patch(kCapp, cluster.key("web"),
                  R"({"status": {"routeStatus": {"tlsSecretNames": null}}})", "status");
  switch_off();
  cluster.audit.restart();
  cluster.start_operator();
  EXPECT_TRUE(eventually([&] { return absent(kSecret, tls_secret(shop)); }));
  EXPECT_TRUE(absent(kCertificate, shop));
  // It is recorded before a crash could forget it.
  EXPECT_TRUE(eventually([&] {
    const auto recorded = cluster.writes().of("patch", "capps/status");
    return recorded.empty()
               ? testing::AssertionFailure() << "no status yet"
               : comes_after({recorded.front()}, cluster.writes().of("delete", "certificates"));
  }));
}

// The Certificate of that name is another Capp's, and so is its Secret.
TEST_F(Tls, OfAHostnameThatAnotherCappHasTakesNothingFromIt) {
  create_served();
  api.create(kCapp, cluster.ns, a_capp("second", with_tls(shop)));
  for (const char* type : {"DomainMappingReady", "CertificateReady", "DNSRecordReady"}) {
    EXPECT_TRUE(eventually([&] { return told("second", type, "False", "ResourceSyncFailed"); }));
    EXPECT_TRUE(told_words("second", type, "web"));
  }
  api.merge_patch(kCapp, cluster.key("second"),
                  R"({"spec": {"routeSpec": {"tlsEnabled": false}}})");
  ASSERT_TRUE(eventually([&] { return cluster.settled("second"); }));
  api.remove(kCapp, cluster.key("second"));
  ASSERT_TRUE(eventually([&] { return absent(kCapp, "second"); }));
  EXPECT_TRUE(throughout(kMoment, [&] { return whole_address(shop); }));
  EXPECT_TRUE(mapping_uses(tls_secret(shop)));
}

}  // namespace
}  // namespace test
