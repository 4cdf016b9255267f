#include "kube/window.h"

#include <gtest/gtest.h>

namespace kube {
namespace {

constexpr base::Clock::time_point kStart{};

// A 429 to a request that was sent after the window was halved before.
void refuse(Window& window) {
  static auto now = kStart;
  now += std::chrono::seconds(1);
  window.throttled(now, now);
}

void answer(Window& window, int times) {
  for (int i = 0; i < times; ++i) window.answered();
}

TEST(Window, BeginsAtItsGreatest) {
  EXPECT_EQ(Window(16).size(), 16U);
  EXPECT_EQ(Window(1).size(), 1U);
}

TEST(Window, IsHalvedByARefusalButNeverBelowOne) {
  Window window(16);
  for (const std::size_t expected : {8U, 4U, 2U, 1U, 1U}) {
    refuse(window);
    EXPECT_EQ(window.size(), expected);
  }
}

TEST(Window, IsHalvedOnceForAllThatWereUnderWayTogether) {
  Window window(16);
  const auto now = kStart + std::chrono::seconds(9);
  for (int i = 0; i < 16; ++i) window.throttled(kStart + std::chrono::seconds(8), now);
  EXPECT_EQ(window.size(), 8U);
  window.throttled(now, now);
  EXPECT_EQ(window.size(), 4U) << "sent after the halving";
}

TEST(Window, GrowsByOneForEachFullWindowOfAnswers) {
  Window window(16);
  refuse(window);
  for (std::size_t size = 8; size < 16; ++size) {
    std::size_t answers = 0;
    for (; window.size() == size; ++answers) window.answered();
    EXPECT_EQ(window.size(), size + 1);
    EXPECT_NEAR(static_cast<double>(answers), static_cast<double>(size), 1) << "to " << size + 1;
  }
}

TEST(Window, GrowsToItsGreatestAndNoFurther) {
  Window window(4);
  refuse(window);
  answer(window, 100);
  EXPECT_EQ(window.size(), 4U);
}

}  // namespace
}  // namespace kube
