#include "kube/window.h"

#include <gtest/gtest.h>

namespace kube {
namespace {

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
    window.throttled();
    EXPECT_EQ(window.size(), expected);
  }
}

TEST(Window, GrowsByOneForEachFullWindowOfAnswers) {
  Window window(16);
  window.throttled();
  for (std::size_t size = 8; size < 16; ++size) {
    std::size_t answers = 0;
    for (; window.size() == size; ++answers) window.answered();
    EXPECT_EQ(window.size(), size + 1);
    EXPECT_NEAR(static_cast<double>(answers), static_cast<double>(size), 1) << "to " << size + 1;
  }
}

TEST(Window, GrowsToItsGreatestAndNoFurther) {
  Window window(4);
  window.throttled();
  answer(window, 100);
  EXPECT_EQ(window.size(), 4U);
}

}  // namespace
}  // namespace kube
