#include "runtime/predicates.h"

#include <gtest/gtest.h>

#include "tests/runtime/model.h"

namespace runtime {
namespace {

using test::record;

TEST(ContentChanged, IsFalseWhereTheVersionAloneMoved) {
  EXPECT_FALSE(content_changed({.before = record("a", 1), .after = record("a", 2)}));
}

// What somebody else did is in neither of the two records.
TEST(ContentChanged, IsTrueForAChangeThatWasMissed) {
  const auto held = record("a", 2);
  EXPECT_TRUE(content_changed({.before = held, .after = held, .missed = true}));
}

}  // namespace
}  // namespace runtime
