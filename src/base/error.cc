#include "base/error.h"

namespace base {

std::string_view to_string(Reason reason) {
  switch (reason) {
    case Reason::kNotFound:
      return "NotFound";
    case Reason::kAlreadyExists:
      return "AlreadyExists";
    case Reason::kConflict:
      return "Conflict";
    case Reason::kGone:
      return "Gone";
    case Reason::kResourceVersionTooLarge:
      return "ResourceVersionTooLarge";
    case Reason::kInvalid:
      return "Invalid";
    case Reason::kForbidden:
      return "Forbidden";
    case Reason::kNamespaceTerminating:
      return "NamespaceTerminating";
    case Reason::kUnauthorized:
      return "Unauthorized";
    case Reason::kMethodNotAllowed:
      return "MethodNotAllowed";
    case Reason::kUnsupportedMediaType:
      return "UnsupportedMediaType";
    case Reason::kTooManyRequests:
      return "TooManyRequests";
    case Reason::kTooLarge:
      return "TooLarge";
    case Reason::kServerTimeout:
      return "ServerTimeout";
    case Reason::kUnavailable:
      return "Unavailable";
    case Reason::kInternal:
      return "Internal";
    case Reason::kConnection:
      return "Connection";
    case Reason::kTls:
      return "Tls";
    case Reason::kTimeout:
      return "Timeout";
    case Reason::kCancelled:
      return "Cancelled";
    case Reason::kProtocol:
      return "Protocol";
    case Reason::kNotLeader:
      return "NotLeader";
    case Reason::kBadInput:
      return "BadInput";
  }
  return "Unknown";
}

std::string Error::describe() const {
  std::string text = message;
  for (const Error* error = cause.get(); error != nullptr; error = error->cause.get()) {
    text += ": ";
    text += error->message;
  }
  return text;
}

Error Error::wrap(std::string context) const {
  return Error{.reason = reason,
               .message = std::move(context),
               .http_code = http_code,
               .retry_after = retry_after,
               .cause = std::make_shared<const Error>(*this)};
}

bool is_permanent(Reason reason) {
  switch (reason) {
    case Reason::kInvalid:
    case Reason::kForbidden:
    case Reason::kNamespaceTerminating:
    case Reason::kMethodNotAllowed:
    case Reason::kUnsupportedMediaType:
    case Reason::kTooLarge:
    case Reason::kBadInput:
      return true;
    default:
      return false;
  }
}

}  // namespace base
