#include "kube/status.h"

#include <optional>
#include <string>

#include <boost/json/parse.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>

namespace kube {
namespace {

using base::Reason;
using std::chrono::seconds;
using ::testing::EndsWith;

base::Error answer(int code, std::string body, std::vector<net::Header> headers = {}) {
  return read_status(
      net::Response{.status = code, .headers = std::move(headers), .body = std::move(body)});
}

std::string status(int code, std::string_view reason, std::string_view message,
                   std::string_view details = "{}") {
  return fmt::format(
      R"({{"kind":"Status","apiVersion":"v1","metadata":{{}},"status":"Failure","message":"{}",)"
      R"("reason":"{}","details":{},"code":{}}})",
      message, reason, details, code);
}

struct Mapping {
  int code;
  std::string body;
  Reason expected;
};

TEST(Status, BecomesTheReasonInTheApisOwnWords) {
  for (const Mapping& row : std::vector<Mapping>{
           {400, status(400, "BadRequest", "m"), Reason::kInvalid},
           {401, status(401, "Unauthorized", "m"), Reason::kUnauthorized},
           {403, status(403, "Forbidden", "m"), Reason::kForbidden},
           {403, status(403, "Forbidden", "m", R"({"causes":[{"reason":"NamespaceTerminating"}]})"),
            Reason::kNamespaceTerminating},
           {404, status(404, "NotFound", "m"), Reason::kNotFound},
           {405, status(405, "MethodNotAllowed", "m"), Reason::kMethodNotAllowed},
           {409, status(409, "Conflict", "m"), Reason::kConflict},
           {409, status(409, "AlreadyExists", "m"), Reason::kAlreadyExists},
           {410, status(410, "Gone", "m"), Reason::kGone},
           {410, status(410, "Expired", "m"), Reason::kGone},
           {413, status(413, "RequestEntityTooLarge", "m"), Reason::kTooLarge},
           {415, status(415, "UnsupportedMediaType", "m"), Reason::kUnsupportedMediaType},
           {422, status(422, "Invalid", "m"), Reason::kInvalid},
           {429, status(429, "TooManyRequests", "m"), Reason::kTooManyRequests},
           {500, status(500, "InternalError", "m"), Reason::kInternal},
           {500,
            status(500, "",
                   "failed to create typed patch object (a/b): .spec.x: field not declared"),
            Reason::kInvalid},
           {502, status(502, "", "m"), Reason::kUnavailable},
           {503, status(503, "ServiceUnavailable", "m"), Reason::kUnavailable},
           {504, status(504, "Timeout", "m"), Reason::kServerTimeout},
           {507, status(507, "", "m"), Reason::kInternal},
       }) {
    const auto error = answer(row.code, row.body);
    EXPECT_EQ(to_string(error.reason), to_string(row.expected)) << row.body;
    EXPECT_EQ(error.http_code, row.code);
  }
}

TEST(Status, KnowsAVersionThatIsTooLargeByItsCauseAndByWhatOldServersSay) {
  EXPECT_EQ(
      answer(504, status(504, "Timeout", "m",
                         R"({"causes":[{"reason":"Other"},{"reason":"ResourceVersionTooLarge"}],)"
                         R"("retryAfterSeconds":1})"))
          .reason,
      Reason::kResourceVersionTooLarge);
  EXPECT_EQ(
      answer(504, status(504, "Timeout", "Timeout: Too large resource version: 7, current: 5"))
          .reason,
      Reason::kResourceVersionTooLarge);
}

TEST(Status, TakesTheWordsOfTheServer) {
  EXPECT_EQ(answer(404, status(404, "NotFound", "capps.rcs.dana.io \\\"web\\\" not found")).message,
            "capps.rcs.dana.io \"web\" not found");
  EXPECT_EQ(answer(404, status(404, "NotFound", "")).message, "the server answered 404");
}

TEST(Status, CountsACauseOnlyWhereItBelongs) {
  EXPECT_EQ(
      answer(409, status(409, "Conflict", "m", R"({"causes":[{"reason":"NamespaceTerminating"}]})"))
          .reason,
      Reason::kConflict);
  EXPECT_EQ(
      answer(403, status(403, "Forbidden", "m", R"({"causes":["x",{"reason":1},null]})")).reason,
      Reason::kForbidden);
}

TEST(Status, QuotesTheBeginningOfABodyThatIsNone) {
  for (const std::string body : {"<html>no backend</html>", R"({"kind":"Pod"})", "{", ""}) {
    const auto error = answer(503, body);
    EXPECT_EQ(error.reason, Reason::kUnavailable);
    EXPECT_EQ(error.message, "the server answered 503: " + body);
  }
  EXPECT_EQ(answer(500, std::string(1000, 'x')).message,
            "the server answered 500: " + std::string(200, 'x'));
}

TEST(Status, QuotesNoHalfOfACharacter) {
  EXPECT_THAT(answer(500, std::string(199, 'x') + "ä").message, EndsWith("xx"));
}

std::optional<seconds> retry_after(std::string header, std::string_view details = "{}") {
  return answer(429, status(429, "TooManyRequests", "m", details),
                {{"Retry-After", std::move(header)}})
      .retry_after;
}

TEST(Status, BoundsTheHeaderRetryAfter) {
  EXPECT_EQ(retry_after("7"), seconds(7));
  EXPECT_EQ(retry_after("0"), seconds(0));
  EXPECT_EQ(retry_after("300"), seconds(300));
  EXPECT_EQ(retry_after("301"), seconds(300));
  EXPECT_EQ(retry_after("99999999999999999999"), seconds(300));
}

TEST(Status, TakesANegativeOrUnreadableRetryAfterForNone) {
  for (const auto* text : {"-1", "-99999999999999999999", "", "soon", "7s", "1.5", "+1",
                           "Wed, 21 Oct 2026 07:28:00 GMT"}) {
    EXPECT_EQ(retry_after(text), std::nullopt) << text;
  }
}

TEST(Status, ReadsRetryAfterFromTheDetailsAndTheHeaderBeforeIt) {
  EXPECT_EQ(retry_after("", R"({"retryAfterSeconds":3})"), seconds(3));
  EXPECT_EQ(retry_after("5", R"({"retryAfterSeconds":3})"), seconds(5));
  EXPECT_EQ(retry_after("", R"({"retryAfterSeconds":9223372036854775807})"), seconds(300));
  EXPECT_EQ(retry_after("", R"({"retryAfterSeconds":-3})"), std::nullopt);
  EXPECT_EQ(retry_after("", R"({"retryAfterSeconds":"3"})"), std::nullopt);
}

TEST(Status, ReadsTheObjectOfAWatchesErrorEvent) {
  const auto error =
      read_status(boost::json::parse(status(410, "Expired", "too old resource version: 1 (2)")));
  EXPECT_EQ(error.reason, Reason::kGone);
  EXPECT_EQ(error.http_code, 410);
  EXPECT_EQ(error.message, "too old resource version: 1 (2)");
}

TEST(Status, RefusesAnErrorEventOfSomethingElse) {
  for (const auto* text : {"1", "{}", R"({"kind":"Pod","code":410})"}) {
    EXPECT_EQ(read_status(boost::json::parse(text)).reason, Reason::kProtocol) << text;
  }
}

}  // namespace
}  // namespace kube
