// A changed hostname: the old address serves until the new one does (behaviour 2, rule 7).

#include <fmt/format.h>

#include "tests/support/audit_checks.h"
#include "tests/support/route_cluster.h"

namespace test {
namespace {

using capp::kCertificate;
using capp::kCnameRecord;
using capp::kDomainMapping;
using capp::kSecret;

class HostnameChange : public RouteCluster {
 protected:
  void SetUp() override {
    RouteCluster::SetUp();
    cluster.create_settled(a_capp("web", with_tls(old_host)));
    serve("web", old_host);
    ASSERT_TRUE(whole_address(old_host));
    cluster.audit.restart();
  }

  // The new hostname was seen, and all that can be done about it is done.
  void change_to(const std::string& hostname) {
    set_hostname("web", hostname);
    ASSERT_TRUE(eventually([&] { return exists(kDomainMapping, hostname); }));
    ASSERT_TRUE(eventually([&] { return cluster.settled("web"); }));
  }

  const std::string old_host = host("old");
  const std::string new_host = host("new");
};

TEST_F(HostnameChange, KeepsTheOldAddressUntilTheNewRecordIsReady) {
  change_to(new_host);
  EXPECT_TRUE(exists(kCertificate, new_host));
  EXPECT_TRUE(exists(kCnameRecord, new_host));
  issue(new_host);
  make_ready(kDomainMapping, new_host);
  EXPECT_TRUE(throughout(kMoment, [&] { return whole_address(old_host); }));

  make_ready(kCnameRecord, new_host);
  EXPECT_TRUE(eventually([&] { return no_address(old_host); }));
  EXPECT_TRUE(whole_address(new_host));
  EXPECT_TRUE(eventually([&] {
    const auto deletions = cluster.audit.of_operator();
    return comes_after(deletions.of("delete", "certificates").named(old_host),
                       deletions.of("delete", "secrets").named(tls_secret(old_host)));
  }));
}

TEST_F(HostnameChange, IsShownByTheStatusAtOnce) {
  change_to(new_host);
  const auto capp = cluster.capp("web");
  EXPECT_EQ(at(capp, "/status/routeStatus/domainMappingObjectStatus"), "");
  EXPECT_EQ(at(capp, "/status/routeStatus/certificateObjectStatus"), "");
  for (const char* type : {"DomainMappingReady", "CertificateReady", "DNSRecordReady"}) {
    EXPECT_EQ(condition(capp, type).status, "False") << type;
  }
  api.merge_patch(kDomainMapping, cluster.key(new_host), R"({"status": {"url": "http://new"}})",
                  "status");
  EXPECT_TRUE(eventually([&] {
    return is("url", at(cluster.capp("web"), "/status/routeStatus/domainMappingObjectStatus/url"),
              "http://new");
  }));
  EXPECT_TRUE(whole_address(old_host));
}

TEST_F(HostnameChange, ToTheApexWaitsForTheMapping) {
  change_to(zone());
  issue(zone());
  EXPECT_TRUE(throughout(kMoment, [&] { return whole_address(old_host); }));
  make_ready(kDomainMapping, zone());
  EXPECT_TRUE(eventually([&] { return no_address(old_host); }));
  EXPECT_TRUE(exists(kDomainMapping, zone()));
}

TEST_F(HostnameChange, ToOneThatAnotherCappHasKeepsTheOldAddress) {
  cluster.create_settled(a_capp("other", with_tls(new_host)));
  serve("other", new_host);
  set_hostname("web", new_host);
  ASSERT_TRUE(
      eventually([&] { return told("web", "DNSRecordReady", "False", "ResourceSyncFailed"); }));
  EXPECT_TRUE(throughout(kMoment, [&] { return whole_address(old_host); }));
}

TEST_F(HostnameChange, AndBackAgainRemovesOnlyTheNewAddress) {
  const auto mapping = uid(kDomainMapping, old_host);
  const auto certificate = uid(kCertificate, old_host);
  change_to(new_host);
  issue(new_host);
  set_hostname("web", old_host);
  EXPECT_TRUE(eventually([&] { return no_address(new_host); }));
  EXPECT_TRUE(whole_address(old_host));
  EXPECT_EQ(uid(kDomainMapping, old_host), mapping);
  EXPECT_EQ(uid(kCertificate, old_host), certificate);
}

TEST_F(HostnameChange, TwiceRemovesBothOldAddressesInTheEnd) {
  const std::string third = host("third");
  change_to(new_host);
  issue(new_host);
  change_to(third);
  EXPECT_TRUE(throughout(kMoment, [&] { return whole_address(old_host); }));
  EXPECT_TRUE(whole_address(new_host));
  make_ready(kCnameRecord, third);
  EXPECT_TRUE(eventually([&] { return no_address(old_host); }));
  EXPECT_TRUE(eventually([&] { return no_address(new_host); }));
}

TEST_F(HostnameChange, EmptiedRemovesAllAtOnce) {
  set_hostname("web", "");
  EXPECT_TRUE(eventually([&] { return no_address(old_host); }));
  EXPECT_TRUE(eventually(
      [&] { return is("routeStatus", at(cluster.capp("web"), "/status/routeStatus"), ""); }));
}

TEST_F(HostnameChange, EmptiedWhileTheNewAddressIsNotReadyRemovesBoth) {
  change_to(new_host);
  issue(new_host);
  set_route("web", "{}");
  EXPECT_TRUE(eventually([&] { return no_address(old_host); }));
  EXPECT_TRUE(eventually([&] { return no_address(new_host); }));
}

// ecosystem 4.2 F4: the Go operator forgot the Secret of the hostname before.
TEST_F(HostnameChange, LeavesNoSecretBehindWhenKilledBeforeTheCertificateIsGone) {
  hold(kCertificate, old_host);
  change_to(new_host);
  make_ready(kCnameRecord, new_host);
  ASSERT_TRUE(eventually([&] {
    return is("deleted", at(get(kCertificate, old_host), "/metadata/deletionTimestamp").empty(),
              false);
  }));
  cluster.op().kill();
  release(kCertificate, old_host);
  EXPECT_TRUE(exists(kSecret, tls_secret(old_host)));

  cluster.start_operator();
  EXPECT_TRUE(eventually([&] { return no_address(old_host); }));
}

}  // namespace
}  // namespace test
