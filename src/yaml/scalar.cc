#include "yaml/scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace yaml {
namespace {

// goyaml.v2/resolve.go of sigs.k8s.io/yaml: these spellings and no others (`yEs` is a string).
constexpr std::array<std::string_view, 5> kNulls{"", "~", "null", "Null", "NULL"};
constexpr std::array<std::string_view, 11> kTrue{"y",    "Y",    "yes", "Yes", "YES", "true",
                                                 "True", "TRUE", "on",  "On",  "ON"};
constexpr std::array<std::string_view, 11> kFalse{"n",     "N",     "no",  "No",  "NO", "false",
                                                  "False", "FALSE", "off", "Off", "OFF"};
constexpr std::array<std::string_view, 12> kNonFinite{".nan",  ".NaN",  ".NAN",  ".inf",
                                                      ".Inf",  ".INF",  "+.inf", "+.Inf",
                                                      "+.INF", "-.inf", "-.Inf", "-.INF"};

bool contains(const auto& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

bool starts_a_number(std::string_view text) {
  return !text.empty() && std::string_view("+-.0123456789").contains(text.front());
}

bool take_prefix(std::string_view& digits, std::string_view lower, std::string_view upper) {
  if (!digits.starts_with(lower) && !digits.starts_with(upper)) return false;
  digits.remove_prefix(lower.size());
  return true;
}

// Go's strconv, base 0.
int take_base(std::string_view& digits) {
  if (take_prefix(digits, "0x", "0X")) return 16;
  if (take_prefix(digits, "0o", "0O")) return 8;
  if (take_prefix(digits, "0b", "0B")) return 2;
  return digits.size() > 1 && digits.front() == '0' ? 8 : 10;
}

std::optional<boost::json::value> negated(std::uint64_t magnitude) {
  constexpr std::uint64_t kLargest = std::uint64_t{1} << 63;
  if (magnitude > kLargest) return std::nullopt;
  if (magnitude == kLargest) return boost::json::value(std::numeric_limits<std::int64_t>::min());
  return boost::json::value(-static_cast<std::int64_t>(magnitude));
}

// int64 where it fits, else uint64, else nothing.
std::optional<boost::json::value> integer(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const int base = take_base(text);
  std::uint64_t magnitude = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, magnitude, base);
  if (error != std::errc() || stop != end) return std::nullopt;
  if (negative) return negated(magnitude);
  constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
  if (magnitude > kLargest) return boost::json::value(magnitude);
  return boost::json::value(static_cast<std::int64_t>(magnitude));
}

std::optional<boost::json::value> floating(std::string_view text) {
  // from_chars would also take "inf", "nan" and, behind a "+" that it does not know, a second sign.
  if (text.find_first_not_of("0123456789.eE+-") != std::string_view::npos) return std::nullopt;
  if (text.starts_with("+-")) return std::nullopt;
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return boost::json::value(number);
}

}  // namespace

bool is_non_finite(std::string_view plain) {
  return contains(kNonFinite, plain);
}

boost::json::value resolve_plain(std::string_view plain) {
  if (contains(kNulls, plain)) return nullptr;
  if (contains(kTrue, plain)) return true;
  if (contains(kFalse, plain)) return false;
  if (!starts_a_number(plain)) return boost::json::value(plain);
  std::string number(plain);
  std::erase(number, '_');
  if (const auto value = integer(number)) return *value;
  if (const auto value = floating(number)) return *value;
  return boost::json::value(plain);
}

}  // namespace yaml
