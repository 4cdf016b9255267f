#include "telemetry/log/value.h"

#include <cmath>

#include <fmt/format.h>

#include "base/duration.h"
#include "telemetry/log/redaction.h"
#include "telemetry/log/text.h"

namespace telemetry::log {
namespace {

struct Encoder {
  std::size_t max_bytes;

  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
  std::string operator()(std::uint64_t value) const { return fmt::format("{}", value); }
  std::string operator()(double value) const {
    // JSON has no word for NaN and the infinities.
    return std::isfinite(value) ? fmt::format("{}", value) : fmt::format("\"{}\"", value);
  }
  std::string operator()(std::string_view value) const {
    return json_string(redact_credentials(value), max_bytes);
  }
  std::string operator()(std::chrono::nanoseconds value) const {
    return json_string(base::format_duration(value), max_bytes);
  }
};

}  // namespace

std::string Value::to_json(std::size_t max_bytes) const {
  return std::visit(Encoder{max_bytes}, held_);
}

}  // namespace telemetry::log
