#include "capp/children/domain_mapping.h"

#include <gtest/gtest.h>

#include "tests/capp/passes.h"

namespace capp {
namespace {

ObjectBuilder a_capp_with_tls() {
  return a_capp("web").with_hostname("shop").with_tls();
}

ObjectBuilder a_mapping() {
  return a_child(kDomainMapping, "shop.apps.dev");
}

ObjectBuilder a_mapping_with_tls() {
  return a_mapping().with_our_fields(
      R"({"f:spec": {"f:ref": {"f:name": {}}, "f:tls": {"f:secretName": {}}}})");
}

boost::json::value spec_of(const World& world) {
  return only_object(DomainMapping().wanted(world)).body.at("spec");
}

constexpr const char* kWithTls = R"({
    "ref": {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": "web"},
    "tls": {"secretName": "shop.apps.dev-tls"}})";
constexpr const char* kWithoutTls = R"({
    "ref": {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": "web"}})";

TEST(DomainMapping, OfAHostname) {
  const World& world = a_world(a_capp("web").with_hostname("shop")).with_dns();
  const auto wanted = only_object(DomainMapping().wanted(world));
  EXPECT_EQ(*wanted.kind, kDomainMapping);
  EXPECT_EQ(wanted.key, (object::Key{.ns = "shop", .name = "shop.apps.dev"}));
  EXPECT_THAT(wanted.body, IsJson(R"({
    "apiVersion": "serving.knative.dev/v1beta1",
    "kind": "DomainMapping",
    "metadata": {
      "name": "shop.apps.dev",
      "namespace": "shop",
      "labels": {"rcs.dana.io/parent-capp": "web", "rcs.dana.io/managed-by": "capp"},
      "ownerReferences": [{
        "apiVersion": "rcs.dana.io/v1alpha1", "kind": "Capp", "name": "web", "uid": "uid-of-web",
        "controller": true, "blockOwnerDeletion": true}]
    },
    "spec": {"ref": {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": "web"}}
  })"));
}

TEST(DomainMapping, IsWantedWithAHostnameAlsoWhileDisabled) {
  EXPECT_TRUE(DomainMapping().wanted(a_world(a_capp("web")).with_dns()).empty());
  EXPECT_TRUE(DomainMapping().wanted(a_world(a_capp("web").with_hostname("shop"))).empty());
  EXPECT_EQ(DomainMapping()
                .wanted(a_world(a_capp("web").with_hostname("shop").disabled()).with_dns())
                .size(),
            1U);
}

// Knative would serve nothing at all by a Secret that is not there.
TEST(DomainMapping, NamesTheSecretOnceThatExists) {
  EXPECT_THAT(spec_of(a_world(a_capp_with_tls()).with_dns()), IsJson(kWithoutTls));
  EXPECT_THAT(spec_of(a_world(a_capp_with_tls()).with_dns().with_tls_secret()), IsJson(kWithTls));
}

TEST(DomainMapping, ThatHasTlsKeepsItThoughNobodyAsksForTheSecret) {
  EXPECT_THAT(spec_of(a_world(a_capp_with_tls()).with_dns().with(a_mapping_with_tls())),
              IsJson(kWithTls));
  EXPECT_THAT(spec_of(a_world(a_capp_with_tls()).with_dns().with(a_mapping())),
              IsJson(kWithoutTls));
}

TEST(DomainMapping, OfSomebodyElseWithTlsSaysNothingOfOurSecret) {
  const auto foreign = a_foreign_child(kDomainMapping, "shop.apps.dev")
                           .with_our_fields(R"({"f:spec": {"f:tls": {"f:secretName": {}}}})");
  EXPECT_THAT(spec_of(a_world(a_capp_with_tls()).with_dns().with(foreign)), IsJson(kWithoutTls));
}

// An apply without TLS would take what an older operator gave it.
TEST(DomainMapping, ThatIsThereIsHeldWhileNobodyKnowsOfTheSecret) {
  const auto asked = [](WorldBuilder& world) {
    return DomainMapping().wanted(world.with_tls_secret_problem("secrets is forbidden")).front();
  };
  auto there = a_world(a_capp_with_tls()).with_dns().with(a_mapping());
  auto absent = a_world(a_capp_with_tls()).with_dns();
  EXPECT_THAT(asked(there).obstacle, testing::HasSubstr("secrets is forbidden"));
  EXPECT_EQ(asked(absent).obstacle, "");
  EXPECT_THAT(DomainMapping().remark(absent)->message, testing::HasSubstr("secrets is forbidden"));
}

TEST(DomainMapping, LosesItsSecretWithTls) {
  const auto capp = a_capp("web").with_hostname("shop");
  EXPECT_THAT(spec_of(a_world(capp).with_dns().with_tls_secret().with(a_mapping_with_tls())),
              IsJson(kWithoutTls));
}

TEST(DomainMapping, TellsItsTlsByWhatWeOwn) {
  EXPECT_TRUE(has_tls(*read(a_mapping_with_tls())));
  EXPECT_FALSE(has_tls(*read(a_mapping().with_our_fields(R"({"f:spec": {"f:ref": {}}})"))));
  EXPECT_FALSE(has_tls(*read(a_mapping().with_our_fields(R"({"f:metadata": {"f:labels": {}}})"))));
  EXPECT_FALSE(has_tls(*read(a_mapping())));
}

TEST(DomainMapping, IsHealthyWhenItsConditionSaysSo) {
  const auto health = [](const ObjectBuilder& live) {
    return DomainMapping().health(a_world(a_capp("web")), *read(live));
  };
  EXPECT_TRUE(health(a_mapping().ready()).ready);
  EXPECT_EQ(health(a_mapping()).message, "DomainMapping shop.apps.dev has no conditions yet");
  EXPECT_EQ(health(a_mapping().with_ready("False", "the domain is claimed")).message,
            "the domain is claimed");
  EXPECT_EQ(health(a_mapping().ready().with_generation(2).with("status", R"({
                "observedGeneration": 1, "conditions": [{"type": "Ready", "status": "True"}]})"))
                .message,
            "generation 2 of DomainMapping shop.apps.dev has not been acted on yet");
}

TEST(DomainMapping, ShowsItsStatusInThatOfTheCapp) {
  const auto result =
      report_of(a_world(a_capp("web").with_hostname("shop"))
                    .with_dns()
                    .with(a_mapping().with("status", R"({"url": "http://shop.apps.dev"})")));
  EXPECT_THAT(result.status.at("routeStatus"),
              IsJson(R"({"domainMappingObjectStatus": {"url": "http://shop.apps.dev"}})"));
}

}  // namespace
}  // namespace capp
