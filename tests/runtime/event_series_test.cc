#include "runtime/event_series.h"

#include <gmock/gmock.h>

#include "tests/runtime/model.h"

namespace runtime::test {
namespace {

using base::Reason;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

using Verb = EventSend::Verb;

EventKey an_event(const std::string& reason, const std::string& name = "web") {
  return {
      .type = "Warning",
      .action = "Reconcile",
      .reason = reason,
      .reporting_controller = "container-app-controller",
      .reporting_instance = "pod-1",
      .regarding = {.api_version = "rcs.dana.io/v1alpha1",
                    .kind = "Capp",
                    .ns = "ns",
                    .name = name,
                    .uid = "u1"},
      .related = std::nullopt,
  };
}

class Events : public testing::Test {
 protected:
  std::optional<EventSend> observe(const EventKey& key, const std::string& note = "note") {
    return series.observe(key, note, now);
  }
  // An event that is at the server already.
  EventSend created(const EventKey& key) {
    auto send = *observe(key);
    EXPECT_FALSE(series.succeeded(send, now));
    return send;
  }
  std::optional<EventSend> fail(const EventSend& send, Reason reason) {
    return series.failed(send, error(reason), now);
  }
  void pass(base::Clock::duration time) {
    now.at += time;
    now.wall += time;
  }

