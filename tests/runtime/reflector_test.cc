#include "runtime/reflector.h"

#include <gmock/gmock.h>

#include "tests/runtime/model.h"

namespace runtime::test {
namespace {

using base::Reason;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using namespace std::chrono_literals;

using Steps = std::vector<std::string>;

// A reflector with the time, a model store behind it, and inputs in the words of the server.
class Rig {
 public:
  explicit Rig(ReflectorOptions options = {}, double random = 0.0)
      : random_(random), reflector_(options, random_) {}

  Steps feed(Input input) {
    Steps steps;
    for (const Effect& effect : reflector_.step(std::move(input), now_)) {
      steps.push_back(describe(effect, now_));
      store.take(effect);
      if (const auto* timer = std::get_if<SetTimer>(&effect)) timer_ = timer->at;
    }
    return steps;
  }
  void pass(base::Clock::duration time) { now_ += time; }
  // The timer that was set last fires.
  Steps timer() {
    now_ = timer_;
    return feed(Timer{});
  }

  // Brings it to the watch after initial events of these records.
  void sync_by_stream(const std::vector<object::RecordPtr>& records, std::uint64_t version) {
    feed(Start{});
    feed(WatchOpened{});
    for (const auto& one : records) feed(Event{EventType::kAdded, one});
    feed(Bookmark{version, true});
  }
  void sync_by_list(std::vector<object::RecordPtr> records, std::uint64_t version) {
    feed(Start{});
    feed(ListPage{std::move(records), version, ""});
    feed(WatchOpened{});
  }

  [[nodiscard]] const State& state() const { return reflector_.state(); }
  ModelStore store;

