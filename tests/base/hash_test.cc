#include "base/hash.h"

#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace base {
namespace {

using namespace std::string_literals;

// FIPS 180-2, appendix B.1, and the digest of nothing.
TEST(Hash, IsSha256) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex128("abc"), "ba7816bf8f01cfea414140de5dae2223");
}

// RFC 4648 §10.
TEST(Base64, WritesTheVectorsOfTheRfc) {
  EXPECT_EQ(base64_encode(""), "");
  EXPECT_EQ(base64_encode("f"), "Zg==");
  EXPECT_EQ(base64_encode("fo"), "Zm8=");
  EXPECT_EQ(base64_encode("foo"), "Zm9v");
  EXPECT_EQ(base64_encode("foobar"), "Zm9vYmFy");
}

TEST(Base64, ReadsOnlyTheOneTextThatStandsForAString) {
  for (const auto& text : {"Zg"s, "Zg="s, "Zg== "s, " Zg=="s, "Zm9v\n"s, "Zm\n9v=="s, "Zh=="s,
                           "Zm9="s, "===="s, "Z==="s, "Zg==Zg=="s, "Zm-_"s, "Zm9\0"s}) {
    const auto decoded = base64_decode(text);
    ASSERT_FALSE(decoded.has_value()) << text;
    EXPECT_EQ(decoded.error().reason, Reason::kBadInput);
  }
}

TEST(Base64, DoesNotRepeatTheTextInItsError) {
  EXPECT_EQ(base64_decode("c2VjcmV0!").error().message.find("c2Vj"), std::string::npos);
}

RC_GTEST_PROP(Base64Property, ReadsBackWhatItWrites, (const std::string& data)) {
  RC_ASSERT(base64_decode(base64_encode(data)).value() == data);
}

}  // namespace
}  // namespace base
