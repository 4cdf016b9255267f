#pragma once
// The structured logger. There is no global one: whoever logs was given a Logger.

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "telemetry/log/encoder.h"
#include "telemetry/log/sink.h"
#include "telemetry/log/value.h"

namespace telemetry::log {

// The least severe level that --log-verbosity prints: 0 (the default) info, 1 debug, 2 and more
// trace.
[[nodiscard]] Level level_of_verbosity(int verbosity);

struct LoggerOptions {
  // Where lines go and in which form; both are needed. Shared with every logger made from this one.
  std::shared_ptr<Sink> sink{};
  std::shared_ptr<const Encoder> encoder{};
  // Less severe lines are dropped before they are encoded.
  Level level = Level::kInfo;
  // Where timestamps come from.
  base::WallClock::time_point (*now)() = base::WallClock::now;
};

// A cheap, immutable value (three pointers): copy it, keep it, use it from any thread. A logger
// made by with() or named() shares everything with the one it was made from, which stays as it was.
//
//   const auto log = reconcile_log.with("namespace", key.ns).with("name", key.name);
//   log.info("applied", {{"kind", "Service"}, {"took", elapsed}});
//   log.error("cannot apply the Service", error);
//
// Messages are constant phrases in lower case; what varies is a field. Credentials in messages,
// errors and values are redacted (redaction.h). Logging never throws for what a sink does, and
// never fails its caller.
class Logger {
 public:
  explicit Logger(LoggerOptions options);

  // With one more field in every line. A key that is there already takes the new value.
  [[nodiscard]] Logger with(std::string_view key, Value value) const;
  // With `name` behind the name so far and a '.' ("manager.reflector"): ECS log.logger.
  [[nodiscard]] Logger named(std::string_view name) const;

  // For what is dear to compute and only logged at that level.
  [[nodiscard]] bool enabled(Level level) const;

  // Every request and every step of a state machine.
  void trace(std::string_view message, Fields fields = {}) const;
  // What helps to find out why.
  void debug(std::string_view message, Fields fields = {}) const;
  // What an operator wants to read of a healthy process; silent when nothing changes.
  void info(std::string_view message, Fields fields = {}) const;
  // Wrong, and handled: it is tried again, or something works in a lesser way.
  void warn(std::string_view message, Fields fields = {}) const;
  void warn(std::string_view message, const base::Error& error, Fields fields = {}) const;
  // Wrong, and a person has to do something.
  void error(std::string_view message, Fields fields = {}) const;
  void error(std::string_view message, const base::Error& error, Fields fields = {}) const;

 private:
  struct Scope;

  void write(Level level, std::string_view message, const base::Error* error, Fields fields) const;

  std::shared_ptr<const LoggerOptions> options_;
  std::shared_ptr<const Scope> scope_;  // the fields of with(), innermost first; null: none
  std::shared_ptr<const std::string> name_;
};

// A logger that drops every line.
[[nodiscard]] Logger discarding_logger();

}  // namespace telemetry::log