  Moment now{.at = kStart, .wall = base::WallClock::time_point(std::chrono::nanoseconds(0x1234))};
  FixedRandom random{0.5};
  EventSeries series{{}, random};
};

TEST_F(Events, CreatesTheFirst) {
  const auto send = observe(an_event("KnativeServiceCreationFailed"), "because");
  ASSERT_TRUE(send);
  EXPECT_EQ(send->verb, Verb::kCreate);
  EXPECT_EQ(send->ns, "ns");
  EXPECT_EQ(send->name, "web.1234");
  EXPECT_EQ(send->note, "because");
  EXPECT_EQ(send->event_time, now.wall);
  EXPECT_EQ(send->key, an_event("KnativeServiceCreationFailed"));
  EXPECT_EQ(send->series, std::nullopt);
}

TEST_F(Events, TheSecondMakesASeriesOfTheFirst) {
  const auto first = created(an_event("A"));
  pass(1s);
  const auto second = observe(an_event("A"));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->verb, Verb::kPatchSeries);
  EXPECT_EQ(second->name, first.name);
  EXPECT_EQ(second->event_time, first.event_time);
  EXPECT_EQ(second->series, (EventTally{.count = 2, .last_observed = now.wall}));
}

TEST_F(Events, LaterOnesAreOnlyCounted) {
  created(an_event("A"));
  (void)series.succeeded(*observe(an_event("A")), now);
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(observe(an_event("A")));
}

TEST_F(Events, ADifferentNoteIsTheSameEvent) {
  created(an_event("A"));
  EXPECT_EQ(observe(an_event("A"), "another note")->verb, Verb::kPatchSeries);
}

TEST_F(Events, EveryPartOfTheKeyMakesAnotherEvent) {
  const EventKey base = an_event("A");
  created(base);
  std::vector<EventKey> others(9, base);
  others[0].type = "Normal";
  others[1].action = "Delete";
  others[2].reason = "B";
  others[3].reporting_controller = "other";
  others[4].reporting_instance = "pod-2";
  others[5].regarding.uid = "u2";
  others[6].regarding.ns = "other";
  others[7].related = base.regarding;
  others[8].regarding.field_path = "data.zone";
  for (const auto& other : others) EXPECT_EQ(observe(other)->verb, Verb::kCreate);
}

TEST_F(Events, WhatIsCountedDuringTheFirstRequestFollowsIt) {
  const auto first = observe(an_event("A"));
  EXPECT_FALSE(observe(an_event("A")));
  EXPECT_FALSE(observe(an_event("A")));
  const auto patch = series.succeeded(*first, now);
  ASSERT_TRUE(patch);
  EXPECT_EQ(patch->verb, Verb::kPatchSeries);
  EXPECT_EQ(patch->series->count, 3u);
  EXPECT_FALSE(series.succeeded(*patch, now));
}

TEST_F(Events, AnEventOfAClusterScopedObjectGoesToDefault) {
  auto key = an_event("A");
  key.regarding.ns = "";
  EXPECT_EQ(observe(key)->ns, "default");
}

TEST_F(Events, TwoEventsOfOneInstantHaveTwoNames) {
  EXPECT_EQ(observe(an_event("A"))->name, "web.1234");
  EXPECT_EQ(observe(an_event("B"))->name, "web.1235");
}

TEST_F(Events, ANameStaysASubdomain) {
  const auto send = observe(an_event("A", std::string(235, 'a') + "-" + std::string(17, 'b')));
  EXPECT_EQ(send->name, std::string(235, 'a') + ".1234");
}

// ---- Time

TEST_F(Events, RefreshesAnActiveSeriesEveryHalfHour) {
  created(an_event("A"));
  (void)series.succeeded(*observe(an_event("A")), now);
  for (int minute = 0; minute < 29; ++minute) {
    pass(1min);
    (void)observe(an_event("A"));
    EXPECT_THAT(series.tick(now), IsEmpty());
  }
  pass(1min);
  const auto sends = series.tick(now);
  ASSERT_THAT(sends, SizeIs(1));
  EXPECT_EQ(sends[0].verb, Verb::kPatchSeries);
  EXPECT_EQ(sends[0].series->count, 31u);
  (void)series.succeeded(sends[0], now);
  pass(1min);
  EXPECT_THAT(series.tick(now), IsEmpty());
}

TEST_F(Events, EndsASeriesThatIsIdleWithItsFinalCount) {
  created(an_event("A"));
  (void)series.succeeded(*observe(an_event("A")), now);
  (void)observe(an_event("A"));
  const auto last_observed = now.wall;
  pass(6min - 1ns);
  EXPECT_THAT(series.tick(now), IsEmpty());
  pass(1ns);
  const auto sends = series.tick(now);
  ASSERT_THAT(sends, SizeIs(1));
  EXPECT_EQ(sends[0].series, (EventTally{.count = 3, .last_observed = last_observed}));
  EXPECT_EQ(series.size(), 0u);
  EXPECT_EQ(observe(an_event("A"))->verb, Verb::kCreate);
}

TEST_F(Events, ForgetsASingleEventThatIsIdleSilently) {
  created(an_event("A"));
  pass(6min);
  EXPECT_THAT(series.tick(now), IsEmpty());
  EXPECT_EQ(series.size(), 0u);
}

TEST_F(Events, SaysNothingAtTheEndThatTheServerKnows) {
  created(an_event("A"));
  (void)series.succeeded(*observe(an_event("A")), now);
  pass(6min);
  EXPECT_THAT(series.tick(now), IsEmpty());
}

TEST_F(Events, ARequestUnderWayKeepsTheEvent) {
  const auto send = observe(an_event("A"));
  pass(6min);
  (void)series.tick(now);
  EXPECT_EQ(series.size(), 1u);
  (void)series.succeeded(*send, now);
  (void)series.tick(now);
  EXPECT_EQ(series.size(), 0u);
}

// ---- Failures

TEST_F(Events, PostsTheSeriesAnewWhenItsEventIsGone) {
  created(an_event("A"));
  const auto patch = observe(an_event("A"));
  const auto again = fail(*patch, Reason::kNotFound);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->verb, Verb::kCreate);
  EXPECT_EQ(again->series->count, 2u);
  EXPECT_EQ(again->not_before, now.at);
}

TEST_F(Events, PatchesAgainWhenTheSeriesExistsAfterAll) {
  created(an_event("A"));
  const auto create = fail(*observe(an_event("A")), Reason::kNotFound);
  const auto again = fail(*create, Reason::kAlreadyExists);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->verb, Verb::kPatchSeries);
  EXPECT_EQ(again->not_before, now.at + 10s);
}

