#include "runtime/write_memory.h"

#include <string>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "tests/runtime/model.h"

namespace runtime {
namespace {

using base::Reason;
using test::error;
using test::kStart;
using test::record;
using namespace std::chrono_literals;

constexpr object::Kind kKind{"example.org", "v1", "Thing", "things"};
const WriteId kId{.kind = &kKind, .key = {.ns = "ns", .name = "a"}, .verb = 0, .owner = {}};

class WriteMemoryTest : public ::testing::Test {
 protected:
  std::chrono::milliseconds fail(Reason reason, Cure cure) {
    return memory.failed(kId, "hash", live, error(reason), cure, now);
  }
  bool waits(const std::string& hash = "hash") {
    return memory.waiting(kId, hash, live, now).has_value();
  }
  // One repair of ".spec.x" at this time; true where it was given up instead.
  bool repair(const std::string& path = ".spec.x") {
    if (memory.fighting(kId, path, now)) {
      last_wait = memory.lost(kId, "hash", error(Reason::kConflict), now);
      return true;
    }
    memory.succeeded(kId, "hash", *live, /*complete=*/true, now);
    return false;
  }

  WriteMemory memory;
  object::RecordPtr live = record("a", 1);
  base::Clock::time_point now = kStart;
  std::chrono::milliseconds last_wait{0};
};

TEST_F(WriteMemoryTest, RemembersTheErrorAndTheTimeLeft) {
  EXPECT_FALSE(waits());
  EXPECT_EQ(fail(Reason::kInvalid, Cure::kChange), 1s);
  now += 300ms;
  const auto waiting = memory.waiting(kId, "hash", live, now);
  ASSERT_TRUE(waiting);
  EXPECT_EQ(waiting->error.reason, Reason::kInvalid);
  EXPECT_EQ(waiting->remaining, 700ms);
  now += 700ms;
  EXPECT_FALSE(waits());
}

// Behaviour, "Rules for writing" 6.
TEST_F(WriteMemoryTest, TriesWhatOnlyAChangeCuresAtMostFiveTimesInTenSeconds) {
  int tries = 0;
  while (now < kStart + 10s) {
    ++tries;
    now += fail(Reason::kInvalid, Cure::kChange);
  }
  EXPECT_LE(tries, 5);
  EXPECT_GE(tries, 3) << "and it does not give up";
}

TEST_F(WriteMemoryTest, SlowsDownToFiveMinutes) {
  std::chrono::milliseconds before{0};
  for (int i = 0; i < 40; ++i) {
    const auto wait = fail(Reason::kInvalid, Cure::kChange);
    EXPECT_GE(wait, before);
    EXPECT_LE(wait, 5min);
    before = wait;
    now += wait;
  }
  EXPECT_EQ(before, 5min);
}

TEST_F(WriteMemoryTest, TriesWhatTimeCuresMuchSooner) {
  EXPECT_EQ(fail(Reason::kUnavailable, Cure::kTime), 5ms);
  EXPECT_EQ(fail(Reason::kUnavailable, Cure::kTime), 10ms);
  EXPECT_EQ(fail(Reason::kUnavailable, Cure::kTime), 20ms);
}

TEST_F(WriteMemoryTest, WaitsAtLeastAsLongAsTheServerSays) {
  auto told = error(Reason::kTooManyRequests);
  told.retry_after = 7s;
  EXPECT_EQ(memory.failed(kId, "hash", live, told, Cure::kTime, now), 7s);
}

TEST_F(WriteMemoryTest, EndsAWaitForOtherContent) {
  fail(Reason::kInvalid, Cure::kChange);
  EXPECT_TRUE(waits());
  EXPECT_FALSE(waits("another hash"));
  EXPECT_EQ(memory.failed(kId, "another hash", live, error(Reason::kInvalid), Cure::kChange, now),
            1s)
      << "and begins anew";
}

TEST_F(WriteMemoryTest, EndsAWaitAtNewsOfTheObject) {
  fail(Reason::kInvalid, Cure::kChange);
  fail(Reason::kInvalid, Cure::kChange);
  live = record("a", 2);
  EXPECT_FALSE(waits());
  EXPECT_EQ(fail(Reason::kInvalid, Cure::kChange), 1s);
  live = nullptr;
  EXPECT_FALSE(waits()) << "its deletion is news, too";
}

class ChangedObject : public WriteMemoryTest {
 protected:
  ChangedObject() {
    object.generation = 1;
    object.resource_version = 1;
    object.body = R"({"ready":false})";
    remember();
    fail(Reason::kInvalid, Cure::kChange);
    object.resource_version = 2;
  }
  void remember() { live = std::make_shared<const object::Record>(object); }
  bool waits_still() {
    remember();
    return waits();
  }

