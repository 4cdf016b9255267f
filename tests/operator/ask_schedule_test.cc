#include "operator/ask_schedule.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace op {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

constexpr AskSchedule::TimePoint kStart{1000s};

// Asks `times` as soon as it may, from `now` on; returns when, in seconds after `now`.
std::vector<std::int64_t> asked_at(AskSchedule& schedule, AskSchedule::TimePoint now, int times) {
  std::vector<std::int64_t> at;
  auto clock = now;
  for (int i = 0; i < times; ++i) {
    clock += schedule.remaining(clock);
    EXPECT_TRUE(schedule.is_due(clock));
    EXPECT_TRUE(i == 0 || !schedule.is_due(clock - 1ms));
    at.push_back(std::chrono::duration_cast<std::chrono::seconds>(clock - now).count());
    schedule.asked(clock);
  }
  return at;
}

TEST(AskSchedule, AsksWithPausesThatDoubleUpToTheCap) {
  AskSchedule schedule({.first = 0s, .initial = 1s, .cap = 5s});
  schedule.concerns("shop-tls", 1, kStart);
  EXPECT_THAT(asked_at(schedule, kStart, 7), ElementsAre(0, 1, 3, 7, 12, 17, 22));
}

TEST(AskSchedule, IsCappedAtFiveMinutes) {
  AskSchedule schedule({.first = 0s, .initial = 4min});
  schedule.concerns("shop-tls", 1, kStart);
  EXPECT_THAT(asked_at(schedule, kStart, 4), ElementsAre(0, 240, 540, 840));
}

TEST(AskSchedule, WaitsBeforeTheFirstTime) {
  AskSchedule schedule({.first = 3s, .initial = 5s});
  EXPECT_TRUE(schedule.concerns("web-00002", 0, kStart));
  EXPECT_FALSE(schedule.is_due(kStart));
  EXPECT_EQ(schedule.remaining(kStart), 3s);
  EXPECT_THAT(asked_at(schedule, kStart, 3), ElementsAre(3, 8, 18));
}

TEST(AskSchedule, KeepsTheGapWhateverChanges) {
  AskSchedule schedule({.first = 0s, .initial = 5s, .gap = 2s});
  schedule.concerns("web-00001", 1, kStart);
  schedule.asked(kStart);
  EXPECT_FALSE(schedule.concerns("web-00001", 2, kStart + 1s));
  EXPECT_EQ(schedule.remaining(kStart + 1s), 1s);
  schedule.asked(kStart + 2s);
  EXPECT_FALSE(schedule.concerns("web-00001", 3, kStart + 6s));
  EXPECT_TRUE(schedule.is_due(kStart + 6s));
}

TEST(AskSchedule, AnotherSubjectBeginsAnew) {
  AskSchedule schedule({.first = 3s, .initial = 5s});
  schedule.concerns("web-00001", 0, kStart);
  asked_at(schedule, kStart, 4);
  const auto later = kStart + 20s;
  EXPECT_TRUE(schedule.concerns("web-00002", 0, later));
  EXPECT_THAT(asked_at(schedule, later, 3), ElementsAre(3, 8, 18));
}

// What is known is of the same subject still.
TEST(AskSchedule, AnotherVersionIsAskedAboutAtOnce) {
  AskSchedule schedule({.first = 3s, .initial = 5s});
  schedule.concerns("web-00001", 1, kStart);
  asked_at(schedule, kStart, 4);
  const auto later = kStart + 40s;
  EXPECT_FALSE(schedule.is_due(later));
  EXPECT_FALSE(schedule.concerns("web-00001", 2, later));
  EXPECT_THAT(asked_at(schedule, later, 3), ElementsAre(0, 5, 15));
}

TEST(AskSchedule, TheSameAgainChangesNothing) {
  AskSchedule schedule({.first = 3s, .initial = 5s});
  schedule.concerns("web-00001", 1, kStart);
  EXPECT_FALSE(schedule.concerns("web-00001", 1, kStart + 2s));
  EXPECT_EQ(schedule.remaining(kStart + 2s), 1s);
  schedule.asked(kStart + 3s);
  EXPECT_FALSE(schedule.concerns("web-00001", 1, kStart + 4s));
  EXPECT_EQ(schedule.remaining(kStart + 4s), 4s);
}

// A timer that is a fraction short would find nothing due.
TEST(AskSchedule, WhatRemainsIsRoundedUpAndNeverNegative) {
  AskSchedule schedule({.first = 3s, .initial = 5s});
  schedule.concerns("web-00001", 1, kStart);
  EXPECT_EQ(schedule.remaining(kStart + std::chrono::microseconds(1)), 3000ms);
  EXPECT_EQ(schedule.remaining(kStart + 3s), 0ms);
  EXPECT_EQ(schedule.remaining(kStart + 60min), 0ms);
}

}  // namespace
}  // namespace op
