// Writes that fail: how soon they are tried again, and what ends the wait (behaviour, "Rules for
// writing" 6).

#include <string>

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

#include "tests/runtime/applier_fixture.h"

namespace runtime {
namespace {

using object::Outcome;
using test::apply_path;
using test::kKey;
using test::kKind;
using test::kOwner;
using test::Live;
using test::ours;
using test::path;
using test::refusal;
using ::test::Reply;
using test::wanted;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using namespace std::chrono_literals;

using ApplierFailures = test::ApplierTest;

TEST_F(ApplierFailures, LooksAtAForeignObjectAgainOnlyAtItsPace) {
  const Live foreign{.hash = "", .fields = "{}", .labels = "{}"};
  server.when("GET", path()).reply(Reply::text(200, foreign.json()));
  const auto outcome = run(wanted());
  EXPECT_EQ(outcome.what, Outcome::What::kFailed);
  EXPECT_THAT(outcome.error->message, HasSubstr("rcs.dana.io/adopt"));
  EXPECT_THAT(sent(), ElementsAre(get()));
  EXPECT_EQ(run(wanted()).what, Outcome::What::kWaiting);
  EXPECT_THAT(sent(), IsEmpty());
}

// No failure: nobody is to be warned of an object that goes.
TEST_F(ApplierFailures, LooksAtItsPaceWhetherATerminatingObjectIsGone) {
  server.when("GET", path()).reply(Reply::text(200, Live{.terminating = true}.json()));
  for (const auto& requests : {std::vector{get()}, std::vector<std::string>()}) {
    const auto outcome = run(wanted());
    EXPECT_EQ(outcome.what, Outcome::What::kWaiting);
    ASSERT_NE(outcome.record, nullptr);
    EXPECT_TRUE(outcome.record->terminating);
    EXPECT_LE(outcome.retry_after, 1s);
    EXPECT_EQ(sent(), requests);
  }
  EXPECT_THAT(registry.exposition(), Not(HasSubstr("runtime_write_failures_total{")));
}

TEST_F(ApplierFailures, BacksOffAfterAFailureUntilTheContentChanges) {
  store_has({.hash = "1-old"});
  server.when("PATCH", apply_path()).reply(refusal(422, "spec.x: bad"));
  const auto outcome = run(wanted());
  EXPECT_EQ(outcome.what, Outcome::What::kFailed);
  EXPECT_EQ(outcome.error->reason, base::Reason::kInvalid);
  EXPECT_THAT(outcome.error->describe(),
              testing::AllOf(HasSubstr("configmaps ns/a"), HasSubstr("spec.x: bad")));
  EXPECT_EQ(outcome.retry_after, 1s);
  EXPECT_THAT(sent(), ElementsAre(apply()));

  EXPECT_EQ(run(wanted()).what, Outcome::What::kWaiting);
  EXPECT_THAT(sent(), IsEmpty());

  auto changed = wanted();
  changed.body["data"] = {{"k", "w"}};
  EXPECT_EQ(run(std::move(changed)).what, Outcome::What::kFailed);
  EXPECT_THAT(sent(), ElementsAre(apply()));
}

TEST_F(ApplierFailures, TriesAgainAtNewsOfTheObject) {
  store_has({.hash = "1-old"});
  server.when("PATCH", apply_path()).reply(refusal(422, "bad"));
  run(wanted());
  store_has({.version = 2, .hash = "1-old"});
  EXPECT_EQ(run(wanted()).what, Outcome::What::kFailed);
  EXPECT_THAT(sent(), ElementsAre(apply(), apply()));
}

TEST_F(ApplierFailures, WritesTheOthersWhereOneFails) {
  server.when("PATCH", apply_path()).reply(refusal(422, "bad"));
  store_has({.hash = "1-old"});
  std::vector<object::Write> writes;
  writes.emplace_back(wanted());
  writes.emplace_back(wanted("b"));
  server.when("PATCH", apply_path("b")).reply(Reply::text(201, Live{.name = "b"}.json()));
  const auto outcomes = applier->run(kOwner, std::move(writes), ours(), {});
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_EQ(outcomes[0].what, Outcome::What::kFailed);
  EXPECT_EQ(outcomes[1].what, Outcome::What::kCreated);
}

TEST_F(ApplierFailures, TriesAgainWhenTheOwnerChangesThoughTheContentIsTheSame) {
  store_has({.hash = "1-old"});
  server.when("PATCH", apply_path()).reply(refusal(403, "forbidden"));
  auto ownership = ours();
  ownership.generation = 1;
  run(wanted(), ownership);
  EXPECT_EQ(run(wanted(), ownership).what, Outcome::What::kWaiting);
  ownership.generation = 2;
  EXPECT_EQ(run(wanted(), ownership).what, Outcome::What::kFailed);
  EXPECT_THAT(sent(), ElementsAre(apply(), apply()));
}

// A rollout changes the status of a child many times in a second.
TEST_F(ApplierFailures, TakesAChangeOfTheStatusForNoNews) {
  watched.projection.filter = json::Filter();
  watched.projection.body = [](const boost::json::object& object) {
    return boost::json::serialize(object.at("status"));
  };
  Live live{.generation = 1, .hash = "1-old", .content = R"({"status":{"replicas":1}})"};
  store_has(live);
  server.when("PATCH", apply_path()).reply(refusal(422, "bad"));
  run(wanted());
  live.version = 2;
  live.content = R"({"status":{"replicas":2}})";
  store_has(live);
  EXPECT_EQ(run(wanted()).what, Outcome::What::kWaiting);
  live.version = 3;
  live.generation = 2;
  store_has(live);
  EXPECT_EQ(run(wanted()).what, Outcome::What::kFailed);
}

TEST_F(ApplierFailures, RetriesSoonWhatTimeCures) {
  store_has({.hash = "1-old"});
  server.when("PATCH", apply_path()).reply(refusal(409, "the object has been modified"));
  const auto outcome = run(wanted());
  EXPECT_EQ(outcome.error->reason, base::Reason::kConflict);
  EXPECT_EQ(outcome.retry_after, 5ms);
}

TEST_F(ApplierFailures, WaitsWithACreateWhoseNameIsTaken) {
  server.when("POST", "/api/v1/namespaces/ns/configmaps?fieldManager=capp-operator")
      .reply(refusal(409, "already exists", "AlreadyExists"));
  const auto outcome = run(object::Create{.kind = &kKind, .key = kKey, .body = wanted().body});
  EXPECT_EQ(outcome.error->reason, base::Reason::kAlreadyExists);
  EXPECT_EQ(outcome.retry_after, 1s);
}

// Its definition was deleted, and nobody has noticed yet.
TEST_F(ApplierFailures, DoesNotSpinOnAKindThatIsNotServed) {
  server.when("GET", path()).reply(Reply::text(404, "404 page not found\n"));
  server.when("PATCH", apply_path()).reply(Reply::text(404, "404 page not found\n"));
  const auto outcome = run(wanted());
  EXPECT_EQ(outcome.what, Outcome::What::kFailed);
  EXPECT_EQ(outcome.error->reason, base::Reason::kNotFound);
  EXPECT_EQ(outcome.retry_after, 1s);
  EXPECT_THAT(sent(), ElementsAre(get(), apply()));
  EXPECT_EQ(run(wanted()).what, Outcome::What::kWaiting);
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(ApplierFailures, DoesNotSpinOnANamespaceThatIsGone) {
  server.when("PATCH", apply_path()).reply(refusal(404, R"(namespaces "ns" not found)"));
  EXPECT_EQ(run(wanted()).retry_after, 1s);
}

TEST_F(ApplierFailures, DoesNotSpinOnANamespaceThatIsTerminating) {
  server.when("PATCH", apply_path())
      .reply(Reply::text(
          403, R"({"kind":"Status","code":403,"reason":"Forbidden","message":"configmaps \"a\" is )"
               R"(forbidden: unable to create new content in namespace ns because it is being )"
               R"(terminated","details":{"causes":[{"reason":"NamespaceTerminating"}]}})"));
  const auto outcome = run(wanted());
  EXPECT_EQ(outcome.error->reason, base::Reason::kNamespaceTerminating);
  EXPECT_THAT(outcome.error->describe(), HasSubstr("because it is being terminated"));
  EXPECT_EQ(outcome.retry_after, 1s);
  EXPECT_EQ(run(wanted()).what, Outcome::What::kWaiting);
  EXPECT_THAT(sent(), ElementsAre(get(), apply()));
}

TEST_F(ApplierFailures, BacksOffWithADeletionByName) {
  server.when("DELETE", path()).reply(refusal(403, "forbidden"));
  const object::RemoveByName named{.kind = &kKind, .key = kKey};
  const auto outcome = run(named);
  EXPECT_EQ(outcome.what, Outcome::What::kFailed);
  EXPECT_THAT(outcome.error->describe(), HasSubstr("deleting configmaps ns/a"));
  EXPECT_EQ(outcome.retry_after, 1s);
  EXPECT_EQ(run(named).what, Outcome::What::kWaiting);
  EXPECT_THAT(sent(), ElementsAre("DELETE " + path()));
}

TEST_F(ApplierFailures, ForgetsThemWithTheOwner) {
  store_has({.hash = "1-old"});
  server.when("PATCH", apply_path()).reply(refusal(422, "bad"));
  run(wanted());
  applier->forget(kOwner);
  EXPECT_EQ(run(wanted()).what, Outcome::What::kFailed);
}

}  // namespace
}  // namespace runtime
