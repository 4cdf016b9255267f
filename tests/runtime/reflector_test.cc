// Watching: resuming, backing off, stalls, missing kinds.

#include <gmock/gmock.h>

#include "tests/runtime/reflector_rig.h"

namespace runtime::test {
namespace {

using base::Reason;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;
using namespace std::chrono_literals;

// ---- Watching and resuming (R1, R2, R4)

TEST(Reflector, ResumesFromTheLastVersionWithoutAListWhenTheStreamEnds) {
  Rig rig;
  rig.sync_by_stream({}, 10);
  rig.feed(Event{EventType::kAdded, record("a", 20)});
  EXPECT_THAT(rig.feed(WatchClosed{}),
              ElementsAre("report rewatch closed", "watch 20 for 300s", "timer +90000ms"));
}

TEST(Reflector, ResumesAfterABrokenConnection) {
  Rig rig;
  rig.sync_by_stream({}, 10);
  EXPECT_THAT(rig.feed(WatchFailed{error(Reason::kConnection)}),
              ElementsAre("report rewatch error", "watch 10 for 300s", "timer +90000ms"));
}

TEST(Reflector, ResourceVersionFollowsEventsAndBookmarks) {
  Rig rig;
  rig.sync_by_stream({}, 10);
  rig.feed(Event{EventType::kModified, record("a", 20)});
  EXPECT_EQ(rig.state().resource_version, 20u);
  EXPECT_THAT(rig.feed(Bookmark{30, false}), IsEmpty()) << "a bookmark is not for the store";
  EXPECT_EQ(rig.state().resource_version, 30u);
  EXPECT_THAT(rig.feed(Event{EventType::kDeleted, record("a", 40)}), ElementsAre("delete a@40"));
  EXPECT_EQ(rig.state().resource_version, 40u);
}

TEST(Reflector, PassesEventsOutOfOrderOnAndResumesFromTheNewest) {
  Rig rig;
  rig.sync_by_stream({}, 10);
  rig.feed(Event{EventType::kModified, record("a", 13)});
  EXPECT_THAT(rig.feed(Event{EventType::kModified, record("b", 12)}), ElementsAre("apply b@12"));
  EXPECT_EQ(rig.state().resource_version, 13u);
}

TEST(Reflector, SpreadsTheTimeoutsOfWatches) {
  EXPECT_THAT(Rig({}, 0.0).feed(Start{}), Contains("watch now with initial events for 300s"));
  EXPECT_THAT(Rig({}, 0.5).feed(Start{}), Contains("watch now with initial events for 450s"));
  EXPECT_THAT(Rig({}, 0.999).feed(Start{}), Contains("watch now with initial events for 599s"));
}

// ---- 410 and "too large" (R5, R6)

TEST(Reflector, RelistsNotOlderThanItsLastVersionWhenAWatchSaysItExpired) {
  Rig rig(by_list());
  rig.feed(Start{});
  rig.feed(ListPage{{}, 10, ""});
  EXPECT_THAT(rig.feed(WatchFailed{error(Reason::kGone)}),
              ElementsAre("report relist expired", "timer +800ms"));
  EXPECT_THAT(rig.timer(), ElementsAre("list 10 limit 0"));
}

TEST(Reflector, RelistsNotOlderThanItsLastVersionWhenAStreamSaysItExpired) {
  Rig rig(by_list());
  rig.sync_by_list({}, 10);
  EXPECT_THAT(rig.feed(StreamError{error(Reason::kGone)}),
              ElementsAre("close", "report relist expired", "timer +800ms"));
  EXPECT_THAT(rig.timer(), ElementsAre("list 10 limit 0"));
}

TEST(Reflector, ListsTheCurrentStateWhenNotOlderThanExpiredToo) {
  for (const Reason reason : {Reason::kGone, Reason::kResourceVersionTooLarge}) {
    Rig rig(by_list());
    rig.sync_by_list({}, 10);
    rig.feed(StreamError{error(Reason::kGone)});
    rig.timer();
    EXPECT_THAT(rig.feed(ListFailed{error(reason)}), Contains("list now limit 500"))
        << base::to_string(reason);
    rig.feed(ListPage{{}, 12, ""});
    rig.feed(WatchFailed{error(Reason::kGone)});
    EXPECT_THAT(rig.timer(), ElementsAre("list 12 limit 0"))
        << "the next recovery begins with the first step again";
  }
}

TEST(Reflector, StreamsTheCurrentStateWhenNotOlderThanExpiredToo) {
  Rig rig;
  rig.sync_by_stream({}, 10);
  rig.feed(StreamError{error(Reason::kGone)});
  EXPECT_THAT(rig.timer(), Contains("watch 10 with initial events for 300s"));
  EXPECT_THAT(rig.feed(WatchFailed{error(Reason::kGone)}),
              ElementsAre("report relist expired", "init", "watch now with initial events for 300s",
                          "timer +90000ms"));
}

TEST(Reflector, BacksOffWhenTheCurrentStateIsRefusedAsTooLarge) {
  Rig rig(by_list());
  rig.feed(Start{});
  EXPECT_THAT(rig.feed(ListFailed{retry_after(Reason::kResourceVersionTooLarge, 1s)}),
              ElementsAre("report relist too_large_version", "timer +1000ms"));
}

TEST(Reflector, ForgetsAVersionThatAWatchSaysIsTooLarge) {
  Rig rig(by_list());
  rig.feed(Start{});
  rig.feed(ListPage{{}, 10, ""});
  rig.feed(WatchFailed{error(Reason::kResourceVersionTooLarge)});
  EXPECT_THAT(rig.timer(), ElementsAre("list now limit 500"));
}

// ---- Back-off (R7, F1, F6)

TEST(Reflector, DoesNotRelistOnTooManyRequests) {
  Rig rig(by_list());
  rig.sync_by_list({}, 10);
  rig.pass(2s);
  rig.feed(WatchClosed{});
  for (int i = 0; i < 4; ++i) {
    EXPECT_THAT(rig.feed(WatchFailed{error(Reason::kTooManyRequests)}),
                ElementsAre("report rewatch error", StartsWith("timer")));
    EXPECT_THAT(rig.timer(), Contains("watch 10 for 300s"));
  }
}

TEST(Reflector, DoesNotRelistOnTooManyRequestsInTheStream) {
  Rig rig;
  rig.sync_by_stream({}, 10);
  EXPECT_THAT(rig.feed(StreamError{error(Reason::kTooManyRequests)}),
              ElementsAre("close", "report rewatch error", "timer +800ms"));
  EXPECT_THAT(rig.timer(), Contains("watch 10 for 300s"));
}

TEST(Reflector, DoesNotRelistWhenTheServerIsDown) {
  Rig rig;
  rig.sync_by_stream({}, 10);
  rig.pass(2s);
  rig.feed(WatchFailed{error(Reason::kConnection)});
  Steps waits;
  for (int i = 0; i < 8; ++i) {
    waits.push_back(rig.feed(WatchFailed{error(Reason::kConnection)}).back());
    EXPECT_THAT(rig.timer(), ElementsAre("watch 10 for 300s", "timer +90000ms"));
  }
  EXPECT_THAT(waits,
              ElementsAre("timer +800ms", "timer +1600ms", "timer +3200ms", "timer +6400ms",
                          "timer +12800ms", "timer +25600ms", "timer +30000ms", "timer +30000ms"));
}

TEST(Reflector, HonoursRetryAfterWhereItIsLonger) {
  Rig rig;
  rig.sync_by_stream({}, 10);
  rig.feed(StreamError{error(Reason::kTooManyRequests)});
  rig.timer();
  EXPECT_THAT(rig.feed(WatchFailed{retry_after(Reason::kTooManyRequests, 7s)}),
              Contains("timer +7000ms"));
  rig.timer();
  EXPECT_THAT(rig.feed(WatchFailed{retry_after(Reason::kTooManyRequests, 0s)}),
              Contains("timer +3200ms"));
}

TEST(Reflector, ReportsAndWaitsWhileAWatchIsForbidden) {
  for (const Reason reason : {Reason::kForbidden, Reason::kUnauthorized}) {
    Rig rig;
    rig.sync_by_stream({}, 10);
    rig.feed(WatchClosed{});
    EXPECT_THAT(rig.feed(WatchFailed{error(reason)}),
                ElementsAre("report rewatch error", StartsWith("timer")));
    EXPECT_THAT(rig.timer(), Contains("watch 10 for 300s")) << base::to_string(reason);
  }
}

TEST(Reflector, BacksOffAfterAVeryShortWatch) {
  Rig rig;
  rig.sync_by_stream({}, 10);
  rig.pass(2s);
  rig.feed(WatchClosed{});
  rig.feed(WatchOpened{});
  rig.pass(999ms);
  EXPECT_THAT(rig.feed(WatchClosed{}),
              ElementsAre("report rewatch very_short_watch", "timer +800ms"));
  EXPECT_THAT(rig.timer(), Contains("watch 10 for 300s"));
}

TEST(Reflector, DoesNotBackOffAfterAShortWatchThatBroughtSomething) {
  Rig rig;
  rig.sync_by_stream({}, 10);
  rig.feed(WatchClosed{});
  rig.feed(WatchOpened{});
  rig.feed(Event{EventType::kAdded, record("a", 11)});
  EXPECT_THAT(rig.feed(WatchClosed{}), Contains("watch 11 for 300s"));
}

TEST(Reflector, ListsPastAnEventThatTheServerCannotSend) {
  Rig rig;
  rig.sync_by_stream({}, 10);
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(rig.feed(StreamError{error(Reason::kInternal)}), Contains("report rewatch error"));
    rig.timer();
    rig.feed(WatchOpened{});
  }
  EXPECT_THAT(rig.feed(StreamError{error(Reason::kInternal)}),
              Contains("report relist repeated_error"));
  EXPECT_THAT(rig.timer(), Contains("watch now with initial events for 300s"));
}

TEST(Reflector, AnEventBetweenStreamErrorsIsProgress) {
  Rig rig;
  rig.sync_by_stream({}, 10);
  for (std::uint64_t i = 0; i < 5; ++i) {
    rig.feed(Event{EventType::kModified, record("a", 11 + i)});
    EXPECT_THAT(rig.feed(StreamError{error(Reason::kInternal)}), Contains("report rewatch error"));
    rig.timer();
    rig.feed(WatchOpened{});
  }
}

// ---- Stalls (R10, F5)

TEST(Reflector, DoesNotTakeSilenceForAStallBeforeBookmarksWereSeen) {
  Rig rig;
  rig.sync_by_stream({}, 10);
  EXPECT_THAT(rig.timer(), ElementsAre("timer +215000ms")) << "the rest of timeoutSeconds and 5 s";
  rig.feed(Bookmark{11, false});
  EXPECT_THAT(rig.feed(Timer{}), ElementsAre("timer +215000ms"));
}

TEST(Reflector, WatchesAnewWhenBookmarksStop) {
  Rig rig;
  rig.sync_by_stream({}, 10);
  rig.pass(60s);
  rig.feed(Bookmark{11, false});
  rig.pass(60s);
  EXPECT_THAT(rig.feed(Bookmark{12, false}), ElementsAre("timer +90000ms"));
  EXPECT_THAT(rig.timer(), ElementsAre("close", "report rewatch stalled", "watch 12 for 300s",
                                       "timer +90000ms"));
}

TEST(Reflector, AnyByteShowsThatTheStreamLives) {
  Rig rig;
  rig.sync_by_stream({}, 10);
  rig.feed(Bookmark{11, false});
  rig.feed(Bookmark{12, false});
  rig.pass(80s);
  rig.feed(Bytes{});
  rig.pass(10s);
  EXPECT_THAT(rig.feed(Timer{}), ElementsAre("timer +80000ms"));
}

TEST(Reflector, DoesNotCarryTheBookmarksOfOneStreamOverToTheNext) {
  Rig rig;
  rig.sync_by_stream({}, 10);
  rig.feed(Bookmark{11, false});
  rig.feed(Bookmark{12, false});
  rig.feed(WatchClosed{});
  rig.feed(WatchOpened{});
  EXPECT_THAT(rig.timer(), ElementsAre("timer +215000ms"));
}

TEST(Reflector, ClosesAStreamThatOutlivesItsTimeout) {
  Rig rig;
  rig.sync_by_stream({}, 10);
  rig.timer();
  EXPECT_THAT(rig.timer(), ElementsAre("close", "report rewatch overdue", "watch 10 for 300s",
                                       "timer +90000ms"));
}

TEST(Reflector, BacksOffWhenAWatchIsNotAnswered) {
  Rig rig;
  rig.sync_by_stream({}, 10);
  rig.feed(WatchClosed{});
  EXPECT_THAT(rig.timer(), ElementsAre("close", "report rewatch stalled", "timer +800ms"));
  EXPECT_THAT(rig.timer(), ElementsAre("watch 10 for 300s", "timer +90000ms"));
}

// ---- Missing kinds

TEST(Reflector, AsksAgainForAKindThatIsNotServedYet) {
  Rig rig(by_list());
  rig.feed(Start{});
  EXPECT_THAT(rig.feed(ListFailed{error(Reason::kNotFound)}),
              ElementsAre("report relist not_found", "timer +250ms"));
  EXPECT_THAT(rig.timer(), ElementsAre("list now limit 500"));
  EXPECT_THAT(rig.feed(ListPage{{}, 10, ""}), Contains("synced"));
}

TEST(Reflector, TakesAKindForAbsentAfterTheGrace) {
  Rig rig;
  rig.feed(Start{});
  int asked = 1;
  while (rig.feed(WatchFailed{error(Reason::kNotFound)}) != Steps{"absent"}) {
    rig.timer();
    ASSERT_LT(++asked, 100);
  }
  EXPECT_EQ(asked, 41) << "10 s in steps of 250 ms";
  EXPECT_EQ(rig.state().phase, Phase::kAbsent);
  EXPECT_THAT(rig.feed(Timer{}), IsEmpty());
}

TEST(Reflector, StartsAgainWhenTheKindComesBack) {
  Rig rig({.not_found_grace = 0ms});
  rig.sync_by_stream({record("a", 3)}, 10);
  rig.feed(WatchClosed{});
  ASSERT_THAT(rig.feed(WatchFailed{error(Reason::kNotFound)}), ElementsAre("absent"));
  EXPECT_THAT(rig.feed(Start{}), Contains("watch now with initial events for 300s"));
}

TEST(Reflector, CountsTheGraceFromTheFirstOfSuccessiveRefusals) {
  Rig rig(by_list());
  rig.sync_by_list({}, 10);
  rig.feed(WatchClosed{});
  rig.timer();
  rig.feed(WatchFailed{error(Reason::kNotFound)});
  rig.pass(9s);
  rig.feed(Timer{});
  rig.feed(ListPage{{}, 10, ""});
  rig.pass(9s);
  EXPECT_THAT(rig.feed(WatchFailed{error(Reason::kNotFound)}), Contains("timer +250ms"));
}

// ---- Life

TEST(Reflector, DropsItsStreamWhenItIsStopped) {
  Rig rig;
  rig.sync_by_stream({}, 10);
  EXPECT_THAT(rig.feed(Stop{}), ElementsAre("close"));
  EXPECT_THAT(rig.feed(Event{EventType::kAdded, record("a", 11)}), IsEmpty());
  EXPECT_THAT(rig.feed(WatchClosed{}), IsEmpty());
  EXPECT_THAT(rig.feed(Start{}), IsEmpty());
}

TEST(Reflector, NeitherListsNorWatchesWhenStoppedBeforeItStarts) {
  Rig rig;
  EXPECT_THAT(rig.feed(Stop{}), IsEmpty());
  EXPECT_THAT(rig.feed(Start{}), IsEmpty());
}

TEST(Reflector, IgnoresWhatDoesNotFitItsPhase) {
  Rig rig(by_list());
  EXPECT_THAT(rig.feed(ListPage{{record("a", 1)}, 10, ""}), IsEmpty());
  rig.feed(Start{});
  EXPECT_THAT(rig.feed(Start{}), IsEmpty());
  EXPECT_THAT(rig.feed(WatchClosed{}), IsEmpty());
  EXPECT_THAT(rig.feed(Event{EventType::kAdded, record("a", 1)}), IsEmpty());
  EXPECT_THAT(rig.feed(Bookmark{9, true}), IsEmpty());
  EXPECT_EQ(rig.state().phase, Phase::kListing);
}

TEST(Reflector, SetsATimerAgainThatFiresEarly) {
  Rig rig(by_list());
  rig.feed(Start{});
  rig.feed(ListFailed{error(Reason::kInternal)});
  rig.pass(300ms);
  EXPECT_THAT(rig.feed(Timer{}), ElementsAre("timer +500ms"));
}

}  // namespace
}  // namespace runtime::test
