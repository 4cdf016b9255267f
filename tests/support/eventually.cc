#include "tests/support/eventually.h"

#include <exception>
#include <thread>

#include "base/clock.h"

namespace test {
namespace {

// Short against everything that is waited for; an API server answers fifty reads a second in
// passing.
constexpr std::chrono::milliseconds kPause{20};

testing::AssertionResult guarded(const Check& check) {
  try {
    return check();
  } catch (const std::exception& error) {
    return testing::AssertionFailure() << error.what();
  }
}

}  // namespace

testing::AssertionResult eventually(const Check& check, std::chrono::milliseconds patience) {
  const auto deadline = base::Clock::now() + patience;
  for (;;) {
    const auto seen = guarded(check);
    if (seen) return seen;
    if (base::Clock::now() >= deadline) {
      return testing::AssertionFailure()
             << "not within " << patience.count() << " ms; seen last: " << seen.message();
    }
    std::this_thread::sleep_for(kPause);
  }
}

testing::AssertionResult throughout(std::chrono::milliseconds time, const Check& check) {
  const auto begin = base::Clock::now();
  for (;;) {
    const auto seen = guarded(check);
    const auto passed =
        std::chrono::duration_cast<std::chrono::milliseconds>(base::Clock::now() - begin);
    if (!seen) {
      return testing::AssertionFailure()
             << "broken after " << passed.count() << " ms: " << seen.message();
    }
    if (passed >= time) return testing::AssertionSuccess();
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace test
