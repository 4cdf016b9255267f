// How a Capp goes (behaviour 2, "Deletion").

#include <gtest/gtest.h>

#include "capp/children/table.h"
#include "tests/capp/passes.h"

namespace capp {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

using Lines = std::vector<std::string>;

ObjectBuilder an_old_revision() {
  return ObjectBuilder(kCappRevision, "web-00001")
      .with_label("rcs.dana.io/cappName", "web")
      .with_spec("revisionNumber", "1");
}

ObjectBuilder a_leaving_capp() {
  return a_capp("web").terminating();
}

// With a hostname, TLS and its Secret.
ObjectBuilder a_leaving_capp_with_tls() {
  return a_leaving_capp().with_hostname("shop").with_tls().with_recorded_secrets(
      {"shop.apps.dev-tls"});
}

TEST(Deletion, LeavesOwnedChildrenToTheGarbageCollector) {
  auto world = a_world(a_leaving_capp()).with(an_old_revision().with_owner(kUid));
  for (const Child* child : children()) {
    if (!child->needs_finalizer()) world.with(a_child(child->kind(), "web"));
  }
  EXPECT_THAT(lines(plan(world)), ElementsAre("finalizers"));
}

// Of every kind, so that a new one cannot be forgotten.
TEST(Deletion, DeletesWhatNobodyElseWouldBeforeTheFinalizerGoes) {
  auto world = a_world(a_leaving_capp().with_recorded_secrets({"web-tls"})).with(an_old_revision());
  auto halfway = a_world(a_leaving_capp().with_recorded_secrets({"web-tls"}))
                     .with(an_old_revision().terminating());
  for (const Child* child : children()) {
    world.with(a_child_without_owner(child->kind(), "web"));
    halfway.with(a_child_without_owner(child->kind(), "web").terminating());
  }
  EXPECT_THAT(lines(plan(world)),
              ElementsAre("delete Service shop/web", "delete DomainMapping shop/web",
                          "delete CNAMERecord(G1) web", "delete CNAMERecord(G2) shop/web",
                          "delete Certificate shop/web", "delete SyslogNGFlow shop/web",
                          "delete SyslogNGOutput shop/web", "delete NfsPvc shop/web",
                          "delete PingSource shop/web", "delete KafkaSource shop/web",
                          "prune CappRevision shop/web-00001"));
  EXPECT_THAT(lines(plan(halfway)), IsEmpty());
}

TEST(Deletion, TakesTheFinalizerWhereNothingIsThere) {
  EXPECT_THAT(lines(plan(a_world(a_leaving_capp()))), ElementsAre("finalizers"));
}

TEST(Deletion, OfAClusterScopedRecordIsSeenBeforeTheFinalizerGoes) {
  const auto record = a_child(kClusterCnameRecord, "shop.apps.dev");
  EXPECT_THAT(lines(plan(a_world(a_leaving_capp()).with(record))),
              ElementsAre("delete CNAMERecord(G1) shop.apps.dev"));
  EXPECT_THAT(lines(plan(a_world(a_leaving_capp())
                             .with(a_child(kClusterCnameRecord, "shop.apps.dev").terminating()))),
              IsEmpty());
}

// behaviour 2, "Rules for writing" 5.
TEST(Deletion, TouchesNoRecordOfTheSameNameInAnotherNamespace) {
  const auto record = ObjectBuilder(kClusterCnameRecord, "shop.apps.dev")
                          .with_label("rcs.dana.io/parent-capp", "web")
                          .with_label("rcs.dana.io/managed-by", "capp")
                          .with_label("rcs.dana.io/parent-capp-ns", "another");
  EXPECT_THAT(lines(plan(a_world(a_leaving_capp()).with(record))), ElementsAre("finalizers"));
}

TEST(Deletion, TouchesNothingForeign) {
  auto world = a_world(a_leaving_capp());
  for (const Child* child : children()) world.with(a_foreign_child(child->kind(), "web"));
  EXPECT_THAT(lines(plan(world)), ElementsAre("finalizers"));
}

// The certificate first: cert-manager would issue the Secret again.
TEST(Deletion, TakesTheCertificateThenItsSecretThenTheFinalizer) {
  const auto certificate = a_child(kCertificate, "shop.apps.dev");
  EXPECT_THAT(lines(plan(a_world(a_leaving_capp_with_tls()).with_dns().with(certificate))),
              ElementsAre("delete Certificate shop/shop.apps.dev"));
  EXPECT_THAT(lines(plan(a_world(a_leaving_capp_with_tls())
                             .with_dns()
                             .with(a_child(kCertificate, "shop.apps.dev").terminating()))),
              IsEmpty());
  EXPECT_THAT(lines(plan(a_world(a_leaving_capp_with_tls()).with_dns())),
              ElementsAre("delete Secret shop/shop.apps.dev-tls"));
  EXPECT_THAT(lines(plan(a_world(a_leaving_capp().with_hostname("shop").with_tls()).with_dns())),
              ElementsAre("finalizers"));
}

TEST(Deletion, RecordsTheSecretOfACertificateBeforeThatGoes) {
  const auto leaving = a_leaving_capp().with_hostname("shop").with_tls();
  const World& world = a_world(leaving).with_dns().with(a_child(kCertificate, "shop.apps.dev"));
  EXPECT_THAT(lines(plan(world)), IsEmpty());
  const auto result = report_of(world);
  EXPECT_THAT(result.status,
              IsJson(R"({"routeStatus": {"tlsSecretNames": ["shop.apps.dev-tls"]}})"));
  EXPECT_TRUE(result.continues);
}

TEST(Deletion, WaitsForASecretThatCannotBeDeleted) {
  const World& world = a_world(a_leaving_capp_with_tls()).with_dns();
  const auto stuck = report_of(world, {.tls_secret = failed("secrets is forbidden")});
  EXPECT_THAT(conditions(stuck),
              ElementsAre("Ready=False ResourceSyncFailed: secrets is forbidden"));
  EXPECT_THAT(stuck.status.at("routeStatus"),
              IsJson(R"({"tlsSecretNames": ["shop.apps.dev-tls"]})"));
  const auto done = report_of(world);
  EXPECT_TRUE(done.status.empty());
  EXPECT_TRUE(done.continues);
}

// None of them may hold a Capp, or a whole namespace with its configuration cannot go.
TEST(Deletion, NeedsNoConfiguration) {
  EXPECT_THAT(
      lines(plan(a_world(a_leaving_capp_with_tls())
                     .with(a_child(kCertificate, "shop.apps.dev"))
                     .with(a_child(kClusterCnameRecord, "shop.apps.dev")))),
      ElementsAre("delete CNAMERecord(G1) shop.apps.dev", "delete Certificate shop/shop.apps.dev"));
  EXPECT_THAT(lines(plan(a_world(a_leaving_capp_with_tls()))),
              ElementsAre("delete Secret shop/shop.apps.dev-tls"));
  EXPECT_THAT(lines(plan(a_world(a_leaving_capp().with_hostname("shop").with_tls()))),
              ElementsAre("finalizers"));
}

TEST(Deletion, NeedsNoCustomResourceDefinition) {
  auto world = a_world(a_leaving_capp().with_hostname("shop").with_tls()).with_dns();
  auto with_secret = a_world(a_leaving_capp_with_tls()).with_dns();
  for (const Child* child : children()) {
    world.without_kind(child->kind());
    with_secret.without_kind(child->kind());
  }
  EXPECT_THAT(lines(plan(world)), ElementsAre("finalizers"));
  EXPECT_THAT(lines(plan(with_secret)), ElementsAre("delete Secret shop/shop.apps.dev-tls"));
}

// What is there of a kind that is served and not read is not known.
TEST(Deletion, WaitsForAKindOfWhichThereMayBeWhatNobodyElseDeletes) {
  for (const auto* kind : {&kClusterCnameRecord, &kCertificate}) {
    const World& world = a_world(a_leaving_capp_with_tls()).with_dns().with_unread(*kind);
    const auto planned = plan(world);
    EXPECT_FALSE(planned.finalizers.has_value()) << kind->resource();
    EXPECT_EQ(planned.tls_secrets.empty(), *kind == kCertificate);
    EXPECT_THAT(conditions(report_of(world)),
                Contains(AllOf(StartsWith("Ready=False ResourceSyncFailed: "),
                               HasSubstr(kind->resource()))));
  }
  const World& collected = a_world(a_leaving_capp()).with_unread(kKafkaSource);
  EXPECT_THAT(lines(plan(collected)), ElementsAre("finalizers"));
}

// It is of its Certificate, and that is another Capp's by now.
TEST(Deletion, LeavesTheSecretOfAForeignCertificate) {
  const World& world = a_world(a_leaving_capp_with_tls())
                           .with_dns()
                           .with(a_foreign_child(kCertificate, "shop.apps.dev"));
  EXPECT_THAT(lines(plan(world)), ElementsAre("finalizers"));
}

TEST(Deletion, NeedsNoAddressThatServes) {
  const auto moving = a_leaving_capp_with_tls().with_hostname("another");
  EXPECT_THAT(lines(plan(a_world(moving).with_dns().with(a_child(kCertificate, "shop.apps.dev")))),
              ElementsAre("delete Certificate shop/shop.apps.dev"));
}

TEST(Deletion, KeepsTheFinalizersOfOthers) {
  const auto capp = a_capp("web").with_finalizer("foregroundDeletion").terminating();
  EXPECT_THAT(lines(plan(a_world(capp))), ElementsAre("finalizers foregroundDeletion"));
}

// In the foreground the children go before the Capp, but not those that only we delete.
TEST(Deletion, InTheForegroundDeletesItsShareAtOnce) {
  const auto capp = a_leaving_capp_with_tls().with_finalizer("foregroundDeletion");
  EXPECT_THAT(lines(plan(a_world(capp)
                             .with(a_ready_service())
                             .with(a_child(kClusterCnameRecord, "shop.apps.dev"))
                             .with(a_child(kCertificate, "shop.apps.dev").terminating()))),
              ElementsAre("delete CNAMERecord(G1) shop.apps.dev"));
}

// The operator written in Go went on reconciling then, and tried to add its finalizer again.
TEST(Deletion, WhileAnotherFinalizerHoldsTheCappNothingIsAddedOrRecreated) {
  const auto capp = ObjectBuilder(kCapp, "web").with_finalizer("foregroundDeletion").terminating();
  EXPECT_THAT(lines(plan(a_world(capp))), IsEmpty());
  EXPECT_THAT(lines(plan(a_world(capp).with(a_ready_service()))), IsEmpty());
}

// A status would be the last thing to write about a hostname that nobody will use.
TEST(Deletion, SaysNothingOfAHostnameThatCannotBeServed) {
  const auto at_the_apex = a_leaving_capp().with_hostname("apps.dev");
  EXPECT_TRUE(report_of(a_world(at_the_apex).with_dns()).status.empty());
  EXPECT_TRUE(report_of(a_world(at_the_apex)).status.empty());
}

TEST(Deletion, GoesOnAtOnceWhereSomethingIsGone) {
  const World& world = a_world(a_leaving_capp()).with(a_child_without_owner(kNfsPvc, "data"));
  EXPECT_TRUE(report_of(world, {.deletion = became(What::kDeleted)}).continues);
  EXPECT_TRUE(report_of(world, {.deletion = became(What::kUnchanged)}).continues);
  // Its own controller has to let it go first; that it is gone will be told.
  const auto held = became(What::kDeleted, a_child_without_owner(kNfsPvc, "data").terminating());
  EXPECT_FALSE(report_of(world, {.deletion = held}).continues);
  EXPECT_FALSE(report_of(world, {.deletion = failed("no")}).continues);
}

}  // namespace
}  // namespace capp
