#pragma once
// Result<T> and Error: how every layer says that something that can fail has failed.
// Exceptions are for programming errors only; they are caught at the reconcile barrier.

#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace base {

// Why an operation failed, in the API machinery's own words where it has one (metav1.StatusReason).
enum class Reason {
  // The API server answered.
  kNotFound,
  kAlreadyExists,
  kConflict,
  kGone,  // 410, also "Expired": the resourceVersion or continue token is too old
  kResourceVersionTooLarge,  // the server has not yet seen the resourceVersion that was asked for
  kInvalid,                  // 400, 422, and 500 of "failed to create typed patch object"
  kForbidden,
  kNamespaceTerminating,  // 403 with that cause: nothing can be created here any more
  kUnauthorized,
  kMethodNotAllowed,
  kUnsupportedMediaType,
  kTooManyRequests,
  kTooLarge,       // 413, or a limit of ours on a body, line or header
  kServerTimeout,  // 504 and "Timeout"
  kUnavailable,    // 502, 503
  kInternal,       // other 5xx
  // Nothing usable came back.
  kConnection,  // refused, reset, closed early, name not resolved
  kTls,         // handshake or certificate
  kTimeout,     // our deadline passed
  kCancelled,   // our stop token fired
  kProtocol,    // an answer that is not HTTP, JSON or the object asked for
  // We refused by ourselves.
  kNotLeader,
  kBadInput,  // a flag, a file, a value given by a person
};

// CamelCase name of the reason, for logs and metrics ("NotFound").
std::string_view to_string(Reason reason);

struct Error {
  Reason reason = Reason::kInternal;
  // What was being done, to which object, what the server said, what a person can do. Never a
  // secret.
  std::string message;
  // HTTP status of the answer; 0 when there was none.
  int http_code = 0;
  // The server's Retry-After, already bounded to [0, 5 min] where it was read.
  std::optional<std::chrono::seconds> retry_after{};
  // What this error wraps; null at the root.
  std::shared_ptr<const Error> cause{};

  // "message: cause: cause of the cause".
  [[nodiscard]] std::string describe() const;
  // This error below a sentence that says what was being done; reason, code and Retry-After stay.
  [[nodiscard]] Error wrap(std::string context) const;
};

// True where only a change of the object, its configuration or the server's rules can cure the
// error; everything else may be cured by time.
bool is_permanent(Reason reason);

template <class T>
using Result = std::expected<T, Error>;

// Shorthand of the failing return: `return base::fail(Reason::kBadInput, "...")`.
inline std::unexpected<Error> fail(Reason reason, std::string message) {
  return std::unexpected(Error{.reason = reason, .message = std::move(message)});
}

}  // namespace base
