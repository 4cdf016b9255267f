#include "capp/lookups.h"

#include <gtest/gtest.h>

#include "tests/capp/builders.h"

namespace capp {
namespace {

ObjectBuilder a_capp_with_tls() {
  return a_capp("web").with_hostname("shop").with_tls();
}

ObjectBuilder a_mapping_with_tls() {
  return a_child(kDomainMapping, "shop.apps.dev")
      .with_our_fields(R"({"f:spec": {"f:tls": {"f:secretName": {}}}})");
}

TEST(TlsSecretLookup, AsksForTheSecretUntilTheMappingUsesIt) {
  const auto first = lookups(a_world(a_capp_with_tls()).with_dns()).tls_secret;
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->secret, (object::Key{.ns = "shop", .name = "shop.apps.dev-tls"}));
  EXPECT_EQ(first->certificate_version, 0U);

  const auto issuing = lookups(a_world(a_capp_with_tls())
                                   .with_dns()
                                   .with(a_child(kDomainMapping, "shop.apps.dev"))
                                   .with(a_child(kCertificate, "shop.apps.dev").with_version(42)))
                           .tls_secret;
  ASSERT_TRUE(issuing.has_value());
  EXPECT_EQ(issuing->certificate_version, 42U);

  EXPECT_FALSE(
      lookups(a_world(a_capp_with_tls()).with_dns().with(a_mapping_with_tls())).tls_secret);
}

TEST(TlsSecretLookup, AsksForNothingThatNobodyWouldUse) {
  EXPECT_FALSE(lookups(a_world(a_capp("web").with_hostname("shop")).with_dns()).tls_secret);
  EXPECT_FALSE(lookups(a_world(a_capp("web").with_tls()).with_dns()).tls_secret);
  EXPECT_FALSE(lookups(a_world(a_capp_with_tls())).tls_secret);
  EXPECT_FALSE(
      lookups(a_world(a_capp_with_tls()).with_dns().without_kind(kDomainMapping)).tls_secret);
  EXPECT_FALSE(lookups(a_world(a_capp_with_tls().terminating()).with_dns()).tls_secret);
}

// The Secret may be there all the same: a person's, or that of an issuer that we do not know.
TEST(TlsSecretLookup, NeedsNoCertificate) {
  const auto lookup = lookups(a_world(a_capp_with_tls())
                                  .with_dns()
                                  .without_kind(kCertificate)
                                  .with(a_foreign_child(kCertificate, "shop.apps.dev")))
                          .tls_secret;
  ASSERT_TRUE(lookup.has_value());
  EXPECT_EQ(lookup->certificate_version, 0U);
}

ObjectBuilder a_new_revision(std::string_view ready) {
  return ObjectBuilder(kKnativeRevision, "web-00002")
      .with_label("serving.knative.dev/configuration", "web")
      .with_version(9)
      .with_ready(ready);
}

WorldBuilder a_rollout(const ObjectBuilder& capp, const ObjectBuilder& revision) {
  return a_world(capp)
      .with(a_service().with("status", R"({"latestCreatedRevisionName": "web-00002",
                                           "latestReadyRevisionName": "web-00001"})"))
      .with(revision);
}

TEST(PodsLookup, AsksForThePodsOfTheRevisionThatIsNotReady) {
  const auto starting = lookups(a_rollout(a_capp("web"), a_new_revision("Unknown"))).pods;
  ASSERT_TRUE(starting.has_value());
  EXPECT_EQ(starting->ns, "shop");
  EXPECT_EQ(starting->revision, "web-00002");
  EXPECT_EQ(starting->revision_version, 9U);
  EXPECT_FALSE(starting->failed);

  const auto failed = lookups(a_rollout(a_capp("web"), a_new_revision("False"))).pods;
  ASSERT_TRUE(failed.has_value());
  EXPECT_TRUE(failed->failed);
}

TEST(PodsLookup, AsksForNoneWhereNothingFails) {
  EXPECT_FALSE(lookups(a_rollout(a_capp("web"), a_new_revision("True"))).pods);
  EXPECT_FALSE(lookups(a_world(a_capp("web")).with(a_ready_service())).pods);
  EXPECT_FALSE(lookups(a_world(a_capp("web"))).pods);
  EXPECT_FALSE(lookups(a_rollout(a_capp("web").disabled(), a_new_revision("False"))).pods);
  EXPECT_FALSE(lookups(a_rollout(a_capp("web").terminating(), a_new_revision("False"))).pods);
}

}  // namespace
}  // namespace capp
