#include "tests/support/audit_checks.h"

#include <algorithm>

namespace test {
namespace {

testing::AssertionResult not_logged(const char* what, const Requests& others) {
  return testing::AssertionFailure() << "no " << what << " yet, only:\n" << others.describe();
}

}  // namespace

testing::AssertionResult follows_within(std::chrono::milliseconds limit, const Requests& causes,
                                        const Requests& effects) {
  if (causes.empty()) return not_logged("cause", effects);
  if (effects.empty()) return not_logged("effect", causes);
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(effects.front().received -
                                                                          causes.front().completed);
  if (took <= limit) return testing::AssertionSuccess();
  return testing::AssertionFailure() << effects.front().describe() << " came " << took.count()
                                     << " ms after " << causes.front().describe();
}

testing::AssertionResult comes_after(const Requests& earlier, const Requests& later) {
  if (earlier.empty()) return not_logged("earlier one", later);
  if (later.empty()) return not_logged("later one", earlier);
  const auto last = std::ranges::max_element(earlier, {}, &AuditRequest::completed);
  const auto first = std::ranges::min_element(later, {}, &AuditRequest::received);
  if (first->received >= last->completed) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << first->describe() << " arrived before the answer to " << last->describe();
}

}  // namespace test
