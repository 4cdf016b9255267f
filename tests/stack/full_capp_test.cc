// A Capp with everything, among the controllers that it is made for.

#include <array>

#include "tests/stack/stack_cluster.h"

namespace test {
namespace {

using capp::kCapp;
using capp::kKnativeRevision;
using capp::kKnativeService;
using namespace std::chrono_literals;

// All that comes into being for a Capp, by us or by those who work on ours.
constexpr std::array kOfACapp{&kCapp,
                              &capp::kCappRevision,
                              &kKnativeService,
                              &kKnativeRevision,
                              &capp::kPod,
                              &capp::kDomainMapping,
                              &capp::kCnameRecord,
                              &capp::kCertificate,
                              &capp::kSyslogNgFlow,
                              &capp::kSyslogNgOutput,
                              &capp::kNfsPvc,
                              &kClaim,
                              &capp::kPingSource};

class FullCapp : public StackCluster {
 protected:
  void SetUp() override {
    StackCluster::SetUp();
    create_ready(full_capp(host));
  }

  const std::string host = hostname("web");
};

TEST_F(FullCapp, BecomesReadyWithUrlSecretAndVolume) {
  const auto capp = cluster.capp("web");
  for (const char* concern :
       {"KnativeServiceReady", "DomainMappingReady", "DNSRecordReady", "CertificateReady",
        "LoggingReady", "VolumesReady", "EventingReady"}) {
    EXPECT_EQ(condition(capp, concern).status, "True") << concern;
  }
  EXPECT_EQ(at(capp, "/status/routeStatus/domainMappingObjectStatus/url"), "https://" + host);
  EXPECT_TRUE(exists(capp::kSecret, tls_secret(host)));
  EXPECT_EQ(at(api.get(kClaim, cluster.key("data")), "/status/phase"), "Bound");
}

// behaviour 2, rule 1.
TEST_F(FullCapp, CostsNothingOnceItIsReady) {
  EXPECT_TRUE(writes_nothing_for(60s));

  cluster.start_operator();
  ASSERT_TRUE(eventually([&] {
    const auto done = cluster.op().reconciles();
    return done < 1 ? testing::AssertionFailure() << "nothing reconciled yet" : cluster.idle();
  }));
  EXPECT_TRUE(writes_nothing_for(5s));
}

TEST_F(FullCapp, ANewImageIsOneRevisionAndOneWriteOfTheService) {
  set_image("dev.local/web:v2");
  ASSERT_TRUE(eventually([&] {
    return is("ready revision",
              at(cluster.capp("web"), "/status/knativeObjectStatus/latestReadyRevisionName"),
              "web-00002");
  }));
  ASSERT_TRUE(eventually([&] { return is_ready(); }));
  EXPECT_TRUE(throughout(2s, [&] {
    return is("writes of the Service", cluster.writes().of("patch", "services").size(), 1U);
  }));
  EXPECT_EQ(api.list(kKnativeRevision, cluster.ns).size(), 2U);
}

TEST_F(FullCapp, DisabledKeepsAllButTheServiceAndComesBack) {
  api.merge_patch(kCapp, web, R"({"spec": {"state": "disabled"}})");
  ASSERT_TRUE(eventually([&] { return gone(kKnativeService); }));
  ASSERT_TRUE(eventually([&] { return is_unready("Disabled"); }));
  EXPECT_TRUE(exists(capp::kDomainMapping, host));
  EXPECT_TRUE(exists(capp::kSecret, tls_secret(host)));
  EXPECT_TRUE(exists(kClaim, "data"));
  EXPECT_TRUE(exists(capp::kPingSource, "web-hourly"));

  api.merge_patch(kCapp, web, R"({"spec": {"state": "enabled"}})");
  EXPECT_TRUE(eventually([&] { return is_ready(); }));
}

TEST_F(FullCapp, DeletedLeavesNothingBehind) {
  api.remove(kCapp, web);
  for (const auto* kind : kOfACapp) {
    EXPECT_TRUE(eventually([&] { return gone(*kind); }));
  }
  EXPECT_FALSE(exists(capp::kSecret, tls_secret(host)));
  // Nor does cert-manager issue it again.
  EXPECT_TRUE(
      throughout(2s, [&] { return is("Secret", exists(capp::kSecret, tls_secret(host)), false); }));
}

}  // namespace
}  // namespace test
