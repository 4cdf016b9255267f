#include "base/names.h"

#include <algorithm>
#include <ranges>
#include <stdexcept>

#include "base/hash.h"

namespace base {
namespace {

// 40 bits: among 10 000 shortened names of one beginning a collision has a chance of 5 × 10⁻⁵.
constexpr std::size_t kHashDigits = 10;

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_lower_or_digit(char c) {
  return is_lower(c) || (c >= '0' && c <= '9');
}

// A DNS-1123 label but for its length.
bool is_label_text(std::string_view text) {
  return !text.empty() && is_lower_or_digit(text.front()) && is_lower_or_digit(text.back()) &&
         std::ranges::all_of(text, [](char c) { return is_lower_or_digit(c) || c == '-'; });
}

}  // namespace

bool is_dns1123_label(std::string_view name) {
  return name.size() <= kMaxLabelLength && is_label_text(name);
}

bool is_dns1123_subdomain(std::string_view name) {
  if (name.empty() || name.size() > kMaxSubdomainLength) return false;
  return std::ranges::all_of(std::views::split(name, '.'), [](auto part) {
    return is_label_text(std::string_view(part.begin(), part.end()));
  });
}

bool is_dns1035_label(std::string_view name) {
  return is_dns1123_label(name) && is_lower(name.front());
}

std::string shorten(std::string_view name, std::size_t max) {
  if (max < kHashDigits + 2) throw std::logic_error("base::shorten: max is under 12");
  if (name.size() <= max) return std::string(name);
  std::string_view beginning = name.substr(0, max - kHashDigits - 1);
  beginning = beginning.substr(0, beginning.find_last_not_of("-.") + 1);
  return std::string(beginning) + "-" + sha256_hex(name).substr(0, kHashDigits);
}

}  // namespace base
