#include <string>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "telemetry/log/redaction.h"
#include "telemetry/log/text.h"

namespace telemetry::log {
namespace {

constexpr std::size_t kPlenty = 1'000'000;

TEST(JsonString, EscapesWhatJsonAndTerminalsDoNotTake) {
  EXPECT_EQ(json_string("a\"b\\c", kPlenty), R"("a\"b\\c")");
  EXPECT_EQ(json_string("\n\r\t\x01\x1f\x7f", kPlenty), R"("\n\r\t\u0001\u001f\u007f")");
  EXPECT_EQ(json_string(std::string(1, '\0'), kPlenty), R"("\u0000")");
  EXPECT_EQ(json_string("\u0085\u2028\u2029", kPlenty), R"("\u0085\u2028\u2029")");
}

TEST(JsonString, KeepsUtf8AndReplacesEveryByteThatIsNot) {
  EXPECT_EQ(json_string("ä€\U0001F600", kPlenty), "\"ä€\U0001F600\"");
  EXPECT_EQ(json_string("a\xff\xc3(\xed\xa0\x80", kPlenty), "\"a\uFFFD\uFFFD(\uFFFD\uFFFD\uFFFD\"");
}

TEST(JsonString, CutsBetweenCharactersOnly) {
  EXPECT_EQ(json_string("abc", 3), "\"abc\"");
  EXPECT_EQ(json_string("abcd", 3), "\"abc…[truncated]\"");
  EXPECT_EQ(json_string("ab€", 4), "\"ab…[truncated]\"");
  EXPECT_EQ(json_string("ab\n\"", 4), "\"ab\\n…[truncated]\"");
}

TEST(Printable, LeavesQuotesAlone) {
  EXPECT_EQ(printable("a\"b\\c\n", kPlenty), "a\"b\\c\\n");
}

RC_GTEST_PROP(JsonStringProperty, IsReadBackAsItWasWhereItIsUtf8, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::inRange<char>(0, 127));
  RC_ASSERT(boost::json::parse(json_string(text, kPlenty)).as_string() == text);
}

TEST(NamesCredential, KnowsThemWhateverTheCaseAndTheSeparators) {
  for (const auto* key :
       {"Authorization", "proxy-authorization", "token", "bearerToken", "id_token", "password",
        "PASSWD", "clientSecret", "client-key-data", "apiKey", "private_key", "Set-Cookie"}) {
    EXPECT_TRUE(names_credential(key)) << key;
  }
}

TEST(NamesCredential, LeavesWhatOnlySpeaksOfOne) {
  for (const auto* key : {"secretName", "tokenFile", "key", "namespace", "passwordRotatedAt", ""}) {
    EXPECT_FALSE(names_credential(key)) << key;
  }
}

TEST(RedactCredentials, HidesWhatFollowsASchemeInAnyCase) {
  EXPECT_EQ(redact_credentials("Authorization: Bearer abc.DEF-123/x+y=, next"),
            "Authorization: Bearer [redacted], next");
  EXPECT_EQ(redact_credentials("BEARER  abcDEF12"), "BEARER  [redacted]");
  EXPECT_EQ(redact_credentials("basic dXNlcjpwdw=="), "basic [redacted]");
}

TEST(RedactCredentials, HidesJsonWebTokensAnywhere) {
  EXPECT_EQ(redact_credentials("{\"token\":\"eyJhbGciOi.eyJpc3Mi.c2ln\"}"),
            "{\"token\":\"[redacted]\"}");
  EXPECT_EQ(redact_credentials("url?token=eyJhbGciOi.eyJpc3Mi.c2ln"), "url?[redacted]");
}

TEST(RedactCredentials, LeavesProseAlone) {
  for (const auto* text : {"Basic authentication failed", "the bearer token was refused", "bearer",
                           "Bearer: none", "web.example.com", "basic\tABCDEFGH1", ""}) {
    EXPECT_EQ(redact_credentials(text), text);
  }
}

}  // namespace
}  // namespace telemetry::log
