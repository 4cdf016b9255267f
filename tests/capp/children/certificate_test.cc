#include "capp/children/certificate.h"

#include <gtest/gtest.h>

#include "tests/capp/passes.h"

namespace capp {
namespace {

ObjectBuilder a_capp_with_tls(std::string_view hostname) {
  return a_capp("web").with_hostname(hostname).with_tls();
}

boost::json::value spec_of(const World& world) {
  return only_object(Certificate().wanted(world)).body.at("spec");
}

TEST(Certificate, OfAHostname) {
  const auto wanted =
      only_object(Certificate().wanted(a_world(a_capp_with_tls("shop")).with_dns()));
  EXPECT_EQ(*wanted.kind, kCertificate);
  EXPECT_EQ(wanted.key, (object::Key{.ns = "shop", .name = "shop.apps.dev"}));
  EXPECT_THAT(wanted.body, IsJson(R"({
    "apiVersion": "cert-manager.io/v1",
    "kind": "Certificate",
    "metadata": {
      "name": "shop.apps.dev",
      "namespace": "shop",
      "labels": {"rcs.dana.io/parent-capp": "web", "rcs.dana.io/managed-by": "capp"},
      "ownerReferences": [{
        "apiVersion": "rcs.dana.io/v1alpha1", "kind": "Capp", "name": "web", "uid": "uid-of-web",
        "controller": true, "blockOwnerDeletion": true}]
    },
    "spec": {
      "commonName": "shop.apps.dev",
      "dnsNames": ["shop.apps.dev"],
      "isCA": false,
      "privateKey": {"algorithm": "RSA", "encoding": "PKCS1", "size": 4096},
      "issuerRef": {"name": "cert-issuer", "kind": "ClusterIssuer", "group": "cert.dana.io"},
      "secretName": "shop.apps.dev-tls",
      "secretTemplate": {"labels": {"networking.internal.knative.dev/certificate-uid": ""}}
    }
  })"));
}

TEST(Certificate, TakesTheIssuerOfTheConfigurationWhole) {
  auto dns = a_dns();
  dns.issuer = {.name = "letsencrypt", .kind = "Issuer", .group = "cert-manager.io"};
  EXPECT_THAT(spec_of(a_world(a_capp_with_tls("shop")).with_dns(dns)).at("issuerRef"),
              IsJson(R"({"name": "letsencrypt", "kind": "Issuer", "group": "cert-manager.io"})"));
}

TEST(Certificate, IsWantedOnlyWithAHostnameTlsAndAConfiguration) {
  const auto wanted = [](const World& world) { return Certificate().wanted(world).size(); };
  EXPECT_EQ(wanted(a_world(a_capp("web").with_hostname("shop")).with_dns()), 0U);
  EXPECT_EQ(wanted(a_world(a_capp("web").with_tls()).with_dns()), 0U);
  EXPECT_EQ(wanted(a_world(a_capp_with_tls("shop"))), 0U);
  EXPECT_EQ(wanted(a_world(a_capp_with_tls("shop").disabled()).with_dns()), 1U);
}

// RFC 5280 allows a common name of 64 characters; the name itself stands in dnsNames.
TEST(Certificate, CutsTheCommonNameOnly) {
  for (const std::size_t length : {63U, 64U, 65U, 200U}) {
    // ".apps.dev" makes nine of them.
    const auto name = std::string(length - 9, 'a') + ".apps.dev";
    const auto spec = spec_of(a_world(a_capp_with_tls(name)).with_dns());
    EXPECT_EQ(spec.at("commonName").as_string(), name.substr(0, 64)) << length;
    EXPECT_EQ(spec.at("dnsNames").at(0).as_string(), name) << length;
    EXPECT_EQ(spec.at("secretName").as_string(), name + "-tls") << length;
  }
}

TEST(Certificate, IsHealthyWhenItsConditionSaysSo) {
  const auto health = [](const ObjectBuilder& live) {
    return Certificate().health(a_world(a_capp("web")), *read(live));
  };
  EXPECT_TRUE(health(a_child(kCertificate, "x").ready()).ready);
  EXPECT_EQ(health(a_child(kCertificate, "x")).message, "Certificate x has no conditions yet");
  EXPECT_EQ(health(a_child(kCertificate, "x").with_ready("False", "issuer not found")).message,
            "issuer not found");
  EXPECT_EQ(health(a_child(kCertificate, "x").ready().with("status", R"({"conditions":
                   [{"type": "Issuing", "status": "True"}]})"))
                .message,
            "Certificate x does not say whether it is ready");
}

TEST(Certificate, ShowsItsStatusInThatOfTheCapp) {
  const auto result = report_of(a_world(a_capp_with_tls("shop"))
                                    .with_dns()
                                    .with(a_child(kCertificate, "shop.apps.dev").ready()));
  EXPECT_THAT(result.status.at("routeStatus"), IsJson(R"({
      "certificateObjectStatus": {"conditions": [{"type": "Ready", "status": "True"}]},
      "tlsSecretNames": ["shop.apps.dev-tls"]})"));
}

// Before it may be deleted, so that its Secret is not forgotten.
TEST(Certificate, HasItsSecretRecordedAsSoonAsItIsThere) {
  const World& world = a_world(a_capp_with_tls("shop")).with_dns();
  EXPECT_FALSE(
      report_of(world, {.writes = {{kCertificate, failed("no")}}}).status.contains("routeStatus"));
  const auto created = became(What::kCreated, a_child(kCertificate, "shop.apps.dev"));
  EXPECT_THAT(report_of(world, {.writes = {{kCertificate, created}}}).status.at("routeStatus"),
              IsJson(R"({"tlsSecretNames": ["shop.apps.dev-tls"]})"));
}

TEST(Certificate, OfSomebodyElseMakesItsSecretNoneOfOurs) {
  auto refused = failed("Certificate shop/shop.apps.dev belongs to Capp another");
  refused.record = read(a_foreign_child(kCertificate, "shop.apps.dev").ready());
  const auto result = report_of(a_world(a_capp_with_tls("shop"))
                                    .with_dns()
                                    .with(a_foreign_child(kCertificate, "shop.apps.dev").ready()),
                                {.writes = {{kCertificate, refused}}});
  EXPECT_FALSE(result.status.contains("routeStatus"));
  EXPECT_THAT(conditions(result),
              testing::Contains("CertificateReady=False ResourceSyncFailed: Certificate "
                                "shop/shop.apps.dev belongs to Capp another"));
}

TEST(Certificate, ThatMustWaitForItsSecretsRecordIsLookedAtAgainAtOnce) {
  const auto certificate = a_child(kCertificate, "shop.apps.dev");
  EXPECT_TRUE(report_of(a_world(a_capp("web")).with(certificate)).continues);
  const auto recorded = a_capp("web").with_recorded_secrets({"shop.apps.dev-tls"});
  const World& going = a_world(recorded).with(certificate);
  EXPECT_TRUE(report_of(going, {.deletion = became(What::kDeleted)}).continues);
  // Its going will be told; and what failed has a time of its own.
  const auto leaving = became(What::kDeleted, a_child(kCertificate, "shop.apps.dev").terminating());
  EXPECT_FALSE(report_of(going, {.deletion = leaving}).continues);
  EXPECT_FALSE(report_of(going, {.deletion = failed("no")}).continues);
}

// Their Secrets will never be recorded, so that looking again would have no end.
TEST(Certificate, OfSomebodyElseOrOnItsWayOutIsNotWaitedFor) {
  EXPECT_FALSE(
      report_of(a_world(a_capp("web")).with(a_foreign_child(kCertificate, "shop.apps.dev")))
          .continues);
  EXPECT_FALSE(
      report_of(a_world(a_capp("web")).with(a_child(kCertificate, "shop.apps.dev").terminating()))
          .continues);
}

TEST(Certificate, IsOffTheListWhenItsSecretIsGone) {
  const World& world = a_world(a_capp("web").with_recorded_secrets({"a-tls", "b-tls"}))
                           .with(a_child(kCertificate, "b").terminating());
  EXPECT_THAT(report_of(world).status.at("routeStatus"),
              IsJson(R"({"tlsSecretNames": ["b-tls"]})"));
  EXPECT_THAT(report_of(world, {.tls_secret = failed("forbidden")}).status.at("routeStatus"),
              IsJson(R"({"tlsSecretNames": ["a-tls", "b-tls"]})"));
}

}  // namespace
}  // namespace capp
