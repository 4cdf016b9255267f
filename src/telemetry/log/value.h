#pragma once
// What a log field may hold, and fields themselves.

#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "base/redacted.h"

namespace telemetry::log {

// The value of a field while a call lasts: it does not own its text. Converts from what callers
// have at hand; a base::Redacted becomes "[redacted]", a std::chrono duration is written as Go does
// ("1m30s").
class Value {
 public:
  // NOLINTBEGIN(google-explicit-constructor): fields are written as they are at hand.
  Value(bool value) : held_(value) {}
  Value(std::signed_integral auto value) : held_(std::int64_t{value}) {}
  Value(std::unsigned_integral auto value) : held_(std::uint64_t{value}) {}
  Value(double value) : held_(value) {}
  Value(std::string_view value) : held_(value) {}
  Value(const std::string& value) : held_(std::string_view(value)) {}
  Value(const char* value) : held_(std::string_view(value)) {}
  template <class Rep, class Period>
  Value(std::chrono::duration<Rep, Period> value)
      : held_(std::chrono::duration_cast<std::chrono::nanoseconds>(value)) {}
  template <class T>
  Value(const base::Redacted<T>&) : held_(base::kRedacted) {}
  // NOLINTEND(google-explicit-constructor)

  // As one JSON token: a number, true, false, or a string of at most `max_bytes` (text.h). Strings
  // have their credentials redacted.
  [[nodiscard]] std::string to_json(std::size_t max_bytes) const;

 private:
  std::variant<bool, std::int64_t, std::uint64_t, double, std::string_view,
               std::chrono::nanoseconds>
      held_;
};

// A key in camelCase without dots ("resourceVersion") and its value. What the key calls a
// credential (redaction.h) is printed as "[redacted]".
struct Field {
  std::string_view key;
  Value value;
};

using Fields = std::initializer_list<Field>;

}  // namespace telemetry::log
