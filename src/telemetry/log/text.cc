#include "telemetry/log/text.h"

#include <fmt/format.h>

#include "base/utf8.h"

namespace telemetry::log {
namespace {

// One valid character without what breaks a line or drives a terminal.
std::string printable_character(std::string_view character) {
  // U+2028 and U+2029 are line breaks to JavaScript and to some viewers.
  if (character == "\u2028") return "\\u2028";
  if (character == "\u2029") return "\\u2029";
  const auto first = static_cast<unsigned char>(character.front());
  switch (first) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      break;
  }
  if (first < 0x20 || first == 0x7F) return fmt::format("\\u{:04x}", first);
  // The C1 control characters, U+0080 to U+009F.
  if (first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0) {
    return fmt::format("\\u{:04x}", static_cast<unsigned char>(character[1]));
  }
  return std::string(character);
}

std::string json_character(std::string_view character) {
  if (character == "\"") return "\\\"";
  if (character == "\\") return "\\\\";
  return printable_character(character);
}

template <class Escape>
std::string escape_text(std::string_view text, std::size_t max_bytes, Escape escape) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = base::utf8_character_length(text);
    const std::string next =
        length == 0 ? std::string(base::kReplacementCharacter) : escape(text.substr(0, length));
    if (out.size() + next.size() > max_bytes) return out.append(kTruncationMark);
    out += next;
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

}  // namespace

std::string json_string(std::string_view text, std::size_t max_bytes) {
  return '"' + escape_text(text, max_bytes, json_character) + '"';
}

std::string printable(std::string_view text, std::size_t max_bytes) {
  return escape_text(text, max_bytes, printable_character);
}

}  // namespace telemetry::log