 private:
  FixedRandom random_;
  Reflector reflector_;
  base::Clock::time_point now_ = kStart;
  base::Clock::time_point timer_ = kStart;
};

ReflectorOptions by_list() {
  return {.watch_list = false};
}

base::Error retry_after(Reason reason, std::chrono::seconds wait) {
  auto made = error(reason);
  made.retry_after = wait;
  return made;
}

// ---- The whole state by a stream (R3)

TEST(Reflector, AsksForInitialEventsAsOfNow) {
  Rig rig;
  EXPECT_THAT(rig.feed(Start{}),
              ElementsAre("init", "watch now with initial events for 300s", "timer +90000ms"));
}

TEST(Reflector, PassesInitialEventsOnAsTheyComeAndKeepsTheStream) {
  Rig rig;
  rig.feed(Start{});
  EXPECT_THAT(rig.feed(WatchOpened{}), IsEmpty());
  EXPECT_THAT(rig.feed(Event{EventType::kAdded, record("a", 9)}), ElementsAre("init_apply a@9"));
  EXPECT_THAT(rig.feed(Event{EventType::kAdded, record("b", 3)}), ElementsAre("init_apply b@3"));
  EXPECT_EQ(rig.state().resource_version, 0u) << "initial events are in no order";
  EXPECT_THAT(rig.feed(Bookmark{10, true}), ElementsAre("init_done 10", "synced"));
  EXPECT_EQ(rig.state().phase, Phase::kWatching);
  EXPECT_EQ(rig.state().resource_version, 10u);
  EXPECT_THAT(rig.feed(Event{EventType::kModified, record("a", 11)}), ElementsAre("apply a@11"));
}

TEST(Reflector, TakesChangesAmongTheInitialEventsIntoTheState) {
  Rig rig;
  rig.feed(Start{});
  rig.feed(WatchOpened{});
  rig.feed(Event{EventType::kAdded, record("a", 3)});
  rig.feed(Event{EventType::kAdded, record("b", 4)});
  EXPECT_THAT(rig.feed(Event{EventType::kModified, record("a", 11)}),
              ElementsAre("init_apply a@11"));
  EXPECT_THAT(rig.feed(Event{EventType::kDeleted, record("b", 12)}), ElementsAre("delete b@12"));
  rig.feed(Bookmark{12, true});
  EXPECT_THAT(rig.store.content(), ElementsAre("a@11"));
}

TEST(Reflector, IgnoresOtherBookmarksAmongTheInitialEvents) {
  Rig rig;
  rig.feed(Start{});
  rig.feed(WatchOpened{});
  EXPECT_THAT(rig.feed(Bookmark{10, false}), IsEmpty());
  EXPECT_EQ(rig.state().resource_version, 0u);
  EXPECT_FALSE(rig.state().synced);
}

TEST(Reflector, ListsAtOnceWhenTheServerDoesNotStreamAndNeverAsksForAStreamAgain) {
  Rig rig;
  rig.feed(Start{});
  EXPECT_THAT(rig.feed(WatchFailed{error(Reason::kInvalid)}),
              ElementsAre("report relist unsupported", "list now limit 500"));
  rig.feed(ListPage{{}, 10, ""});
  rig.feed(WatchFailed{error(Reason::kGone)});
  EXPECT_THAT(rig.timer(), ElementsAre("list 10 limit 0"));
}

TEST(Reflector, ListsForThisAttemptWhenTheStreamFailsForAnUnknownReason) {
  Rig rig;
  rig.feed(Start{});
  EXPECT_THAT(rig.feed(WatchFailed{error(Reason::kInternal)}),
              ElementsAre("report relist unsupported", "list now limit 500"));
  rig.feed(ListPage{{}, 10, ""});
  rig.feed(WatchFailed{error(Reason::kGone)});
  EXPECT_THAT(rig.timer(), Contains("watch 10 with initial events for 300s"));
}

TEST(Reflector, ListsWhenAServerIgnoresTheWishForInitialEvents) {
  Rig rig;
  rig.feed(Start{});
  rig.feed(WatchOpened{});
  EXPECT_THAT(rig.timer(), ElementsAre("close", "report relist stalled", "list now limit 500"));
}

TEST(Reflector, StartsTheStateAnewWhenTheStreamEndsBeforeTheState) {
  Rig rig;
  rig.feed(Start{});
  rig.feed(WatchOpened{});
  rig.feed(Event{EventType::kAdded, record("a", 3)});
  EXPECT_THAT(rig.feed(WatchClosed{}), ElementsAre("report relist closed", "timer +800ms"));
  EXPECT_THAT(rig.timer(),
              ElementsAre("init", "watch now with initial events for 300s", "timer +90000ms"));
}

TEST(Reflector, BacksOffWhenInitialEventsMeetTooManyRequestsOrNoServer) {
  for (const Reason reason :
       {Reason::kTooManyRequests, Reason::kConnection, Reason::kForbidden, Reason::kUnauthorized}) {
    Rig rig;
    rig.feed(Start{});
    EXPECT_THAT(rig.feed(WatchFailed{error(reason)}),
                ElementsAre("report relist error", "timer +800ms"))
        << base::to_string(reason);
  }
}

// ---- The whole state by lists (R8, R9)

TEST(Reflector, ListsTheCurrentStateInPagesAndThenWatchesFromIt) {
  Rig rig(by_list());
  EXPECT_THAT(rig.feed(Start{}), ElementsAre("list now limit 500"));
  EXPECT_THAT(rig.feed(ListPage{{record("a", 1)}, 10, "C1"}),
              ElementsAre("init", "init_apply a@1", "list after C1 limit 500"));
  EXPECT_THAT(rig.feed(ListPage{{record("b", 2)}, 10, "C2"}),
              ElementsAre("init_apply b@2", "list after C2 limit 500"));
  EXPECT_THAT(rig.feed(ListPage{{record("c", 3)}, 10, ""}),
              ElementsAre("init_apply c@3", "init_done 10", "synced", "watch 10 for 300s",
                          "timer +90000ms"));
  EXPECT_THAT(rig.store.content(), ElementsAre("a@1", "b@2", "c@3"));
}

TEST(Reflector, TakesTheWholeListWhenTheContinueTokenExpires) {
  Rig rig(by_list());
  rig.feed(Start{});
  rig.feed(ListPage{{record("a", 1)}, 10, "C1"});
  EXPECT_THAT(rig.feed(ListFailed{error(Reason::kGone)}),
              ElementsAre("report relist expired", "list now limit 0"));
  EXPECT_THAT(rig.feed(ListPage{{record("b", 12)}, 12, ""}), Contains("init_done 12"));
  EXPECT_THAT(rig.store.content(), ElementsAre("b@12"))
      << "the pages before the expiry do not count";
}

TEST(Reflector, DoesNotPageAListThatTheWatchCacheCanServe) {
  Rig rig(by_list());
  rig.sync_by_list({}, 10);
  rig.feed(StreamError{error(Reason::kGone)});
  EXPECT_THAT(rig.timer(), ElementsAre("list 10 limit 0"));
}

TEST(Reflector, DeliversDeletesThatWereMissed) {
  Rig rig(by_list());
  rig.sync_by_list({record("a", 1), record("b", 2)}, 10);
  rig.feed(StreamError{error(Reason::kGone)});
  rig.timer();
  rig.feed(ListPage{{record("b", 12)}, 12, ""});
  EXPECT_THAT(rig.store.content(), ElementsAre("b@12"));
}

TEST(Reflector, BacksOffWhenAListFailsAndListsAgain) {
  Rig rig(by_list());
  rig.feed(Start{});
  EXPECT_THAT(rig.feed(ListFailed{error(Reason::kInternal)}),
              ElementsAre("report relist error", "timer +800ms"));
  EXPECT_THAT(rig.timer(), ElementsAre("list now limit 500"));
}

TEST(Reflector, TellsThatItIsSyncedOnce) {
  Rig rig(by_list());
  rig.sync_by_list({}, 10);
  rig.feed(StreamError{error(Reason::kGone)});
  rig.timer();
  EXPECT_THAT(rig.feed(ListPage{{}, 12, ""}), Not(Contains("synced")));
}

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

// ---- Rewinds and stale servers (F9, F11)

TEST(Reflector, ReplacesAllWhenAConsistentListIsOlderThanWhatItSaw) {
  Rig rig(by_list());
  rig.sync_by_list({record("a", 90), record("b", 95)}, 100);
  rig.feed(StreamError{error(Reason::kResourceVersionTooLarge)});
  rig.timer();
  EXPECT_THAT(rig.feed(ListPage{{record("a", 40)}, 50, ""}),
              ElementsAre("report relist rewound", "init rewound", "init_apply a@40",
                          "init_done 50", "watch 50 for 300s", "timer +90000ms"));
  EXPECT_THAT(rig.store.content(), ElementsAre("a@40"));
}

TEST(Reflector, DoesNotAcceptAnOlderListThanItAskedFor) {
  Rig rig(by_list());
  rig.sync_by_list({record("a", 90)}, 100);
  rig.feed(StreamError{error(Reason::kGone)});
  EXPECT_THAT(rig.timer(), ElementsAre("list 100 limit 0"));
  EXPECT_THAT(rig.feed(ListPage{{record("a", 40)}, 50, ""}),
              ElementsAre("report relist rewound", "list now limit 500"));
  EXPECT_THAT(rig.feed(ListPage{{record("a", 101)}, 110, ""}), Contains("init"))
      << "only a lagging server";
  EXPECT_THAT(rig.store.content(), ElementsAre("a@101"));
}

TEST(Reflector, SettlesARewoundStreamByAListThatSaysItsVersionFirst) {
  Rig rig;
  rig.sync_by_stream({record("a", 90)}, 100);
  rig.feed(StreamError{error(Reason::kResourceVersionTooLarge)});
  rig.timer();
  rig.feed(WatchOpened{});
  rig.feed(Event{EventType::kAdded, record("a", 40)});
  EXPECT_THAT(rig.feed(Bookmark{50, true}),
              ElementsAre("close", "report relist rewound", "list now limit 500"));
  EXPECT_THAT(rig.feed(ListPage{{record("a", 40)}, 50, ""}), Contains("init rewound"));
  EXPECT_THAT(rig.store.content(), ElementsAre("a@40"));
}

TEST(Reflector, RemembersARewindUntilAListHasReplacedAll) {
  Rig rig;
  rig.sync_by_stream({record("a", 90)}, 100);
  rig.feed(StreamError{error(Reason::kResourceVersionTooLarge)});
  rig.timer();
  rig.feed(WatchOpened{});
  rig.feed(Bookmark{50, true});
  rig.feed(ListFailed{error(Reason::kUnavailable)});
  EXPECT_THAT(rig.timer(), ElementsAre("list now limit 500"));
  EXPECT_THAT(rig.feed(ListPage{{record("a", 40)}, 120, ""}), Contains("init rewound"))
      << "the server's version has passed ours meanwhile";
  EXPECT_THAT(rig.store.content(), ElementsAre("a@40"));
}

TEST(Reflector, SeesARewindBehindAStateThatWasNotFinished) {
  Rig rig;
  rig.feed(Start{});
  rig.feed(WatchOpened{});
  rig.feed(Event{EventType::kAdded, record("a", 102)});
  rig.feed(WatchFailed{error(Reason::kConnection)});
  rig.timer();
  rig.feed(WatchOpened{});
  rig.feed(Event{EventType::kAdded, record("a", 50)});
  EXPECT_THAT(rig.feed(Bookmark{60, true}), Contains("list now limit 500"));
  EXPECT_THAT(rig.feed(ListPage{{record("a", 50)}, 60, ""}), Contains("init rewound"));
  EXPECT_THAT(rig.store.content(), ElementsAre("a@50"));
}

TEST(Reflector, ListsWhenABookmarkGoesBack) {
  Rig rig;
  rig.sync_by_stream({}, 100);
  EXPECT_THAT(rig.feed(Bookmark{50, false}),
              ElementsAre("close", "report relist rewound", "timer +800ms"));
  EXPECT_THAT(rig.timer(), Contains("watch now with initial events for 300s"));
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
