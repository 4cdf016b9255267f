#pragma once
// The two forms of a log line. Pure: a record in, a line out.

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"

namespace telemetry::log {

enum class Level { kTrace, kDebug, kInfo, kWarn, kError };

// "trace", "debug", "info", "warn", "error": ECS log.level.
std::string_view to_string(Level level);

// A field whose value is already one JSON token.
struct EncodedField {
  std::string key;
  std::string json;
};

// One line before it is encoded. Borrows everything; lives for one call.
struct LogRecord {
  base::WallClock::time_point time{};
  Level level = Level::kInfo;
  std::string_view logger{};  // "reflector"; empty: the process itself
  std::string_view message{};
  const base::Error* error = nullptr;      // null where the line reports none
  std::span<const EncodedField> fields{};  // keys differ from each other
};

// What identifies the process in every line.
struct Service {
  std::string name{};
  std::string version{};
};

// No line is longer, with its '\n': Fluent Bit's tail input gives up on longer ones by default.
inline constexpr std::size_t kMaxLineBytes = std::size_t{32} * 1024;
// The most that a field takes of it.
inline constexpr std::size_t kMaxFieldBytes = std::size_t{4} * 1024;

// Makes a line of a record. Thread-safe: const and without state. Message and error are cut at 8
// KiB each; fields that do not fit into kMaxLineBytes are left out and counted in the field
// "fieldsLeftOut". Line breaks and control characters inside texts are escaped, so that a record is
// always one line.
class Encoder {
 public:
  virtual ~Encoder() = default;
  // Ends with '\n'.
  [[nodiscard]] virtual std::string encode(const LogRecord& record) const = 0;
};

// One JSON document a line with the field names of the Elastic Common Schema 8.11: @timestamp,
// log.level, message, ecs.version, service.name, service.version, log.logger, error.type,
// error.message, and `labels` with the fields.
[[nodiscard]] std::unique_ptr<const Encoder> ecs_encoder(const Service& service);

// For people: "2026-11-23T03:55:41.123456Z INFO  reflector  synced  kind=Capp items=3 note="a b"".
// Values are quoted where they hold more than letters, digits and -._/:@+.
[[nodiscard]] std::unique_ptr<const Encoder> console_encoder();

}  // namespace telemetry::log
