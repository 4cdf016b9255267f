#include "base/redacted.h"

#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(Redacted, PrintsNothingOfTheSecret) {
  const Redacted<std::string> token("s3cret");
  std::ostringstream stream;
  stream << token;
  EXPECT_EQ(stream.str(), "[redacted]");
  EXPECT_EQ(fmt::format("{}", token), "[redacted]");
}

TEST(Redacted, GivesTheSecretOnlyWhenAsked) {
  EXPECT_EQ(Redacted<std::string>("s3cret").reveal(), "s3cret");
}

}  // namespace
}  // namespace base
