#include "telemetry/log/logger.h"

#include <algorithm>
#include <ranges>
#include <stdexcept>
#include <utility>
#include <vector>

#include "telemetry/log/redaction.h"

namespace telemetry::log {
namespace {

EncodedField encode_field(std::string_view key, const Value& value) {
  const Value shown = names_credential(key) ? Value(base::kRedacted) : value;
  return {.key = std::string(key), .json = shown.to_json(kMaxFieldBytes)};
}

// Adds `field` unless its key is there: the caller goes from the innermost field to the outermost.
void add_if_new(std::vector<EncodedField>& fields, EncodedField field) {
  const auto found = std::ranges::find(fields, field.key, &EncodedField::key);
  if (found == fields.end()) fields.push_back(std::move(field));
}

class NullSink final : public Sink {
 public:
  void write(std::string_view) override {}
};

}  // namespace

// One field of with(). A chain towards the root, so that a child costs one allocation and shares
// the rest.
struct Logger::Scope {
  std::shared_ptr<const Scope> parent;
  EncodedField field;
};

Level level_of_verbosity(int verbosity) {
  if (verbosity <= 0) return Level::kInfo;
  return verbosity == 1 ? Level::kDebug : Level::kTrace;
}

Logger::Logger(LoggerOptions options)
    : options_(std::make_shared<const LoggerOptions>(std::move(options))),
      name_(std::make_shared<const std::string>()) {
  if (!options_->sink || !options_->encoder) {
    throw std::logic_error("a Logger needs a sink and an encoder");
  }
}

Logger Logger::with(std::string_view key, Value value) const {
  Logger child = *this;
  child.scope_ = std::make_shared<const Scope>(Scope{scope_, encode_field(key, value)});
  return child;
}

Logger Logger::named(std::string_view name) const {
  Logger child = *this;
  child.name_ =
      std::make_shared<const std::string>(name_->empty() ? name : *name_ + '.' + std::string(name));
  return child;
}

bool Logger::enabled(Level level) const {
  return level >= options_->level;
}

void Logger::trace(std::string_view message, Fields fields) const {
  write(Level::kTrace, message, nullptr, fields);
}

void Logger::debug(std::string_view message, Fields fields) const {
  write(Level::kDebug, message, nullptr, fields);
}

void Logger::info(std::string_view message, Fields fields) const {
  write(Level::kInfo, message, nullptr, fields);
}

void Logger::warn(std::string_view message, Fields fields) const {
  write(Level::kWarn, message, nullptr, fields);
}

void Logger::warn(std::string_view message, const base::Error& error, Fields fields) const {
  write(Level::kWarn, message, &error, fields);
}

void Logger::error(std::string_view message, Fields fields) const {
  write(Level::kError, message, nullptr, fields);
}

void Logger::error(std::string_view message, const base::Error& error, Fields fields) const {
  write(Level::kError, message, &error, fields);
}

void Logger::write(Level level, std::string_view message, const base::Error* error,
                   Fields fields) const {
  if (!enabled(level)) return;
  // Innermost first, so that the innermost value of a key wins; printed outermost first.
  std::vector<EncodedField> encoded;
  for (const Field& field : std::views::reverse(fields)) {
    add_if_new(encoded, encode_field(field.key, field.value));
  }
  for (const Scope* scope = scope_.get(); scope != nullptr; scope = scope->parent.get()) {
    add_if_new(encoded, scope->field);
  }
  std::ranges::reverse(encoded);
  options_->sink->write(options_->encoder->encode({.time = options_->now(),
                                                   .level = level,
                                                   .logger = *name_,
                                                   .message = message,
                                                   .error = error,
                                                   .fields = encoded}));
}

Logger discarding_logger() {
  return Logger(
      {.sink = std::make_shared<NullSink>(), .encoder = console_encoder(), .level = Level::kError});
}

}  // namespace telemetry::log
