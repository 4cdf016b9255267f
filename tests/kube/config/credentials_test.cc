#include "kube/config/credentials.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kube/config/support.h"

namespace kube {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

constexpr base::Clock::time_point kStart{std::chrono::hours(1)};

std::string authorization(Credentials& credentials, base::Clock::time_point now = kStart) {
  const Identity identity = credentials.current(now);
  return identity.authorization ? identity.authorization->reveal() : "none";
}

TEST(FixedCredentials, AreWhatTheConfigurationSays) {
  EXPECT_EQ(authorization(*make_credentials(Anonymous{}, {})), "none");
  EXPECT_EQ(authorization(*make_credentials(BearerToken{base::Redacted<std::string>("t")}, {})),
            "Bearer t");
  EXPECT_EQ(authorization(*make_credentials(
                BasicAuth{"Aladdin", base::Redacted<std::string>("open sesame")}, {})),
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");  // RFC 7617's example
}

class TokenFile : public testing::Test {
 protected:
  std::string at(seconds after) { return authorization(*credentials_, kStart + after); }
  std::string problem() {
    const auto problem = credentials_->problem();
    return problem ? problem->describe() : "";
  }

  test::TempFolder folder_;
  std::string path_ = folder_.write("token", "one\n");
  std::unique_ptr<Credentials> credentials_ =
      make_credentials(BearerTokenFile{path_, base::Redacted<std::string>("initial")}, {});
};

TEST_F(TokenFile, IsReadAgainTenSecondsBeforeTheMinuteIsOver) {
  EXPECT_EQ(at(seconds(0)), "Bearer one");
  folder_.write("token", "two");
  EXPECT_EQ(at(seconds(49)), "Bearer one");
  EXPECT_EQ(at(seconds(50)), "Bearer two");
  EXPECT_EQ(problem(), "");
}

TEST_F(TokenFile, KeepsTheOldTokenWhileTheFileIsMissingEmptyOrBroken) {
  EXPECT_EQ(at(seconds(0)), "Bearer one");
  folder_.remove("token");
  EXPECT_EQ(at(seconds(60)), "Bearer one");
  EXPECT_THAT(problem(), HasSubstr("cannot read " + path_));
  folder_.write("token", " \n");
  EXPECT_EQ(at(seconds(61)), "Bearer one");
  EXPECT_EQ(problem(), "token file " + path_ + " is empty");
  folder_.write("token", "a\nb");
  EXPECT_EQ(at(seconds(62)), "Bearer one");
  EXPECT_THAT(problem(), HasSubstr("control characters"));
  folder_.write("token", "two");
  EXPECT_EQ(at(seconds(63)), "Bearer two") << "the next call tries again";
  EXPECT_EQ(problem(), "");
}

TEST_F(TokenFile, UsesTheInitialTokenUntilItCouldBeRead) {
  folder_.remove("token");
  EXPECT_EQ(at(seconds(0)), "Bearer initial");
  const auto refreshed = credentials_->refresh(kStart, kStart, {});
  ASSERT_FALSE(refreshed);
  EXPECT_EQ(refreshed.error().reason, base::Reason::kNotFound);
}

TEST_F(TokenFile, IsReadAgainAfterA401ToARequestThatStartedLater) {
  EXPECT_EQ(at(seconds(10)), "Bearer one");
  folder_.write("token", "two");
  credentials_->unauthorized(kStart + seconds(9));
  EXPECT_EQ(at(seconds(11)), "Bearer one") << "that request carried an older token";
  credentials_->unauthorized(kStart + seconds(11));
  EXPECT_EQ(at(seconds(12)), "Bearer two");
}

TEST_F(TokenFile, KeepsTheOldTokenAfterA401WhenTheFileIsMissing) {
  EXPECT_EQ(at(seconds(0)), "Bearer one");
  folder_.remove("token");
  credentials_->unauthorized(kStart + seconds(1));
  EXPECT_EQ(at(seconds(2)), "Bearer one");
}

TEST_F(TokenFile, IsNotReadForeverWhenItIsNoToken) {
  folder_.write("token", std::string(100'000, 'x'));
  EXPECT_EQ(at(seconds(0)), "Bearer initial");
  EXPECT_THAT(problem(), HasSubstr("larger than"));
}

}  // namespace
}  // namespace kube
