#include "runtime/queue.h"

#include <gmock/gmock.h>

#include "tests/runtime/model.h"

namespace runtime::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using namespace std::chrono_literals;

// Counts as the metrics do.
struct Tally final : QueueObserver {
  void added() override { ++adds; }
  void depth_changed(int priority, std::size_t size) override {
    if (size > 0) {
      depth[priority] = size;
    } else {
      depth.erase(priority);
    }
  }
  void retried() override { ++retries; }
  void started(base::Clock::duration queued) override { queued_for.push_back(queued); }
  void finished(base::Clock::duration worked) override { worked_for.push_back(worked); }

  int adds = 0;
  int retries = 0;
  std::map<int, std::size_t> depth;
  std::vector<base::Clock::duration> queued_for;
  std::vector<base::Clock::duration> worked_for;
};

class WorkQueue : public testing::Test {
 protected:
  static object::Key key(const std::string& name) { return {.ns = "ns", .name = name}; }
  void add(const std::string& name, AddOptions options = {}) { queue.add(key(name), options, now); }
  void fail(const std::string& name, int priority = 0) {
    queue.add_rate_limited(key(name), priority, now);
  }
  void done(const std::string& name) { queue.done(key(name), now); }
  // "name:priority" of the key that is handed out, "-" for none.
  std::string get() {
    const auto item = queue.get(now);
    return item ? item->key.name + ":" + std::to_string(item->priority) : "-";
  }
  std::size_t size() { return queue.size(now); }

  base::Clock::time_point now = kStart;
  Tally tally;
  QueueState queue{{}, &tally};
};

// ---- One key, one worker (R21)

TEST_F(WorkQueue, HandsOutWhatWasAdded) {
  add("foo");
  EXPECT_EQ(get(), "foo:0");
  EXPECT_EQ(get(), "-");
  EXPECT_EQ(tally.adds, 1);
  EXPECT_THAT(tally.depth, IsEmpty());
}

TEST_F(WorkQueue, HandsOutInTheOrderOfAdding) {
  add("foo");
  add("bar");
  EXPECT_EQ(get(), "foo:0");
  EXPECT_EQ(get(), "bar:0");
}

TEST_F(WorkQueue, HasAKeyOnce) {
  add("foo");
  add("foo");
  EXPECT_EQ(size(), 1u);
  EXPECT_EQ(tally.adds, 1);
  EXPECT_THAT(tally.depth, ElementsAre(Pair(0, 1)));
}

TEST_F(WorkQueue, DoesNotHandOutAKeyThatIsInWork) {
  add("foo");
  get();
  add("foo");
  add("bar");
  EXPECT_EQ(get(), "bar:0");
  EXPECT_EQ(get(), "-");
}

TEST_F(WorkQueue, HandsOutAKeyAgainThatWasAddedWhileInWork) {
  add("foo");
  get();
  add("foo");
  EXPECT_EQ(size(), 0u) << "it is in work, not ready";
  done("foo");
  EXPECT_EQ(size(), 1u);
  EXPECT_EQ(get(), "foo:0");
  done("foo");
  EXPECT_EQ(get(), "-") << "once is enough";
  EXPECT_EQ(tally.adds, 2);
}

TEST_F(WorkQueue, AKeyAddedOftenWhileInWorkComesOnceMore) {
  add("foo");
  get();
  for (int i = 0; i < 5; ++i) add("foo");
  done("foo");
  EXPECT_EQ(get(), "foo:0");
  done("foo");
  EXPECT_EQ(get(), "-");
}

TEST_F(WorkQueue, AKeyIsAddedAnewAfterItWasDone) {
  add("foo");
  get();
  done("foo");
  add("foo");
  EXPECT_EQ(get(), "foo:0");
}

TEST_F(WorkQueue, DoneOfAKeyThatIsNotInWorkDoesNothing) {
  add("foo");
  done("foo");
  done("bar");
  EXPECT_EQ(get(), "foo:0");
}

TEST_F(WorkQueue, ADelayEndsWhileTheKeyIsInWork) {
  add("foo");
  get();
  add("foo", {.after = 1s});
  now += 2s;
  EXPECT_EQ(get(), "-");
  done("foo");
  EXPECT_EQ(get(), "foo:0");
}

