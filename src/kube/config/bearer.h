#pragma once
// Bearer tokens as text.

#include <algorithm>
#include <string_view>

namespace kube {

// May stand behind "Bearer " in a header: not empty, no white space, no control characters. What is
// let through otherwise could end the header and begin another.
inline bool is_bearer_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; });
}

}  // namespace kube
