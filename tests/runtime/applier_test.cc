// What is sent for an object, and what is not.

#include <string>

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

#include "tests/runtime/applier_fixture.h"

namespace runtime {
namespace {

using object::Outcome;
using test::apply_path;
using test::kDataTaken;
using test::kKey;
using test::kKind;
using test::Live;
using test::patch_path;
using test::path;
using test::refusal;
using ::test::Reply;
using test::wanted;
using test::wanted_hash;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using namespace std::chrono_literals;

using ApplierTest = test::ApplierTest;

TEST_F(ApplierTest, SendsNothingForWhatIsAsWanted) {
  store_has({});
  const auto outcome = run(wanted());
  EXPECT_EQ(outcome.what, Outcome::What::kUnchanged);
  EXPECT_EQ(outcome.record->resource_version, 1U);
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(ApplierTest, LooksForAnObjectThatTheStoreLacksAndCreatesIt) {
  server.when("GET", path()).reply(refusal(404, "not found"));
  server.when("PATCH", apply_path()).reply(Reply::text(201, Live{.version = 7}.json()));
  const auto outcome = run(wanted());
  EXPECT_EQ(outcome.what, Outcome::What::kCreated);
  EXPECT_THAT(sent(), ElementsAre(get(), apply()));
  EXPECT_EQ(watched.store.get(kKey)->resource_version, 7U) << "read your writes";
  EXPECT_EQ(run(wanted()).what, Outcome::What::kUnchanged);
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(ApplierTest, SendsTheBodyWithItsHash) {
  server.when("GET", path()).reply(refusal(404, "not found"));
  server.when("PATCH", apply_path()).reply(Reply::text(201, Live{}.json()));
  run(wanted());
  auto expected = wanted().body;
  expected["metadata"].as_object()["annotations"] = {{"rcs.dana.io/applied-hash", wanted_hash()}};
  EXPECT_EQ(boost::json::parse(server.requests().at(1).body), boost::json::value(expected));
}

TEST_F(ApplierTest, RepairsWhatSomebodyTook) {
  store_has({.fields = std::string(kDataTaken)});
  server.when("PATCH", apply_path()).reply(Reply::text(200, Live{.version = 2}.json()));
  EXPECT_EQ(run(wanted()).what, Outcome::What::kUpdated);
  EXPECT_THAT(sent(), ElementsAre(apply()));
}

TEST_F(ApplierTest, AppliesWhatIsWantedAnew) {
  store_has({.hash = "1-of-something-else"});
  server.when("PATCH", apply_path()).reply(Reply::text(200, Live{.version = 2}.json()));
  EXPECT_EQ(run(wanted()).what, Outcome::What::kUpdated);
}

TEST_F(ApplierTest, CountsAnApplyThatChangesNothingAsUnchanged) {
  store_has({.fields = std::string(kDataTaken)});
  server.when("PATCH", apply_path()).reply(Reply::text(200, Live{.version = 1}.json()));
  EXPECT_EQ(run(wanted()).what, Outcome::What::kUnchanged);
}

// A server that prunes a field of ours: another apply would not do better.
TEST_F(ApplierTest, LetsAnObjectBeThatAnApplyDoesNotChangeAnyMore) {
  store_has({.fields = std::string(kDataTaken)});
  server.when("PATCH", apply_path())
      .reply(Reply::text(200, Live{.version = 2, .fields = std::string(kDataTaken)}.json()));
  run(wanted());
  EXPECT_THAT(sent(), ElementsAre(apply()));
  EXPECT_EQ(run(wanted()).what, Outcome::What::kUnchanged);
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(ApplierTest, DoesNotTouchAnObjectOfAnotherController) {
  store_has({.owners = R"([{"kind":"Other","name":"o","uid":"x","controller":true}])"});
  const auto outcome = run(wanted());
  EXPECT_EQ(outcome.what, Outcome::What::kFailed);
  EXPECT_EQ(outcome.error->reason, base::Reason::kAlreadyExists);
  EXPECT_THAT(outcome.error->message, HasSubstr("controlled by Other o"));
  EXPECT_EQ(outcome.retry_after, 1s);
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(ApplierTest, WaitsForATerminatingObjectToBeGone) {
  store_has({.terminating = true});
  const auto outcome = run(wanted());
  EXPECT_EQ(outcome.what, Outcome::What::kWaiting);
  EXPECT_THAT(outcome.error->message, HasSubstr("being deleted"));
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(ApplierTest, DeletesTheObjectOfThatUidOnce) {
  store_has({});
  server.when("DELETE", path()).reply(Reply::text(200, R"({"kind":"Status","status":"Success"})"));
  const object::Unwanted unwanted{.kind = &kKind, .key = kKey, .uid = "u-1"};
  const auto outcome = run(unwanted);
  EXPECT_EQ(outcome.what, Outcome::What::kDeleted);
  EXPECT_EQ(outcome.record, nullptr);
  EXPECT_THAT(server.requests().at(0).body, HasSubstr(R"("preconditions":{"uid":"u-1"})"));
  EXPECT_EQ(run(unwanted).what, Outcome::What::kUnchanged);
  EXPECT_THAT(sent(), ElementsAre("DELETE " + path()));
}

TEST_F(ApplierTest, DeletesNothingTwiceThatWasGoneAlready) {
  store_has({});
  server.when("DELETE", path()).reply(refusal(404, "not found"));
  const object::Unwanted unwanted{.kind = &kKind, .key = kKey, .uid = "u-1"};
  EXPECT_EQ(run(unwanted).what, Outcome::What::kUnchanged);
  EXPECT_EQ(run(unwanted).what, Outcome::What::kUnchanged);
  EXPECT_THAT(sent(), ElementsAre("DELETE " + path()));
}

TEST_F(ApplierTest, DeletesNoObjectOfAnotherUidNorOneThatIsTerminating) {
  store_has({});
  EXPECT_EQ(run(object::Unwanted{.kind = &kKind, .key = kKey, .uid = "u-0"}).what,
            Outcome::What::kUnchanged);
  store_has({.version = 2, .terminating = true});
  EXPECT_EQ(run(object::Unwanted{.kind = &kKind, .key = kKey, .uid = "u-1"}).what,
            Outcome::What::kUnchanged);
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(ApplierTest, SeesAnObjectThatItsFinalizersKeep) {
  store_has({});
  server.when("DELETE", path())
      .reply(Reply::text(200, Live{.version = 2, .terminating = true}.json()));
  const auto outcome = run(object::Unwanted{.kind = &kKind, .key = kKey, .uid = "u-1"});
  EXPECT_EQ(outcome.what, Outcome::What::kDeleted);
  EXPECT_TRUE(watched.store.get(kKey)->terminating);
}

TEST_F(ApplierTest, ReplacesTheStatusOfThatVeryObject) {
  store_has({});
  server.when("PATCH", path() + "/status?fieldManager=capp-operator")
      .reply(Reply::text(200, Live{.version = 2}.json()));
  object::SetStatus set{
      .kind = &kKind, .key = kKey, .uid = "u-1", .status = {{"x", 1}}, .content = "1"};
  EXPECT_EQ(run(std::move(set)).what, Outcome::What::kUpdated);
  EXPECT_EQ(server.requests().at(0).body, R"([{"op":"test","path":"/metadata/uid","value":"u-1"},)"
                                          R"({"op":"add","path":"/status","value":{"x":1}}])");
}

TEST_F(ApplierTest, SetsFinalizersOfThatVeryVersion) {
  store_has({});
  server.when("PATCH", patch_path()).reply(Reply::text(200, Live{.version = 2}.json()));
  EXPECT_EQ(run(object::SetFinalizers{
                    .kind = &kKind, .key = kKey, .resource_version = 1, .finalizers = {"f"}})
                .what,
            Outcome::What::kUpdated);
  EXPECT_EQ(server.requests().at(0).body,
            R"({"metadata":{"finalizers":["f"],"resourceVersion":"1"}})");
}

constexpr object::Kind kUnwatched{"", "v1", "Secret", "secrets"};
const object::RemoveByName kSecret{.kind = &kUnwatched, .key = {.ns = "ns", .name = "x-tls"}};
constexpr std::string_view kSecretPath = "/api/v1/namespaces/ns/secrets/x-tls";

TEST_F(ApplierTest, DeletesByNameWhatNobodyWatches) {
  server.when("DELETE", std::string(kSecretPath))
      .reply(Reply::text(200, R"({"kind":"Status","status":"Success"})"));
  const auto outcome = run(kSecret);
  EXPECT_EQ(outcome.what, Outcome::What::kDeleted);
  EXPECT_EQ(outcome.record, nullptr);
  EXPECT_THAT(server.requests().at(0).body, Not(HasSubstr("preconditions")));
}

TEST_F(ApplierTest, TakesItForDoneWhereWhatToDeleteByNameIsAbsent) {
  server.when("DELETE", std::string(kSecretPath)).reply(refusal(404, "not found"));
  const auto outcome = run(kSecret);
  EXPECT_EQ(outcome.what, Outcome::What::kUnchanged);
  EXPECT_FALSE(outcome.error);
}

}  // namespace
}  // namespace runtime
