#include "runtime/backoff.h"

#include <gmock/gmock.h>

#include "tests/runtime/model.h"

namespace runtime::test {
namespace {

using namespace std::chrono_literals;

std::vector<std::int64_t> waits(Backoff backoff, int count) {
  std::vector<std::int64_t> waits;
  auto now = kStart;
  for (int i = 0; i < count; ++i) {
    const auto wait = backoff.next(now);
    waits.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(wait).count());
    now += wait;
  }
  return waits;
}

TEST(Backoff, DoublesFrom800MillisecondsTo30Seconds) {
  FixedRandom least(0.0);
  EXPECT_THAT(waits(Backoff({}, least), 8),
              testing::ElementsAre(800, 1600, 3200, 6400, 12800, 25600, 30000, 30000));
}

TEST(Backoff, JitterAddsLessThanTheDelayItself) {
  FixedRandom half(0.5);
  EXPECT_THAT(waits(Backoff({}, half), 3), testing::ElementsAre(1200, 2400, 4800));
}

TEST(Backoff, StartsAnewAfterTwoMinutesWithoutAFailure) {
  FixedRandom least(0.0);
  Backoff backoff({}, least);
  auto now = kStart;
  now += backoff.next(now);
  now += backoff.next(now);
  EXPECT_EQ(backoff.next(now + 2min), 3200ms) << "two minutes exactly are not enough";
  now += 2min + 3200ms;
  EXPECT_EQ(backoff.next(now + 2min + 1ns), 800ms);
}

TEST(ItemBackoff, DoublesFrom5MillisecondsToTheCap) {
  const ItemBackoff backoff;
  EXPECT_EQ(backoff.delay(0), 5ms);
  EXPECT_EQ(backoff.delay(1), 10ms);
  EXPECT_EQ(backoff.delay(7), 640ms);
  EXPECT_EQ(backoff.delay(17), 655'360ms);
  EXPECT_EQ(backoff.delay(18), 1000s);
}

TEST(ItemBackoff, DoesNotOverflow) {
  EXPECT_EQ(ItemBackoff{.cap = 300s}.delay(4'000'000'000), 300s);
}

}  // namespace
}  // namespace runtime::test
