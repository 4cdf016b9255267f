#pragma once
// What the API server's audit log must show of an order in time.

#include <chrono>

#include <gtest/gtest.h>

#include "tests/support/audit_log.h"

namespace test {

// The first of `effects` arrived after the answer to the first of `causes`, and not later than
// `limit` after it. Requests are logged a moment after their answers: wait for it.
testing::AssertionResult follows_within(std::chrono::milliseconds limit, const Requests& causes,
                                        const Requests& effects);

// Every one of `later` arrived after the answers to all of `earlier`; there are some of both.
testing::AssertionResult comes_after(const Requests& earlier, const Requests& later);

}  // namespace test
