#pragma once
// UTF-8 of untrusted text.

#include <cstddef>
#include <string_view>

namespace base {

// U+FFFD, which stands for each byte that is not part of valid UTF-8.
inline constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";

// The length in bytes (1 to 4) of the character at the beginning of `text`; 0 where that is not
// valid UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF) or `text` is
// empty.
[[nodiscard]] std::size_t utf8_character_length(std::string_view text);

[[nodiscard]] bool is_utf8(std::string_view text);

// The longest beginning of `text` that has at most `max_bytes` and does not end within a character.
[[nodiscard]] std::string_view utf8_prefix(std::string_view text, std::size_t max_bytes);

}  // namespace base
