// One process's part in an election, with a clock that stands still: what it asks of the API server
// and when it leads. The cases of client-go's leaderelection tests are among them.

#include "runtime/election.h"

#include <gmock/gmock.h>

namespace runtime {
namespace {

using base::Reason;
using namespace std::chrono_literals;

class NoJitter final : public base::RandomSource {
 public:
  double uniform() override { return 0; }
};

const LeaseSpec kReleased{.holder = {}, .duration = 1s, .acquired = {}, .renewed = {}};

LeaseSpec held_by(std::string holder) {
  return {.holder = std::move(holder),
          .duration = 15s,
          .acquired = "2026-11-23T10:00:00.000000Z",
          .renewed = "2026-11-23T10:00:00.000000Z",
          .transitions = 3};
}

base::Error answered(int code, Reason reason) {
  return {.reason = reason, .message = "refused", .http_code = code};
}
const base::Error kConflict = answered(409, Reason::kConflict);
const base::Error kNoAnswer{.reason = Reason::kTimeout, .message = "no answer"};

class ElectionTest : public testing::Test {
 protected:
  using Effects = Election::Effects;

  Effects step(Election::Input input) {
    return effects = election.step(
               std::move(input),
               {.at = now, .wall = base::WallClock::time_point(now.time_since_epoch() + 500'000h)});
  }
  Effects read(std::uint64_t version, LeaseSpec spec) {
    return step(Election::Read{.lease = Lease{.version = version, .spec = std::move(spec)}});
  }
  Effects read_nothing() { return step(Election::Read{.lease = std::optional<Lease>()}); }
  Effects written(std::uint64_t version) {
    return step(Election::Written{.lease = Lease{.version = version, .spec = put().spec}});
  }
  Effects refused(const base::Error& error) {
    return step(Election::Written{.lease = std::unexpected(error)});
  }
  Effects seen(std::uint64_t version, LeaseSpec spec) {
    return step(Election::Seen{.lease = {.version = version, .spec = std::move(spec)}});
  }
  // The timer comes.
  Effects timer() {
    now = std::max(now, wake());
    return step(Election::Timer{});
  }

  template <class Effect>
  const Effect* find() const {
    for (const auto& effect : effects) {
      if (const auto* found = std::get_if<Effect>(&effect)) return found;
    }
    return nullptr;
  }
  template <class Effect>
  bool has() const {
    return find<Effect>() != nullptr;
  }
  // Of the last step that had one.
  Election::Put put() {
    if (const auto* found = find<Election::Put>()) last_put = *found;
    return last_put;
  }
  Election::TimePoint wake() const {
    const auto* timer = find<Election::SetTimer>();
    if (timer == nullptr) throw std::logic_error("no timer was set");
    return timer->at;
  }

  // Becomes the leader by a new Lease of version 1.
  void lead() {
    step(Election::Start{});
    read_nothing();
    put();
    written(1);
    ASSERT_TRUE(has<Election::Lead>());
  }
  // A candidate that has seen another holder.
  void stand_by(LeaseSpec spec = held_by("other")) {
    step(Election::Start{});
    read(5, std::move(spec));
  }

  NoJitter random;
  Election::TimePoint now{1000s};
  Election election{"me", {}, random};
  Effects effects;
  Election::Put last_put;
};

// ---- Acquiring.

TEST_F(ElectionTest, CreatesALeaseThatIsNotThere) {
  step(Election::Start{});
  EXPECT_TRUE(has<Election::Get>());
  read_nothing();
  EXPECT_EQ(put().version, std::nullopt);
  EXPECT_EQ(put().spec.holder, "me");
  EXPECT_EQ(put().spec.duration, 15s);
  EXPECT_EQ(put().spec.acquired, put().spec.renewed);
  EXPECT_EQ(put().spec.transitions, 0);
  written(1);
  EXPECT_EQ(find<Election::Lead>()->until, now + 10s);
  EXPECT_EQ(wake(), now + 2s);
}

TEST_F(ElectionTest, TakesALeaseThatNobodyEverHeld) {
  stand_by({});
  EXPECT_EQ(put().version, 5U);
  EXPECT_EQ(put().spec.holder, "me");
}

TEST_F(ElectionTest, TakesAReleasedLeaseAtOnceAndCountsTheTransition) {
  auto released = held_by("");
  released.duration = 1s;
  stand_by(released);
  EXPECT_EQ(put().version, 5U);
  EXPECT_EQ(put().spec.transitions, 4);
}

TEST_F(ElectionTest, DoesNotTakeALeaseThatIsHeld) {
  stand_by();
  EXPECT_FALSE(has<Election::Put>());
}

TEST_F(ElectionTest, TakesALeaseThatDidNotChangeForItsDuration) {
  stand_by();
  const auto first_seen = now;
  while (now < first_seen + 15s) {
    ASSERT_FALSE(has<Election::Put>());
    timer();
    read(5, held_by("other"));
  }
  EXPECT_EQ(now, first_seen + 15s);
  EXPECT_EQ(put().version, 5U);
  EXPECT_EQ(put().spec.transitions, 4);
}

TEST_F(ElectionTest, CountsFromItsOwnClockNotFromRenewTime) {
  auto old = held_by("other");
  old.renewed = "1990-01-01T00:00:00.000000Z";
  stand_by(old);
  EXPECT_FALSE(has<Election::Put>());
  auto future = held_by("other");
  future.renewed = "2090-01-01T00:00:00.000000Z";
  timer();
  read(6, future);
  now += 15s;
  step(Election::Timer{});
  read(6, future);
  EXPECT_TRUE(has<Election::Put>());
}

TEST_F(ElectionTest, WaitsAnewAfterEachRenewalOfTheHolder) {
  stand_by();
  for (std::uint64_t i = 0; i < 20; ++i) {
    timer();
    auto renewed = held_by("other");
    renewed.renewed = std::to_string(i);
    read(6 + i, renewed);
    ASSERT_FALSE(has<Election::Put>());
  }
}

TEST_F(ElectionTest, IsNotHeldUpByEditsThatDoNotConcernTheLease) {
  stand_by();
  now += 14s;
  step(Election::Timer{});
  read(6, held_by("other"));  // somebody set a label
  now += 1s;
  step(Election::Timer{});
  read(7, held_by("other"));
  EXPECT_EQ(put().version, 7U);
}

TEST_F(ElectionTest, WaitsAsLongAsTheHolderMayWrite) {
  auto longer = held_by("other");
  longer.duration = 60s;
  stand_by(longer);
  now += 59s;
  step(Election::Timer{});
  read(5, longer);
  EXPECT_FALSE(has<Election::Put>());
  // A shorter duration does not stop a holder sooner.
  auto shorter = held_by("other");
  shorter.duration = 1s;
  timer();
  read(6, shorter);
  now += 14s;
  step(Election::Timer{});
  read(6, shorter);
  EXPECT_FALSE(has<Election::Put>());
}

TEST_F(ElectionTest, DoesNotWaitForYearsForADeadHolder) {
  auto mistyped = held_by("other");
  mistyped.duration = 2147483647s;
  stand_by(mistyped);
  seen(5, mistyped);
  EXPECT_EQ(wake(), now + 150s);
  timer();
  read(5, mistyped);
  EXPECT_TRUE(has<Election::Put>());
}

TEST_F(ElectionTest, OfTwoCandidatesTheOneThatIsRefusedWaits) {
  stand_by(kReleased);
  ASSERT_TRUE(has<Election::Put>());
  refused(kConflict);
  EXPECT_FALSE(has<Election::Lead>());
  EXPECT_EQ(wake(), now + 2s);
  timer();
  read(6, held_by("other"));
  EXPECT_FALSE(has<Election::Put>());
}

TEST_F(ElectionTest, TriesAgainAfterAnErrorUntilItIsToldToStop) {
  step(Election::Start{});
  for (int i = 0; i < 10; ++i) {
    step(Election::Read{.lease = std::unexpected(answered(403, Reason::kForbidden))});
    EXPECT_EQ(wake(), now + 2s);
    timer();
    ASSERT_TRUE(has<Election::Get>());
  }
}

// ---- The watch.

TEST_F(ElectionTest, PollsUntilTheWatchSpeaks) {
  stand_by();
  EXPECT_EQ(wake(), now + 2s);
  seen(5, held_by("other"));
  EXPECT_EQ(wake(), now + 15s);
}

TEST_F(ElectionTest, TakesALeaseAsSoonAsTheWatchSaysThatItIsReleased) {
  stand_by();
  seen(5, held_by("other"));
  now += 1s;
  seen(6, kReleased);
  ASSERT_TRUE(has<Election::Get>());
  read(6, kReleased);
  EXPECT_EQ(put().version, 6U);
}

TEST_F(ElectionTest, PollsAgainWhenTheWatchHasMissedAChange) {
  stand_by();
  seen(5, held_by("other"));
  timer();
  auto renewed = held_by("other");
  renewed.renewed = "later";
  read(9, renewed);
  EXPECT_EQ(wake(), now + 2s);
  seen(9, renewed);
  EXPECT_EQ(wake(), now + 15s);
}

TEST_F(ElectionTest, IgnoresOldNewsOfTheWatch) {
  lead();
  seen(0, held_by("other"));
  EXPECT_TRUE(effects.empty());
}

TEST_F(ElectionTest, LooksAtOnceWhenTheWatchTellsALeaderOfAnotherHolder) {
  lead();
  seen(2, held_by("other"));
  ASSERT_TRUE(has<Election::Get>());
  read(2, held_by("other"));
  EXPECT_TRUE(has<Election::StepDown>());
  EXPECT_EQ(find<Election::End>()->lost->reason, Reason::kNotLeader);
}

// ---- Renewing.

TEST_F(ElectionTest, RenewsWithTheRememberedVersionAndNothingElse) {
  lead();
  const auto first = put().spec;
  timer();
  EXPECT_FALSE(has<Election::Get>());
  EXPECT_EQ(put().version, 1U);
  EXPECT_EQ(put().spec.acquired, first.acquired);
  EXPECT_NE(put().spec.renewed, first.renewed);
  EXPECT_EQ(put().spec.transitions, 0);
  written(2);
  EXPECT_EQ(find<Election::Lead>()->until, now + 10s);
}

TEST_F(ElectionTest, CountsTheDeadlineFromBeforeTheRenewalWasSent) {
  lead();
  timer();
  const auto sent = now;
  now += 3s;
  written(2);
  EXPECT_EQ(find<Election::Lead>()->until, sent + 10s);
  EXPECT_EQ(wake(), now) << "the next renewal is due";
}

TEST_F(ElectionTest, LooksAfterAConflictAndGoesOnIfTheTermIsItsOwn) {
  lead();
  auto labelled = put().spec;
  timer();
  refused(kConflict);
  ASSERT_TRUE(has<Election::Get>());
  read(7, labelled);
  EXPECT_TRUE(has<Election::SlowPath>());
  EXPECT_EQ(put().version, 7U);
  written(8);
  EXPECT_TRUE(has<Election::Lead>());
}

TEST_F(ElectionTest, LooksOnceARenewal) {
  lead();
  const auto own = put().spec;
  timer();
  const auto began = now;
  refused(kConflict);
  read(7, own);
  refused(kConflict);
  EXPECT_FALSE(has<Election::Get>());
  EXPECT_EQ(wake(), began + 2s);
}

TEST_F(ElectionTest, StepsDownWhenAnotherHolds) {
  lead();
  timer();
  refused(kConflict);
  read(7, held_by("other"));
  EXPECT_TRUE(has<Election::StepDown>());
  EXPECT_THAT(find<Election::End>()->lost->message, testing::HasSubstr("held by other"));
  EXPECT_TRUE(step(Election::Timer{}).empty()) << "it is over";
}

TEST_F(ElectionTest, StepsDownWhenSomebodyClearsTheHolder) {
  lead();
  auto cleared = put().spec;
  cleared.holder.clear();
  timer();
  refused(kConflict);
  read(7, cleared);
  EXPECT_TRUE(has<Election::StepDown>());
}

TEST_F(ElectionTest, StepsDownAtTheDeadlineWithoutAnAnswer) {
  lead();
  const auto began = now;
  while (!has<Election::StepDown>()) {
    ASSERT_LE(now, began + 10s);
    timer();
    if (!has<Election::Put>()) continue;
    ASSERT_LE(now + find<Election::Put>()->timeout, began + 10s);
    refused({.reason = Reason::kConnection, .message = "refused"});
  }
  EXPECT_EQ(now, began + 10s);
}

TEST_F(ElectionTest, RetriesAtOnceWhereARequestTookThePause) {
  lead();
  timer();
  now += put().timeout;
  refused(kNoAnswer);
  EXPECT_EQ(wake(), now);
}

TEST_F(ElectionTest, StepsDownWhenItWakesUpTooLate) {
  lead();
  timer();
  now += 20s;
  written(2);
  EXPECT_TRUE(has<Election::StepDown>());
  EXPECT_FALSE(has<Election::Lead>());
}

TEST_F(ElectionTest, DoesNotBeginToLeadByAnAnswerThatCameTooLate) {
  step(Election::Start{});
  read_nothing();
  put();
  now += 12s;
  written(1);
  EXPECT_FALSE(has<Election::Lead>());
  EXPECT_EQ(put().version, 1U) << "it renews its term";
  written(2);
  EXPECT_EQ(find<Election::Lead>()->until, now + 10s);
}

// ---- Answers that are lost, terms that are not ours.

TEST_F(ElectionTest, FindsThatALostAcquisitionWasCarriedOut) {
  stand_by(kReleased);
  const auto own = put().spec;
  refused(kNoAnswer);
  timer();
  read(6, own);
  EXPECT_EQ(put().version, 6U);
  EXPECT_EQ(put().spec.acquired, own.acquired);
  EXPECT_EQ(put().spec.transitions, own.transitions);
  written(7);
  EXPECT_TRUE(has<Election::Lead>());
}

TEST_F(ElectionTest, FindsThatALostRenewalWasCarriedOut) {
  lead();
  timer();
  const auto renewed = put().spec;
  refused(kNoAnswer);
  EXPECT_FALSE(has<Election::Lead>()) << "nobody has told it so";
  timer();
  EXPECT_EQ(put().version, 1U);
  refused(kConflict);
  read(2, renewed);
  written(3);
  EXPECT_TRUE(has<Election::Lead>());
}

TEST_F(ElectionTest, DoesNotShareATermWithAProcessOfTheSameIdentity) {
  stand_by(held_by("me"));
  EXPECT_FALSE(has<Election::Put>());
}

TEST_F(ElectionTest, StepsDownForAProcessOfTheSameIdentity) {
  lead();
  timer();
  refused(kConflict);
  read(7, held_by("me"));
  EXPECT_TRUE(has<Election::StepDown>());
}

TEST_F(ElectionTest, DoesNotTakeForItsOwnATermThatItWasRefused) {
  stand_by(kReleased);
  const auto twin = put().spec;  // at the same microsecond, by the same name
  refused(kConflict);
  timer();
  read(6, twin);
  EXPECT_FALSE(has<Election::Put>());
}

TEST_F(ElectionTest, MakesItsLeaseAnewWhenItWasDeleted) {
  lead();
  const auto own = put().spec;
  timer();
  refused(answered(404, Reason::kNotFound));
  read_nothing();
  EXPECT_EQ(put().version, std::nullopt);
  EXPECT_EQ(put().spec.acquired, own.acquired);
  written(9);
  EXPECT_TRUE(has<Election::Lead>());
}

TEST_F(ElectionTest, WaitsForTheHolderOfALeaseThatWasDeleted) {
  stand_by();
  seen(5, held_by("other"));
  now += 14s;
  step(Election::Seen{.lease = {.version = 6, .spec = held_by("other")}, .deleted = true});
  // It may have been renewed until a moment ago.
  EXPECT_EQ(wake(), now + 15s);
  timer();
  read_nothing();
  EXPECT_EQ(put().version, std::nullopt);
}

TEST_F(ElectionTest, WaitsForAHolderWhoWasClearedByHand) {
  stand_by();
  now += 3s;
  auto cleared = held_by("");
  seen(6, cleared);
  EXPECT_EQ(wake(), now + 15s);
  timer();
  read(6, cleared);
  EXPECT_EQ(put().version, 6U);
}

// ---- Resigning.

TEST_F(ElectionTest, StepsDownBeforeItReleases) {
  lead();
  step(Election::Resign{.give_up = now + 1s});
  ASSERT_EQ(effects.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<Election::StepDown>(effects[0]));
  EXPECT_EQ(put().version, 1U);
  EXPECT_EQ(put().spec.holder, "");
  EXPECT_EQ(put().spec.duration, 1s);
  EXPECT_EQ(put().spec.transitions, 0);
  EXPECT_LE(put().timeout, 1s);
  written(2);
  ASSERT_TRUE(has<Election::End>());
  EXPECT_FALSE(find<Election::End>()->lost);
}

TEST_F(ElectionTest, ReleasesAfterAConflict) {
  lead();
  const auto own = put().spec;
  step(Election::Resign{.give_up = now + 1s});
  refused(kConflict);
  ASSERT_TRUE(has<Election::Get>());
  read(4, own);
  EXPECT_EQ(put().version, 4U);
  EXPECT_EQ(put().spec.holder, "");
}

TEST_F(ElectionTest, DoesNotReleaseWhatAnotherHolds) {
  lead();
  step(Election::Resign{.give_up = now + 1s});
  refused(kConflict);
  read(4, held_by("other"));
  EXPECT_FALSE(has<Election::Put>());
  EXPECT_TRUE(has<Election::End>());
}

TEST_F(ElectionTest, ReleasesNothingWhereTheLeaseIsGone) {
  lead();
  step(Election::Resign{.give_up = now + 1s});
  refused(answered(404, Reason::kNotFound));
  read_nothing();
  EXPECT_FALSE(has<Election::Put>());
  EXPECT_TRUE(has<Election::End>());
}

TEST_F(ElectionTest, ReleasesAfterTheRenewalThatIsUnderWay) {
  lead();
  timer();
  put();
  step(Election::Resign{.give_up = now + 1s});
  EXPECT_FALSE(has<Election::Put>());
  written(2);
  EXPECT_FALSE(has<Election::Lead>());
  EXPECT_EQ(put().version, 2U);
  EXPECT_EQ(put().spec.holder, "");
}

TEST_F(ElectionTest, ReleasesWhatALostAnswerMayHaveGivenIt) {
  stand_by(kReleased);
  const auto own = put().spec;
  refused(kNoAnswer);
  step(Election::Resign{.give_up = now + 1s});
  ASSERT_TRUE(has<Election::Get>());
  read(6, own);
  EXPECT_EQ(put().spec.holder, "");
}

TEST_F(ElectionTest, StopsAtOnceWhereItDoesNotLead) {
  stand_by();
  step(Election::Resign{.give_up = now + 1s});
  EXPECT_FALSE(has<Election::Put>());
  EXPECT_TRUE(has<Election::End>());
}

TEST_F(ElectionTest, GivesUpReleasingInTime) {
  lead();
  step(Election::Resign{.give_up = now + 1s});
  refused(answered(503, Reason::kUnavailable));
  EXPECT_EQ(wake(), now + 1s);
  timer();
  EXPECT_TRUE(has<Election::End>());
}

}  // namespace
}  // namespace runtime