TEST_F(WorkQueue, ADelayLastsLongerThanTheWork) {
  add("foo");
  get();
  add("foo", {.after = 1s});
  done("foo");
  EXPECT_EQ(get(), "-");
  now += 1s;
  EXPECT_EQ(get(), "foo:0");
}

TEST_F(WorkQueue, AKeyInWorkThatIsAddedTwiceTakesTheEarlierTimeAndTheHigherPriority) {
  add("foo");
  get();
  add("foo", {.priority = 5, .after = 1h});
  add("foo", {.priority = 1, .after = 1s});
  done("foo");
  now += 1s;
  EXPECT_EQ(get(), "foo:5");
}

// ---- Priorities (R23)

TEST_F(WorkQueue, SaysWhetherKeysOfAtLeastThisPriorityWaitBehind) {
  add("first");
  add("second");
  add("later", {.priority = kLowPriority});
  EXPECT_TRUE(queue.get(now)->others_wait);
  EXPECT_FALSE(queue.get(now)->others_wait) << "only a lower one";
}

TEST_F(WorkQueue, HigherPriorityFirst) {
  add("low", {.priority = kLowPriority});
  add("live");
  add("urgent", {.priority = 1});
  EXPECT_EQ(get(), "urgent:1");
  EXPECT_EQ(get(), "live:0");
  EXPECT_EQ(get(), "low:-100");
}

TEST_F(WorkQueue, RetainsTheHighestPriority) {
  add("foo", {.priority = 1});
  add("foo", {.priority = 2});
  EXPECT_THAT(tally.depth, ElementsAre(Pair(2, 1)));
  EXPECT_EQ(get(), "foo:2");
  EXPECT_EQ(size(), 0u);
  EXPECT_EQ(tally.adds, 1);
}

TEST_F(WorkQueue, DoesNotDecreaseThePriority) {
  add("foo", {.priority = 2});
  add("foo", {.priority = 1});
  EXPECT_EQ(get(), "foo:2");
}

TEST_F(WorkQueue, OvertakesWhenThePriorityIncreases) {
  add("foo");
  add("bar");
  add("baz");
  add("baz", {.priority = 1});
  EXPECT_EQ(get(), "baz:1");
  EXPECT_THAT(tally.depth, ElementsAre(Pair(0, 2)));
  EXPECT_EQ(tally.adds, 3);
}

TEST_F(WorkQueue, QueuesBehindThoseThatHadThePriorityBefore) {
  add("foo");
  add("bar", {.priority = 1});
  add("foo", {.priority = 1});
  EXPECT_EQ(get(), "bar:1");
  EXPECT_EQ(get(), "foo:1");
}

TEST_F(WorkQueue, AReaddedKeyKeepsItsPlace) {
  add("foo");
  add("bar");
  add("foo");
  EXPECT_EQ(get(), "foo:0");
}

TEST_F(WorkQueue, AKeyForgetsItsPriorityWhenItIsHandedOut) {
  add("foo", {.priority = 7});
  get();
  add("foo", {.priority = kLowPriority});
  done("foo");
  EXPECT_EQ(get(), "foo:-100");
}

