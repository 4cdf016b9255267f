#include "kube/status.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/utf8.h"
#include "json/parse.h"
#include "json/value.h"

namespace kube {
namespace {

using base::Reason;
using std::chrono::seconds;

constexpr seconds kMaxRetryAfter = std::chrono::minutes(5);
// Of a body that is no Status: enough to recognise a proxy's error page.
constexpr std::size_t kQuotedBody = 200;

bool has_cause(const boost::json::object& status, std::string_view reason) {
  const auto* causes = json::array_at(status, {"details", "causes"});
  return causes != nullptr && std::ranges::any_of(*causes, [&](const auto& cause) {
           return json::string_at(cause, {"reason"}) == reason;
         });
}

Reason reason_of_code(int code) {
  switch (code) {
    case 400:
      return Reason::kInvalid;
    case 401:
      return Reason::kUnauthorized;
    case 403:
      return Reason::kForbidden;
    case 404:
      return Reason::kNotFound;
    case 405:
      return Reason::kMethodNotAllowed;
    case 409:
      return Reason::kConflict;
    case 410:
      return Reason::kGone;
    case 413:
      return Reason::kTooLarge;
    case 415:
      return Reason::kUnsupportedMediaType;
    case 422:
      return Reason::kInvalid;
    case 429:
      return Reason::kTooManyRequests;
    case 502:
    case 503:
      return Reason::kUnavailable;
    case 504:
      return Reason::kServerTimeout;
    default:
      return code >= 500 ? Reason::kInternal : Reason::kInvalid;
  }
}

Reason reason_of(const boost::json::object& status, int code) {
  const std::string_view reason = json::string_at(status, {"reason"});
  const std::string_view message = json::string_at(status, {"message"});
  // The second is what servers before 1.19 say (R6).
  if (has_cause(status, "ResourceVersionTooLarge") ||
      message.find("Too large resource version") != std::string_view::npos) {
    return Reason::kResourceVersionTooLarge;
  }
  if (code == 403 && has_cause(status, "NamespaceTerminating")) {
    return Reason::kNamespaceTerminating;
  }
  // A body that the schema does not allow: no retry cures it (design 3.1).
  if (code == 500 &&
      message.find("failed to create typed patch object") != std::string_view::npos) {
    return Reason::kInvalid;
  }
  if (reason == "AlreadyExists") return Reason::kAlreadyExists;
  if (reason == "Expired") return Reason::kGone;
  return reason_of_code(code);
}

std::optional<seconds> bounded(std::int64_t value) {
  if (value < 0) return std::nullopt;
  return std::min(seconds(value), kMaxRetryAfter);
}

// Seconds only: the API server sends no dates, and a date would need its clock.
std::optional<seconds> retry_after_header(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || end != text.data() + text.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    return text.starts_with('-') ? std::nullopt : std::optional(kMaxRetryAfter);
  }
  if (error != std::errc{}) return std::nullopt;
  return bounded(value);
}

}  // namespace

base::Error read_status(const boost::json::value& value) {
  const auto* status = value.if_object();
  if (status == nullptr || json::string_at(*status, {"kind"}) != "Status") {
    return {.reason = Reason::kProtocol, .message = "the server sent an error that is no Status"};
  }
  const int code = static_cast<int>(json::int_at(*status, {"code"}).value_or(0));
  base::Error error{.reason = reason_of(*status, code),
                    .message = std::string(json::string_at(*status, {"message"})),
                    .http_code = code};
  if (error.message.empty()) error.message = fmt::format("the server answered {}", code);
  if (const auto after = json::int_at(*status, {"details", "retryAfterSeconds"}); after > 0) {
    error.retry_after = bounded(*after);
  }
  return error;
}

base::Error read_status(const net::Response& response) {
  base::Error error;
  const auto body = json::parse(response.body);
  if (body && json::string_at(*body, {"kind"}) == "Status") {
    error = read_status(*body);
  } else {
    error.message = fmt::format("the server answered {}: {}", response.status,
                                base::utf8_prefix(response.body, kQuotedBody));
    error.reason = reason_of_code(response.status);
  }
  error.http_code = response.status;
  if (const auto after = retry_after_header(response.header("Retry-After"))) {
    error.retry_after = after;
  }
  return error;
}

}  // namespace kube
