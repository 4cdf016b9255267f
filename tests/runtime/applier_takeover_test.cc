// Applies that need more than themselves: the take-over of what an older operator wrote, fights,
// and lists that an apply cannot drop.

#include <future>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "tests/runtime/applier_fixture.h"

namespace runtime {
namespace {

using object::Outcome;
using test::apply_path;
using test::kDataTaken;
using test::kOwner;
using test::Live;
using test::ours;
using test::patch_path;
using test::path;
using test::refusal;
using ::test::Reply;
using test::wanted;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

class TakeOver : public test::ApplierTest {
 protected:
  // As an operator made it that wrote updates.
  static Live legacy(const std::string& name) {
    return {.name = name,
            .hash = "",
            .manager = "manager",
            .operation = "Update",
            .fields = R"({"f:metadata":{"f:labels":{"f:parent":{}}},"f:spec":{"f:x":{}}})"};
  }
  void server_has_legacy(const std::string& name) {
    store_has(legacy(name));
    server.when("GET", path(name)).reply(Reply::text(200, legacy(name).json()).held());
    Live moved = legacy(name);
    moved.version = 2;
    server.when("PATCH", patch_path(name)).reply(Reply::text(200, moved.json()).held());
    server.when("PATCH", apply_path(name))
        .reply(Reply::text(200, Live{.name = name, .version = 3}.json()).held());
  }
};

TEST_F(TakeOver, MovesTheFieldsOfAnOlderOperatorBeforeTheFirstApply) {
  store_has(legacy("a"));
  server.when("GET", path()).reply(Reply::text(200, legacy("a").json()));
  server.when("PATCH", patch_path()).reply(Reply::text(200, legacy("a").json()));
  server.when("PATCH", apply_path()).reply(Reply::text(200, Live{.version = 3}.json()));
  EXPECT_EQ(run(wanted()).what, Outcome::What::kUpdated);
  EXPECT_THAT(sent(), ElementsAre(get(), "PATCH " + patch_path(), apply()));
  EXPECT_THAT(server.requests().at(1).body,
              testing::AllOf(HasSubstr("/metadata/managedFields"), HasSubstr("f:spec")));
}

// Three round trips for all of them: no answer comes before the requests of all are there.
TEST_F(TakeOver, TakesTheChildrenOverSideBySide) {
  const std::vector<std::string> names{"a", "b", "c"};
  std::vector<object::Write> writes;
  for (const auto& name : names) {
    server_has_legacy(name);
    writes.emplace_back(wanted(name));
  }
  auto pass = std::async(std::launch::async,
                         [&] { return applier->run(kOwner, std::move(writes), ours(), {}); });
  for (const std::size_t round : {1U, 2U, 3U}) {
    EXPECT_TRUE(server.wait_for_requests(round * names.size())) << "round " << round;
    for (std::size_t i = 0; i < names.size(); ++i) server.release();
  }
  for (const auto& outcome : pass.get()) EXPECT_EQ(outcome.what, Outcome::What::kUpdated);
}

TEST_F(TakeOver, AppliesNothingBeforeTheFieldsAreMoved) {
  store_has(legacy("a"));
  server.when("GET", path()).reply(Reply::text(200, legacy("a").json()));
  server.when("PATCH", patch_path()).reply(refusal(409, "the object has been modified"));
  const auto outcome = run(wanted());
  EXPECT_EQ(outcome.what, Outcome::What::kFailed);
  EXPECT_THAT(outcome.error->describe(), HasSubstr("taking over configmaps ns/a"));
  EXPECT_EQ(outcome.retry_after, 5ms);
  EXPECT_THAT(sent(), ElementsAre(get(), "PATCH " + patch_path()));
}

// What we moved ourselves is no news.
TEST_F(TakeOver, BacksOffWhereTheApplyIsRefused) {
  store_has(legacy("a"));
  Live moved = legacy("a");
  moved.version = 2;
  server.when("GET", path()).reply(Reply::text(200, legacy("a").json()));
  server.when("PATCH", patch_path()).reply(Reply::text(200, moved.json()));
  server.when("PATCH", apply_path()).reply(refusal(422, "bad"));
  const auto outcome = run(wanted());
  EXPECT_EQ(outcome.what, Outcome::What::kFailed);
  EXPECT_EQ(outcome.record->resource_version, 2U);
  sent();
  EXPECT_EQ(run(wanted()).what, Outcome::What::kWaiting);
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(TakeOver, AppliesAtOnceWhereNoOlderOperatorWrote) {
  Live by_hand = legacy("a");
  by_hand.manager = "kubectl-create";
  store_has(by_hand);
  server.when("GET", path()).reply(Reply::text(200, by_hand.json()));
  server.when("PATCH", apply_path()).reply(Reply::text(200, Live{.version = 2}.json()));
  EXPECT_EQ(run(wanted()).what, Outcome::What::kUpdated);
  EXPECT_THAT(sent(), ElementsAre(get(), apply()));
}

// The echo of the first write is not news either.
TEST_F(TakeOver, WakesNobody) {
  std::vector<std::uint64_t> told;
  watched.store.set_handler(
      [&](const Change& change) { told.push_back(change.after->resource_version); });
  store_has(legacy("a"));
  told.clear();
  Live moved = legacy("a");
  moved.version = 2;
  server.when("GET", path()).reply(Reply::text(200, legacy("a").json()));
  server.when("PATCH", patch_path()).reply(Reply::text(200, moved.json()));
  server.when("PATCH", apply_path()).reply(Reply::text(200, Live{.version = 3}.json()));
  run(wanted());
  store_has(moved);
  store_has({.version = 3});
  EXPECT_THAT(told, IsEmpty());
}

// Without our labels the watch does not bring it: what the store had, it would have for ever.
TEST_F(TakeOver, LeavesOutOfTheStoreWhatTheWatchDoesNotBring) {
  Live unlabelled = legacy("a");
  unlabelled.labels = "{}";
  unlabelled.owners = R"([{"kind":"Capp","name":"capp","uid":"capp-uid","controller":true}])";
  server.when("GET", path()).reply(Reply::text(200, unlabelled.json()));
  server.when("PATCH", patch_path()).reply(Reply::text(200, unlabelled.json()));
  server.when("PATCH", apply_path()).reply(refusal(422, "bad"));
  EXPECT_EQ(run(wanted()).what, Outcome::What::kFailed);
  EXPECT_EQ(watched.store.get(test::kKey), nullptr);
}

class Fight : public test::ApplierTest {
 protected:
  Fight() {
    server.when("PATCH", apply_path()).reply(Reply::text(200, Live{}.json()));
    const Live theirs{
        .manager = "kubectl", .operation = "Update", .fields = R"({"f:data":{"f:k":{}}})"};
    server.when("GET", path()).reply(Reply::text(200, theirs.json()));
  }
  // They take our field, and we see it.
  object::Outcome taken_again() {
    taken.version += 2;
    store_has(taken);
    return run(wanted());
  }
  object::Outcome give_up() {
    for (int repairs = 0; repairs < 5; ++repairs) {
      EXPECT_NE(taken_again().what, Outcome::What::kWaiting) << repairs;
    }
    sent();
    return taken_again();
  }

  Live taken{.fields = std::string(kDataTaken)};
};

TEST_F(Fight, IsGivenUpWithTheNameOfTheOther) {
  const auto outcome = give_up();
  EXPECT_EQ(outcome.what, Outcome::What::kWaiting);
  EXPECT_THAT(outcome.error->message, HasSubstr(R"("kubectl" takes .data)"));
  EXPECT_EQ(outcome.retry_after, 1s);
  EXPECT_THAT(sent(), ElementsAre(get())) << "to learn who it is";
  EXPECT_EQ(run(wanted()).what, Outcome::What::kWaiting);
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(Fight, IsGivenUpAlsoWithOneWhoDropsTheHash) {
  taken.hash = "";
  taken.fields = R"({"f:metadata":{"f:labels":{"f:parent":{}}}})";
  const auto outcome = give_up();
  ASSERT_TRUE(outcome.error);
  EXPECT_THAT(outcome.error->message, HasSubstr(R"("kubectl" takes .data)"));
}

TEST_F(Fight, IsForgottenWithTheObject) {
  give_up();
  server.when("DELETE", path()).reply(Reply::text(200, R"({"kind":"Status","status":"Success"})"));
  run(object::Unwanted{.kind = &test::kKind, .key = test::kKey, .uid = "u-1"});
  sent();
  EXPECT_NE(run(wanted()).what, Outcome::What::kWaiting);
  EXPECT_THAT(sent(), Contains(apply()));
}

class StuckList : public test::ApplierTest {
 protected:
  StuckList() {
    store_has(stuck);
    server.when("GET", path()).reply(Reply::text(200, stuck.json()));
  }
  static constexpr std::string_view kRefusal =
      R"(spec.volumes: Invalid value: \"null\": spec.volumes in body must be of type array)";
  static Reply refused() {
    return Reply::text(422,
                       fmt::format(R"({{"kind":"Status","code":422,"message":"{}"}})", kRefusal));
  }

  const Live stuck{
      .hash = "1-with-the-list",
      .fields = R"({"f:spec":{"f:volumes":{"k:{\"name\":\"v\"}":{".":{},"f:name":{}}}}})",
      .content = R"({"spec":{"volumes":[{"name":"v","theirs":1}]}})"};
};

TEST_F(StuckList, IsEmptiedOfOurItemsAndTheApplyIsSentAgain) {
  server.when("PATCH", apply_path())
      .reply(refused())
      .then(Reply::text(200, Live{.version = 3}.json()));
  server.when("PATCH", patch_path()).reply(Reply::text(200, Live{.version = 2}.json()));
  EXPECT_EQ(run(wanted()).what, Outcome::What::kUpdated);
  EXPECT_THAT(sent(), ElementsAre(apply(), get(), "PATCH " + patch_path(), apply()));
  EXPECT_THAT(server.requests().at(2).body,
              HasSubstr(R"({"op":"remove","path":"/spec/volumes/0"})"));
}

TEST_F(StuckList, IsAFailureInTheServersWordsWhereItemsCannotBeRemoved) {
  server.when("PATCH", apply_path()).reply(refused());
  server.when("PATCH", patch_path()).reply(refusal(422, "testing value failed"));
  const auto outcome = run(wanted());
  EXPECT_EQ(outcome.what, Outcome::What::kFailed);
  EXPECT_THAT(outcome.error->describe(), HasSubstr("must be of type array"));
  EXPECT_EQ(outcome.retry_after, 1s);
}

TEST_F(StuckList, IsTriedOnceAPass) {
  server.when("PATCH", apply_path()).reply(refused());
  server.when("PATCH", patch_path()).reply(Reply::text(200, Live{.version = 2}.json()));
  EXPECT_EQ(run(wanted()).what, Outcome::What::kFailed);
  EXPECT_THAT(sent(), ElementsAre(apply(), get(), "PATCH " + patch_path(), apply()));
  EXPECT_EQ(run(wanted()).what, Outcome::What::kWaiting) << "what we removed is no news";
}

}  // namespace
}  // namespace runtime