  object::Record object;
};

// A rollout brings many of them in a second.
TEST_F(ChangedObject, WaitsStillWhereOnlyItsStatusIsAnother) {
  object.body = R"({"ready":true})";
  EXPECT_TRUE(waits_still());
  EXPECT_EQ(fail(Reason::kInvalid, Cure::kChange), 2s) << "and slows down";
}

TEST_F(ChangedObject, IsTriedAtOnceWhateverElseChanged) {
  EXPECT_FALSE(waits_still()) << "something that a record does not keep";
  object.body = R"({"ready":true})";
  const object::Record only_status = object;
  object.generation = 2;
  EXPECT_FALSE(waits_still()) << "its spec";
  object = only_status;
  object.adoptable = true;
  EXPECT_FALSE(waits_still()) << "it is handed over";
  object = only_status;
  object.labels = {{"parent", "capp"}};
  EXPECT_FALSE(waits_still()) << "its labels";
  object = only_status;
  object.owned = object::OwnedSetPool().read(boost::json::parse(R"({"f:spec":{}})")).value();
  EXPECT_FALSE(waits_still()) << "what is ours of it";
  object = only_status;
  object.uid = "another";
  EXPECT_FALSE(waits_still()) << "it was deleted and made anew";
}

TEST_F(ChangedObject, IsTriedAtOnceWhereItsKindCountsNoGenerations) {
  object.generation = 0;
  object.body = R"({"ready":true})";
  EXPECT_FALSE(waits_still());
}

TEST_F(WriteMemoryTest, KnowsAKindByItsValue) {
  fail(Reason::kInvalid, Cure::kChange);
  const object::Kind same = kKind;
  WriteId other = kId;
  other.kind = &same;
  EXPECT_TRUE(memory.waiting(other, "hash", live, now));
}

TEST_F(WriteMemoryTest, KeepsObjectsAndVerbsApart) {
  fail(Reason::kInvalid, Cure::kChange);
  WriteId other = kId;
  other.key.name = "b";
  EXPECT_FALSE(memory.waiting(other, "hash", live, now));
  other = kId;
  other.verb = 1;
  EXPECT_FALSE(memory.waiting(other, "hash", live, now));
}

TEST_F(WriteMemoryTest, ForgetsAFailureWithASuccess) {
  fail(Reason::kUnavailable, Cure::kTime);
  memory.succeeded(kId, "hash", *live, /*complete=*/true, now);
  EXPECT_FALSE(waits());
  EXPECT_EQ(memory.size(), 0U);
}

TEST_F(WriteMemoryTest, KnowsWhatAnApplyCannotDoBetter) {
  object::OwnedSetPool pool;
  auto after = std::make_shared<object::Record>(*live);
  after->owned = pool.read(boost::json::parse(R"({"f:spec": {}})")).value();
  EXPECT_FALSE(memory.settled(kId, "hash", *after));
  memory.succeeded(kId, "hash", *after, /*complete=*/false, now);
  EXPECT_TRUE(memory.settled(kId, "hash", *after));
  EXPECT_FALSE(memory.settled(kId, "another hash", *after));
  after->owned = pool.read(boost::json::parse(R"({"f:spec": {"f:x": {}}})")).value();
  EXPECT_FALSE(memory.settled(kId, "hash", *after)) << "somebody took or gave a field";
}

TEST_F(WriteMemoryTest, TakesTheSixthRepairInARowForAFight) {
  for (int repairs = 1; repairs <= 5; ++repairs) {
    EXPECT_FALSE(repair()) << repairs;
    now += 2s;
  }
  EXPECT_TRUE(repair());
}

TEST_F(WriteMemoryTest, ForgetsARepairThatHeld) {
  repair();
  EXPECT_EQ(memory.size(), 1U) << "the next one may be soon";
  now += 2001ms;
  memory.succeeded(kId, "another hash", *live, /*complete=*/true, now);
  EXPECT_EQ(memory.size(), 0U);
}

TEST_F(WriteMemoryTest, RemembersAFightWhateverElseIsWritten) {
  while (!repair()) now += 100ms;
  now += 1min;
  memory.succeeded(kId, "another hash", *live, /*complete=*/true, now);
  EXPECT_EQ(memory.size(), 1U);
}

TEST_F(WriteMemoryTest, GivesBackWhatAWaitIsFor) {
  live = nullptr;
  const auto terminating = record("a", 3);
  memory.failed(kId, "hash", live, error(Reason::kConflict), Cure::kChange, now, terminating);
  EXPECT_EQ(memory.waiting(kId, "hash", live, now)->found, terminating);
}

TEST_F(WriteMemoryTest, TakesSlowerEditsForDrift) {
  for (int i = 0; i < 50; ++i) {
    EXPECT_FALSE(repair());
    now += 2001ms;
  }
}

TEST_F(WriteMemoryTest, TakesEditsOfChangingPathsForDrift) {
  for (int i = 0; i < 50; ++i) {
    EXPECT_FALSE(repair(i % 2 == 0 ? ".spec.x" : ".spec.y"));
    now += 100ms;
  }
}

TEST_F(WriteMemoryTest, WaitsInAFightWhateverIsNewsOfTheObject) {
  while (!repair()) now += 100ms;
  EXPECT_EQ(last_wait, 1s);
  live = record("a", 2);
  EXPECT_TRUE(waits());
}

TEST_F(WriteMemoryTest, DoublesTheWaitOfAFightThatGoesOn) {
  while (!repair()) now += 100ms;
  for (const auto expected : {2s, 4s, 8s, 16s}) {
    now += last_wait;
    int repairs = 0;
    for (; !repair(); ++repairs) now += 100ms;
    EXPECT_EQ(repairs, 1) << "one try, not five";
    EXPECT_EQ(last_wait, expected);
  }
}

TEST_F(WriteMemoryTest, ForgetsAFightOnceARepairHolds) {
  while (!repair()) now += 100ms;
  now += 5s;
  EXPECT_FALSE(repair());
  now += 1min;
  for (int repairs = 1; repairs <= 5; ++repairs) EXPECT_FALSE(repair()) << repairs;
  EXPECT_TRUE(repair());
  EXPECT_EQ(last_wait, 1s);
}

// Behaviour, rule 8: while a definition goes, each apply is refused; that says nothing of the next.
TEST_F(WriteMemoryTest, ForgetsTheWritesOfAKindThatCame) {
  static constexpr object::Kind kOther{"example.org", "v1", "Other", "others"};
  WriteId other = kId;
  other.kind = &kOther;
  memory.failed(other, "hash", live, error(Reason::kForbidden), Cure::kChange, now);
  fail(Reason::kForbidden, Cure::kChange);
  const object::Kind came = kKind;
  memory.forget_kind(came);
  EXPECT_FALSE(waits());
  EXPECT_TRUE(memory.waiting(other, "hash", live, now));
}

TEST_F(WriteMemoryTest, ForgetsTheWritesOfAnOwnerThatIsGone) {
  WriteId owned = kId;
  owned.owner = {.ns = "ns", .name = "owner"};
  memory.failed(owned, "hash", live, error(Reason::kInvalid), Cure::kChange, now);
  fail(Reason::kInvalid, Cure::kChange);
  memory.forget_owner(owned.owner);
  EXPECT_FALSE(memory.waiting(owned, "hash", live, now));
  EXPECT_TRUE(waits());
}

}  // namespace
}  // namespace runtime
