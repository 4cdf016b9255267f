#include "yaml/characters.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/utf8.h"

namespace yaml {
namespace {

bool is_forbidden_control(unsigned char byte) {
  return (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F;
}

BadCharacter at(std::string_view text, std::size_t index, std::string rule) {
  const std::string_view before = text.substr(0, index);
  const std::size_t last_break = before.rfind('\n');
  const std::size_t line_start = last_break == std::string_view::npos ? 0 : last_break + 1;
  return {.line = 1 + static_cast<std::size_t>(std::ranges::count(before, '\n')),
          .column = 1 + index - line_start,
          .rule = std::move(rule)};
}

}  // namespace

std::optional<BadCharacter> find_bad_character(std::string_view text) {
  for (std::size_t index = 0; index < text.size();) {
    const auto byte = static_cast<unsigned char>(text[index]);
    if (is_forbidden_control(byte)) {
      return at(text, index, fmt::format("control character 0x{:02X} is not allowed", byte));
    }
    const std::size_t length = base::utf8_character_length(text.substr(index));
    if (length == 0) return at(text, index, "text must be UTF-8");
    index += length;
  }
  return std::nullopt;
}

}  // namespace yaml
