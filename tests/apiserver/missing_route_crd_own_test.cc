// Definitions of DNS records and certificates that are not there, or go while a Capp uses them
// (behaviour 2, "CNAMERecord", rule 8 and "Deletion").

#include "tests/support/definitions.h"
#include "tests/support/route_cluster.h"

namespace test {
namespace {

using capp::kCapp;
using capp::kCertificate;
using capp::kClusterCnameRecord;
using capp::kCnameRecord;
using capp::kDomainMapping;
using capp::kKnativeService;
using capp::kSecret;

class MissingRouteDefinitions : public RouteCluster {
 protected:
  MissingRouteDefinitions() : RouteCluster(ControlPlane::start({own_definitions()})) {}

  // What is needed for a hostname, but for records.
  void SetUp() override {
    for (const auto* kind : {&kKnativeService, &kDomainMapping, &kCertificate}) {
      install(api, *kind);
    }
    configure_zone(zone());
  }

  const std::string shop = host("shop");
  const std::string store = host("store");
};

TEST_F(MissingRouteDefinitions, RecordsAreOfTheApiThatIsInstalledAndStayInIt) {
  install(api, kClusterCnameRecord);
  cluster.start_operator();
  cluster.create_settled(a_capp("web", with_hostname(shop)));
  ASSERT_TRUE(eventually([&] { return exists(kClusterCnameRecord, shop); }));
  make_ready(kClusterCnameRecord, shop);
  ASSERT_TRUE(eventually([&] { return told("web", "DNSRecordReady", "True", "Ready"); }));

  install(api, kCnameRecord);
  // So that the moment at which it takes notice does not matter.
  cluster.start_operator();
  EXPECT_TRUE(throughout(kMoment, [&] { return absent(kCnameRecord, shop); }));
  EXPECT_TRUE(exists(kClusterCnameRecord, shop));

  set_hostname("web", store);
  EXPECT_TRUE(eventually([&] { return exists(kCnameRecord, store); }));
  EXPECT_TRUE(exists(kClusterCnameRecord, shop));
  EXPECT_TRUE(absent(kClusterCnameRecord, store));
}

TEST_F(MissingRouteDefinitions, OfTheApiThatIsAskedForIsTold) {
  install(api, kCnameRecord);
  cluster.start_operator({}, {"--dns-api=g1"});
  cluster.create_settled(a_capp("web", with_hostname(shop)));
  for (const char* type : {"Ready", "DNSRecordReady"}) {
    EXPECT_TRUE(
        eventually([&] { return told_words("web", type, kClusterCnameRecord.resource()); }));
  }
  EXPECT_TRUE(told("web", "DNSRecordReady", "False", "DependencyMissing"));
  EXPECT_TRUE(absent(kCnameRecord, shop));
}

// Its Certificates went with the definition, but not the Secrets.
TEST_F(MissingRouteDefinitions, OfCertificatesDoNotKeepACappFromTakingItsSecret) {
  install(api, kCnameRecord);
  cluster.start_operator();
  cluster.create_settled(a_capp("web", with_tls(shop)));
  serve("web", shop);
  uninstall(api, kCertificate);
  ASSERT_TRUE(
      eventually([&] { return told("web", "CertificateReady", "False", "DependencyMissing"); }));
  EXPECT_TRUE(throughout(kMoment, [&] { return exists(kSecret, tls_secret(shop)); }));

  api.remove(kCapp, cluster.key("web"));
  EXPECT_TRUE(eventually([&] { return absent(kCapp, "web"); }));
  EXPECT_TRUE(eventually([&] { return absent(kSecret, tls_secret(shop)); }));
}

TEST_F(MissingRouteDefinitions, OfRecordsDoNotKeepACappFromGoing) {
  install(api, kClusterCnameRecord);
  cluster.start_operator();
  cluster.create_settled(a_capp("web", with_hostname(shop)));
  ASSERT_TRUE(eventually([&] { return exists(kClusterCnameRecord, shop); }));
  uninstall(api, kClusterCnameRecord);
  ASSERT_TRUE(
      eventually([&] { return told("web", "DNSRecordReady", "False", "DependencyMissing"); }));
  api.remove(kCapp, cluster.key("web"));
  EXPECT_TRUE(eventually([&] { return absent(kCapp, "web"); }));
}

}  // namespace
}  // namespace test
