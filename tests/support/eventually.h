#pragma once
// Waiting for something outside the process: the only place in the tests that lets time pass.
//
//   EXPECT_TRUE(eventually([&] { return has_condition(api.get(kCapp, key), "Ready", "True"); }));

#include <chrono>
#include <concepts>
#include <functional>
#include <string>

#include <gtest/gtest.h>

namespace test {

// An instrumented program is so much slower at worst; limits that are rules of the product are
// multiplied by it, since they are about the program that is shipped.
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr int kSlowness = 5;
#else
inline constexpr int kSlowness = 1;
#endif

// How long a test waits for what must come. No rule of the product: a loaded machine may take it
// all, and a test that passes does not wait for it.
inline constexpr std::chrono::seconds kPatience{60};

// How long a test looks on where nothing more may happen: long against a reconcile and against the
// sending of an event, which take milliseconds.
inline constexpr std::chrono::seconds kMoment{1};

// True, or why not yet: what was seen. An exception is a "not yet" too.
using Check = std::function<testing::AssertionResult()>;

// Polls until `check` holds. On failure: what it saw last.
testing::AssertionResult eventually(const Check& check,
                                    std::chrono::milliseconds patience = kPatience);

// Polls for all of `time`; fails as soon as `check` does not hold, with what it saw.
testing::AssertionResult throughout(std::chrono::milliseconds time, const Check& check);

// `actual == expected`, naming both.
template <class Actual, std::equality_comparable_with<Actual> Expected>
testing::AssertionResult is(const std::string& what, const Actual& actual,
                            const Expected& expected) {
  if (actual == expected) return testing::AssertionSuccess() << what << " is " << actual;
  return testing::AssertionFailure() << what << " is " << actual << ", not " << expected;
}

}  // namespace test