TEST_F(WorkQueue, ALiveEditOvertakesTenThousandOfTheInitialList) {
  for (int i = 0; i < 10'000; ++i) add("initial-" + std::to_string(i), {.priority = kLowPriority});
  add("initial-9999");
  EXPECT_EQ(get(), "initial-9999:0");
  EXPECT_EQ(get(), "initial-0:-100");
}

TEST_F(WorkQueue, FirstInFirstOutWithinEachPriorityWithAndWithoutDelay) {
  for (const auto after : {-1s, 0s, 1s}) {
    for (int i = 0; i < 100; ++i) {
      for (const int priority : {10, -10, 0, 5, -5}) {
        add(std::to_string(priority) + "-" + std::to_string(i),
            {.priority = priority, .after = after});
      }
    }
    now += 1s;
    for (const int priority : {10, 5, 0, -5, -10}) {
      for (int i = 0; i < 100; ++i) {
        const std::string name = std::to_string(priority) + "-" + std::to_string(i);
        ASSERT_EQ(get(), name + ":" + std::to_string(priority));
        done(name);
      }
    }
  }
}

// ---- Delays

TEST_F(WorkQueue, HandsOutADelayedKeyWhenItIsDue) {
  add("foo", {.after = 1s});
  EXPECT_EQ(get(), "-");
  EXPECT_EQ(queue.next_due(), now + 1s);
  now += 1s;
  EXPECT_EQ(get(), "foo:0");
  EXPECT_EQ(queue.next_due(), std::nullopt);
  EXPECT_EQ(tally.adds, 1);
  EXPECT_EQ(tally.retries, 1);
}

TEST_F(WorkQueue, HandsOutDelayedKeysInTheOrderOfTheirTimes) {
  add("foo", {.after = 1s});
  add("bar", {.after = 200ms});
  now += 1s;
  EXPECT_EQ(get(), "bar:0");
  EXPECT_EQ(get(), "foo:0");
}

TEST_F(WorkQueue, KeepsTheEarlierTime) {
  add("foo", {.after = 1h});
  add("foo", {.after = 1s});
  add("foo", {.after = 1min});
  EXPECT_EQ(queue.next_due(), now + 1s);
}

TEST_F(WorkQueue, AReadyKeyIsNotDelayed) {
  add("foo");
  add("foo", {.after = 1h});
  EXPECT_EQ(get(), "foo:0");
  EXPECT_EQ(get(), "-");
}

TEST_F(WorkQueue, AnAddWithoutDelayEndsTheWait) {
  add("foo", {.after = 1h});
  EXPECT_THAT(tally.depth, IsEmpty());
  add("foo", {.priority = 1});
  EXPECT_THAT(tally.depth, ElementsAre(Pair(1, 1)));
  EXPECT_EQ(get(), "foo:1");
  EXPECT_THAT(tally.depth, IsEmpty());
  EXPECT_EQ(tally.adds, 1);
}

TEST_F(WorkQueue, AKeyWhoseDelayHasEndedIsCountedOnce) {
  add("foo", {.after = 50ms});
  now += 50ms;
  EXPECT_EQ(size(), 1u);
  add("foo");
  EXPECT_EQ(size(), 1u);
  EXPECT_THAT(tally.depth, ElementsAre(Pair(0, 1)));
  EXPECT_EQ(tally.adds, 1);
}

TEST_F(WorkQueue, SizeCountsReadyKeysOnly) {
  for (int round = 0; round < 2; ++round) {
    add("foo", {.after = 500ms});
    add("baz");
    add("bar", {.after = 500ms});
    add("bal");
    EXPECT_EQ(size(), 2u);
    EXPECT_THAT(tally.depth, ElementsAre(Pair(0, 2)));
    now += 1s;
    EXPECT_EQ(size(), 4u);
    EXPECT_THAT(tally.depth, ElementsAre(Pair(0, 4)));
    for (const char* name : {"baz", "bal", "foo", "bar"}) {
      EXPECT_EQ(get(), std::string(name) + ":0");
      done(name);
    }
    EXPECT_THAT(tally.depth, IsEmpty());
  }
}

TEST_F(WorkQueue, AHighPriorityKeyWhoseDelayEndsGoesBeforeALowOne) {
  add("foo", {.priority = kLowPriority});
  add("prio", {.after = 1s});
  now += 1s;
  EXPECT_EQ(get(), "prio:0");
  EXPECT_THAT(tally.depth, ElementsAre(Pair(kLowPriority, 1)));
}

TEST_F(WorkQueue, QueuesByWhenTheDelayEndedNotByWhenItBegan) {
  add("delayed", {.after = 1s});
  now += 500ms;
  add("before");
  now += 1s;
  add("after");
  EXPECT_EQ(get(), "before:0");
  EXPECT_EQ(get(), "delayed:0");
  EXPECT_EQ(get(), "after:0");
}

TEST_F(WorkQueue, AWaitingKeyKeepsAPriorityThatWasRaised) {
  add("foo", {.priority = kLowPriority, .after = 1s});
  add("foo", {.priority = 3, .after = 1h});
  now += 1s;
  EXPECT_EQ(get(), "foo:3");
}

// ---- Back-off of a key (R22)

TEST_F(WorkQueue, DelaysGrowWithFailuresUntilForgotten) {
  std::vector<base::Clock::duration> waits;
  for (int i = 0; i < 4; ++i) {
    fail("foo");
    waits.push_back(*queue.next_due() - now);
    now = *queue.next_due();
    get();
    done("foo");
  }
  EXPECT_THAT(waits, ElementsAre(5ms, 10ms, 20ms, 40ms));
  EXPECT_EQ(queue.failures(key("foo")), 4u);
  queue.forget(key("foo"));
  EXPECT_EQ(queue.failures(key("foo")), 0u);
  fail("foo");
  EXPECT_EQ(*queue.next_due() - now, 5ms);
}

TEST_F(WorkQueue, FailuresOfOneKeyDoNotDelayAnother) {
  for (int i = 0; i < 7; ++i) fail("bar");
  now += 1h;
  EXPECT_EQ(get(), "bar:0");
  fail("bar");
  fail("foo");
  done("bar");
  now += 5ms;
  EXPECT_EQ(get(), "foo:0");
  EXPECT_EQ(get(), "-");
  now += 635ms;
  EXPECT_EQ(get(), "bar:0");
}

TEST_F(WorkQueue, DelaysStayAtTheCap) {
  QueueState capped({.cap = 300s});
  for (int i = 0; i < 100; ++i) {
    capped.add_rate_limited(key("foo"), 0, now);
    now += 300s;
    ASSERT_TRUE(capped.get(now));
    capped.done(key("foo"), now);
  }
  capped.add_rate_limited(key("foo"), 0, now);
  EXPECT_EQ(capped.next_due(), now + 300s);
}

TEST_F(WorkQueue, ARetryKeepsThePriorityItIsGiven) {
  add("foo", {.priority = kLowPriority});
  const auto item = queue.get(now);
  queue.add_rate_limited(item->key, item->priority, now);
  done("foo");
  now += 5ms;
  EXPECT_EQ(get(), "foo:-100");
}

TEST_F(WorkQueue, AnEditEndsTheBackOffButNotItsMemory) {
  fail("foo");
  fail("foo");
  add("foo");
  EXPECT_EQ(get(), "foo:0");
  EXPECT_EQ(queue.failures(key("foo")), 2u);
}

// ---- Shutdown

TEST_F(WorkQueue, HandsOutNothingAfterShutdown) {
  add("foo");
  add("bar", {.after = 1s});
  queue.shut_down();
  EXPECT_THAT(tally.depth, IsEmpty());
  now += 1h;
  EXPECT_EQ(get(), "-");
  EXPECT_EQ(get(), "-");
}

TEST_F(WorkQueue, TakesNothingAfterShutdown) {
  queue.shut_down();
  add("foo");
  fail("bar");
  EXPECT_EQ(size(), 0u);
  EXPECT_EQ(queue.next_due(), std::nullopt);
}

TEST_F(WorkQueue, WorkInHandMayEndAfterShutdown) {
  add("foo");
  get();
  add("foo");
  queue.shut_down();
  EXPECT_EQ(queue.processing(), 1u);
  done("foo");
  EXPECT_EQ(queue.processing(), 0u);
  EXPECT_EQ(get(), "-");
}

// ---- Metrics (R52)

TEST_F(WorkQueue, TellsHowLongKeysWaitedAndWereWorkedOn) {
  add("foo", {.after = 1s});
  now += 3s;
  get();
  add("foo");
  now += 4s;
  done("foo");
  now += 5s;
  get();
  EXPECT_THAT(tally.queued_for, ElementsAre(2s, 9s)) << "since it was due, in work or not";
  EXPECT_THAT(tally.worked_for, ElementsAre(4s));
}

TEST_F(WorkQueue, TellsOfWorkThatHasNotEnded) {
  add("foo");
  add("bar");
  get();
  now += 3s;
  get();
  now += 1s;
  EXPECT_EQ(queue.unfinished_work(now), 5s);
  EXPECT_EQ(queue.longest_running(now), 4s);
  done("foo");
  EXPECT_EQ(queue.longest_running(now), 1s);
  done("bar");
  EXPECT_EQ(queue.unfinished_work(now), 0s);
}

}  // namespace
}  // namespace runtime::test