TEST_F(Events, TakesAlreadyExistsOfTheFirstForAnAnswerThatWasLost) {
  const auto send = observe(an_event("A"));
  (void)observe(an_event("A"));
  const auto next = fail(*send, Reason::kAlreadyExists);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->verb, Verb::kPatchSeries);
}

TEST_F(Events, RetriesTwelveTimesTenSecondsApart) {
  auto send = observe(an_event("A"));
  int attempts = 1;
  for (;; ++attempts) {
    const auto again = fail(*send, Reason::kUnavailable);
    if (!again) break;
    EXPECT_EQ(again->not_before, now.at + 10s);
    EXPECT_EQ(again->verb, Verb::kCreate);
    pass(10s);
    send = again;
  }
  EXPECT_EQ(attempts, 12);
}

TEST_F(Events, SpreadsRetriesByAQuarter) {
  for (const auto& [uniform, wait] : {std::pair(0.0, 7500ms), std::pair(0.999999, 12500ms)}) {
    FixedRandom fixed(uniform);
    EventSeries spread({}, fixed);
    const auto again =
        spread.failed(*spread.observe(an_event("A"), "", now), error(Reason::kConnection), now);
    EXPECT_NEAR(std::chrono::duration<double>(again->not_before - now.at).count(),
                std::chrono::duration<double>(wait).count(), 0.001);
  }
}

TEST_F(Events, ARefusedEventIsNotSentAtEachRepetition) {
  const auto send = observe(an_event("A"));
  EXPECT_FALSE(fail(*send, Reason::kForbidden));
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(observe(an_event("A")));
  pass(6min);
  const auto sends = series.tick(now);
  ASSERT_THAT(sends, SizeIs(1)) << "one more try at the end";
  EXPECT_EQ(sends[0].verb, Verb::kCreate);
  EXPECT_EQ(sends[0].series->count, 101u);
}

TEST_F(Events, AnEventThatTheDriverDroppedIsToldAtTheEnd) {
  series.dropped(*observe(an_event("A")));
  EXPECT_FALSE(observe(an_event("A")));
  pass(6min);
  EXPECT_THAT(series.tick(now), SizeIs(1));
}

TEST_F(Events, PostsIntoATerminatingNamespaceOnce) {
  const auto send = observe(an_event("A"));
  EXPECT_FALSE(fail(*send, Reason::kNamespaceTerminating));
  EXPECT_FALSE(observe(an_event("A")));
  EXPECT_FALSE(observe(an_event("B", "another")));
  EXPECT_EQ(series.size(), 0u);
  pass(6min);
  (void)series.tick(now);
  EXPECT_TRUE(observe(an_event("A"))) << "a namespace of that name may be back";
}

// ---- Bounds

TEST_F(Events, ForgetsTheLeastRecentlySeenFirst) {
  EventSeries small({.capacity = 2}, random);
  const auto a = *small.observe(an_event("A"), "", now);
  (void)small.succeeded(a, now);
  (void)small.observe(an_event("B"), "", now);
  (void)small.observe(an_event("A"), "", now);
  (void)small.observe(an_event("C"), "", now);
  EXPECT_EQ(small.size(), 2u);
  EXPECT_FALSE(small.observe(an_event("A"), "", now)) << "A is still known";
  EXPECT_EQ(small.observe(an_event("B"), "", now)->verb, Verb::kCreate) << "B was forgotten";
}

TEST_F(Events, AnAnswerForAForgottenEventChangesNothing) {
  EventSeries small({.capacity = 1}, random);
  const auto a = *small.observe(an_event("A"), "", now);
  (void)small.observe(an_event("B"), "", now);
  EXPECT_FALSE(small.succeeded(a, now));
  EXPECT_FALSE(small.failed(a, error(Reason::kForbidden), now));
  EXPECT_EQ(small.size(), 1u);
}

}  // namespace
}  // namespace runtime::test
