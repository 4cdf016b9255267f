// The whole state: by a stream, by lists, from a stale or restored server.

#include <gmock/gmock.h>

#include "tests/runtime/reflector_rig.h"

namespace runtime::test {
namespace {

using base::Reason;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using namespace std::chrono_literals;

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

}  // namespace
}  // namespace runtime::test
