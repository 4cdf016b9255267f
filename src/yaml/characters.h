#pragma once
// What text may consist of before the YAML scanner sees it.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace yaml {

struct BadCharacter {
  std::size_t line = 1;    // from 1
  std::size_t column = 1;  // in bytes, from 1
  std::string rule;
};

// The first byte that is no UTF-8, or a control character that YAML forbids. yaml-cpp passes the
// former through, takes 0x04 for the end of the text, and guesses UTF-16 from NULs.
std::optional<BadCharacter> find_bad_character(std::string_view text);

}  // namespace yaml
