#include "telemetry/log/encoder.h"

#include <algorithm>

#include <fmt/format.h>

#include "telemetry/log/redaction.h"
#include "telemetry/log/text.h"

namespace telemetry::log {
namespace {

constexpr std::string_view kEcsVersion = "8.11.0";
constexpr std::size_t kMaxTextBytes = std::size_t{8} * 1024;  // of a message, and of an error
constexpr std::size_t kMaxNameBytes = 256;                    // of a logger, a key, the service
// Kept free behind the fields for "fieldsLeftOut" and what closes the line.
constexpr std::size_t kReservedBytes = 64;

// Appends each field with `separator` in front of all but the first, as long as they fit into the
// line. `print` makes the text of one field.
template <class Print>
void append_fields(std::string& line, std::span<const EncodedField> fields,
                   std::string_view separator, Print print) {
  std::string_view before;
  std::size_t left_out = 0;
  const auto append = [&](const EncodedField& field) {
    line += before;
    line += print(field);
    before = separator;
  };
  for (const auto& field : fields) {
    const std::size_t size = separator.size() + print(field).size();
    if (line.size() + size + kReservedBytes > kMaxLineBytes) {
      ++left_out;
    } else {
      append(field);
    }
  }
  if (left_out > 0) append({.key = "fieldsLeftOut", .json = fmt::format("{}", left_out)});
}

std::string name_json(std::string_view name) {
  return json_string(name, kMaxNameBytes);
}

std::string text_json(std::string_view text) {
  return json_string(redact_credentials(text), kMaxTextBytes);
}

class EcsEncoder final : public Encoder {
 public:
  explicit EcsEncoder(const Service& service)
      : service_(fmt::format(R"("ecs.version":"{}","service.name":{},"service.version":{})",
                             kEcsVersion, name_json(service.name), name_json(service.version))) {}

  std::string encode(const LogRecord& record) const override {
    std::string line = fmt::format(R"({{"@timestamp":"{}","log.level":"{}","message":{},{})",
                                   base::rfc3339_micro(record.time), to_string(record.level),
                                   text_json(record.message), service_);
    if (!record.logger.empty())
      line += fmt::format(R"(,"log.logger":{})", name_json(record.logger));
    if (record.error != nullptr) {
      line +=
          fmt::format(R"(,"error.type":"{}","error.message":{})",
                      base::to_string(record.error->reason), text_json(record.error->describe()));
    }
    if (!record.fields.empty()) {
      line += R"(,"labels":{)";
      append_fields(line, record.fields, ",", [](const EncodedField& field) {
        return fmt::format("{}:{}", name_json(field.key), field.json);
      });
      line += '}';
    }
    return line + "}\n";
  }

 private:
  const std::string service_;  // the part of every line that never changes
};

// A JSON token for people: a string without quotes where nothing in it needs them.
std::string_view unquoted(std::string_view json) {
  if (!json.starts_with('"')) return json;
  const std::string_view content = json.substr(1, json.size() - 2);
  const bool plain = !content.empty() && std::ranges::all_of(content, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._/:@+").contains(c);
  });
  return plain ? content : json;
}

class ConsoleEncoder final : public Encoder {
 public:
  std::string encode(const LogRecord& record) const override {
    std::string line =
        fmt::format("{} {:<5} ", base::rfc3339_micro(record.time), upper_case(record.level));
    if (!record.logger.empty()) line += printable(record.logger, kMaxNameBytes) + "  ";
    line += printable(redact_credentials(record.message), kMaxTextBytes);
    if (record.error != nullptr) {
      line += fmt::format("  error={}", text_json(record.error->describe()));
    }
    if (!record.fields.empty()) line += "  ";
    append_fields(line, record.fields, " ", [](const EncodedField& field) {
      return fmt::format("{}={}", printable(field.key, kMaxNameBytes), unquoted(field.json));
    });
    return line + '\n';
  }

 private:
  static std::string_view upper_case(Level level) {
    switch (level) {
      case Level::kTrace:
        return "TRACE";
      case Level::kDebug:
        return "DEBUG";
      case Level::kInfo:
        return "INFO";
      case Level::kWarn:
        return "WARN";
      case Level::kError:
        return "ERROR";
    }
    return "";
  }
};

}  // namespace

std::string_view to_string(Level level) {
  switch (level) {
    case Level::kTrace:
      return "trace";
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarn:
      return "warn";
    case Level::kError:
      return "error";
  }
  return "";
}

std::unique_ptr<const Encoder> ecs_encoder(const Service& service) {
  return std::make_unique<const EcsEncoder>(service);
}

std::unique_ptr<const Encoder> console_encoder() {
  return std::make_unique<const ConsoleEncoder>();
}

}  // namespace telemetry::log
