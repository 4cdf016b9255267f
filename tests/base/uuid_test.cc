#include "base/uuid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace base {
namespace {

TEST(RandomUuid, IsAVersion4Uuid) {
  EXPECT_THAT(random_uuid(), testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-"
                                                   "[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
}

TEST(RandomUuid, IsAnotherOneEachTime) {
  EXPECT_NE(random_uuid(), random_uuid());
}

}  // namespace
}  // namespace base
