#include "telemetry/log/repeat_limiter.h"

#include <string>

#include <gtest/gtest.h>

namespace telemetry::log {
namespace {

using namespace std::chrono_literals;

constexpr base::Clock::time_point kStart{1h};

TEST(RepeatLimiter, AdmitsAKeyOnceAMinute) {
  RepeatLimiter limiter;
  EXPECT_EQ(limiter.admit("a", kStart), 0U);
  EXPECT_EQ(limiter.admit("a", kStart + 1s), std::nullopt);
  EXPECT_EQ(limiter.admit("a", kStart + 60s - 1ns), std::nullopt);
  EXPECT_EQ(limiter.admit("a", kStart + 60s), 2U);
  EXPECT_EQ(limiter.admit("a", kStart + 61s), std::nullopt);
}

TEST(RepeatLimiter, CountsEachKeyForItself) {
  RepeatLimiter limiter(10s);
  EXPECT_EQ(limiter.admit("a", kStart), 0U);
  EXPECT_EQ(limiter.admit("b", kStart + 5s), 0U);
  EXPECT_EQ(limiter.admit("a", kStart + 10s), 0U);
  EXPECT_EQ(limiter.admit("b", kStart + 10s), std::nullopt);
}

TEST(RepeatLimiter, ForgetsTheOldestKeyAboveItsLimit) {
  RepeatLimiter limiter;
  for (int i = 0; i <= 1024; ++i) {
    EXPECT_EQ(limiter.admit(std::to_string(i), kStart + i * 1ms), 0U) << i;
  }
  EXPECT_EQ(limiter.admit("1", kStart + 2s), std::nullopt);
  EXPECT_EQ(limiter.admit("0", kStart + 2s), 0U);
}

}  // namespace
}  // namespace telemetry::log
