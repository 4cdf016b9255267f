// Verdicts are remembered until their time, and no more of them than there is room for.

#include "runtime/review_cache.h"

#include <string>

#include <gmock/gmock.h>

namespace runtime {
namespace {

using std::chrono::seconds;

const base::Clock::time_point kNow{std::chrono::hours(1)};

TEST(ReviewCache, RemembersAVerdictUntilItsTime) {
  ReviewCache<bool> cache(4);
  EXPECT_EQ(cache.find("a", kNow), std::nullopt);
  cache.remember("a", false, kNow + seconds(30));
  EXPECT_EQ(cache.find("a", kNow + seconds(29)), false);
  EXPECT_EQ(cache.find("a", kNow + seconds(30)), std::nullopt);
  EXPECT_TRUE(cache.contains("a"));
  EXPECT_FALSE(cache.contains("b"));
}

TEST(ReviewCache, TakesALaterVerdictForTheEarlierOne) {
  ReviewCache<bool> cache(1);
  cache.remember("a", false, kNow + seconds(30));
  cache.remember("a", true, kNow + seconds(60));
  EXPECT_EQ(cache.find("a", kNow + seconds(40)), true);
  EXPECT_EQ(cache.size(), 1U);
}

TEST(ReviewCache, ForgetsWhatEndsFirstWhereThereIsNoRoom) {
  ReviewCache<bool> cache(2);
  cache.remember("late", true, kNow + seconds(60));
  cache.remember("early", true, kNow + seconds(10));
  cache.remember("new", true, kNow + seconds(5));
  EXPECT_EQ(cache.find("late", kNow), true);
  EXPECT_EQ(cache.find("early", kNow), std::nullopt);
  EXPECT_EQ(cache.find("new", kNow), true);
  for (int i = 0; i < 100; ++i) cache.remember(std::to_string(i), true, kNow + seconds(i));
  EXPECT_EQ(cache.size(), 2U);
}

}  // namespace
}  // namespace runtime
