#include "base/quantity.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace base {
namespace {

using Unsigned = unsigned __int128;

constexpr Unsigned kOne = 1'000'000'000;  // a whole unit, in billionths
constexpr int kNanoDigits = 9;
constexpr Unsigned kBinaryCap = Unsigned{std::numeric_limits<std::int64_t>::max()} * kOne;
// 10^29 units are 10^38 billionths, and 128 bits with a sign reach 1.7 × 10^38.
constexpr int kMaxIntegerDigits = 29;
constexpr Unsigned kDecimalLimit =
    Unsigned{10'000'000'000'000'000'000U} * 10'000'000'000'000'000'000U;

struct BinarySuffix {
  std::string_view name;
  int exponent;  // of two
};
constexpr std::array<BinarySuffix, 6> kBinarySuffixes{
    {{"Ki", 10}, {"Mi", 20}, {"Gi", 30}, {"Ti", 40}, {"Pi", 50}, {"Ei", 60}}};

struct DecimalSuffix {
  std::string_view name;
  int exponent;  // of ten
};
constexpr std::array<DecimalSuffix, 10> kDecimalSuffixes{{{"n", -9},
                                                          {"u", -6},
                                                          {"m", -3},
                                                          {"", 0},
                                                          {"k", 3},
                                                          {"M", 6},
                                                          {"G", 9},
                                                          {"T", 12},
                                                          {"P", 15},
                                                          {"E", 18}}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t count_digits(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
}

auto malformed(std::string_view text, std::string_view rule) {
  return fail(Reason::kBadInput, fmt::format("quantity \"{}\" {}", text, rule));
}

// The parts of a quantity's text.
struct Parts {
  bool negative = false;
  std::string digits{};    // integer and fraction, without leading zeros
  std::int64_t point = 0;  // where the decimal point stands in `digits`; may lie outside
  std::string_view suffix{};
};

Result<Parts> split(std::string_view text) {
  Parts parts;
  std::string_view rest = text;
  if (rest.starts_with('-') || rest.starts_with('+')) {
    parts.negative = rest.front() == '-';
    rest.remove_prefix(1);
  }
  const std::string_view integer = rest.substr(0, count_digits(rest));
  rest.remove_prefix(integer.size());
  std::string_view fraction;
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    fraction = rest.substr(0, count_digits(rest));
    rest.remove_prefix(fraction.size());
  }
  if (integer.empty() && fraction.empty())
    return malformed(text, "has no number before its suffix");

  parts.digits.append(integer).append(fraction);
  const auto zeros = std::min(parts.digits.find_first_not_of('0'), parts.digits.size());
  parts.digits.erase(0, zeros);
  parts.point = static_cast<std::int64_t>(integer.size()) - static_cast<std::int64_t>(zeros);
  parts.suffix = rest;
  return parts;
}

// The whole part of the digits; the caller has bounded it to kMaxIntegerDigits.
Unsigned whole_part(const Parts& parts) {
  Unsigned whole = 0;
  for (std::int64_t i = 0; i < parts.point; ++i) {
    const auto index = static_cast<std::size_t>(i);
    const char digit = index < parts.digits.size() ? parts.digits[index] : '0';
    whole = whole * 10 + static_cast<Unsigned>(digit - '0');
  }
  return whole;
}

// The fraction of the digits times `unit`, rounded up. From the last digit to the first, so that
// rounding up at each step is exact: ⌈(n + x) / 10⌉ = ⌈(n + ⌈x⌉) / 10⌉ for a whole n.
Unsigned fraction_part(const Parts& parts, Unsigned unit) {
  Unsigned sum = 0;
  for (auto i = parts.digits.size(); i > 0 && static_cast<std::int64_t>(i) > parts.point; --i) {
    sum = (static_cast<Unsigned>(parts.digits[i - 1] - '0') * unit + sum + 9) / 10;
  }
  // Zeros between the point and the first digit. `sum` is 0 or 1 long before they are all counted.
  for (std::int64_t i = parts.point; i < 0 && sum > 1; ++i) sum = (sum + 9) / 10;
  return sum;
}

// The digits times `unit`, at most `cap`. Nothing overflows: a product is formed only where it
// stays within it.
Unsigned magnitude_of(const Parts& parts, Unsigned unit, Unsigned cap) {
  if (parts.point > kMaxIntegerDigits) return cap;
  const Unsigned whole = whole_part(parts);
  if (whole > cap / unit) return cap;
  return std::min(cap, whole * unit + fraction_part(parts, unit));
}

std::optional<std::int32_t> read_exponent(std::string_view text) {
  // from_chars takes a '-' but no '+'.
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  std::int32_t exponent = 0;
  const char* const text_end = std::to_address(text.end());
  const auto [end, error] = std::from_chars(std::to_address(text.begin()), text_end, exponent);
  if (error != std::errc{} || end != text_end) return std::nullopt;
  return exponent;
}

std::string digits_of(Unsigned value) {
  std::string digits;
  do {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value != 0);
  return digits;
}

struct Shifted {
  Unsigned mantissa;
  int exponent;
};

// `nanos` as mantissa × 10^exponent with the largest exponent that is a multiple of three.
Shifted in_thousands(Unsigned nanos) {
  Shifted shifted{nanos, -kNanoDigits};
  while (shifted.mantissa % 1000 == 0) {
    shifted.mantissa /= 1000;
    shifted.exponent += 3;
  }
  return shifted;
}

std::string in_decimal_exponent(Unsigned nanos) {
  const auto [mantissa, exponent] = in_thousands(nanos);
  return exponent == 0 ? digits_of(mantissa) : fmt::format("{}e{}", digits_of(mantissa), exponent);
}

std::string in_decimal_suffix(Unsigned nanos) {
  const auto [mantissa, exponent] = in_thousands(nanos);
  const auto found = std::ranges::find(kDecimalSuffixes, exponent, &DecimalSuffix::exponent);
  // Beyond E there is no suffix.
  if (found == kDecimalSuffixes.end()) return in_decimal_exponent(nanos);
  return digits_of(mantissa) + std::string(found->name);
}

std::string in_binary_suffix(Unsigned units) {
  std::string_view name;
  for (const auto& suffix : kBinarySuffixes) {
    if (units % 1024 != 0) break;
    units /= 1024;
    name = suffix.name;
  }
  return digits_of(units) + std::string(name);
}

}  // namespace

struct Quantity::Scale {
  Notation notation = Notation::kDecimalSuffix;
  int exponent = 0;  // of two in binary notation, of ten otherwise
};

Result<Quantity::Scale> Quantity::read_suffix(std::string_view suffix, std::string_view text) {
  const auto decimal = std::ranges::find(kDecimalSuffixes, suffix, &DecimalSuffix::name);
  if (decimal != kDecimalSuffixes.end()) return Scale{Notation::kDecimalSuffix, decimal->exponent};
  const auto binary = std::ranges::find(kBinarySuffixes, suffix, &BinarySuffix::name);
  if (binary != kBinarySuffixes.end()) return Scale{Notation::kBinarySuffix, binary->exponent};

  constexpr std::string_view kRule =
      "has an unknown suffix: use none, Ki Mi Gi Ti Pi Ei, n u m k M G T P E, or an exponent like "
      "e3";
  if (suffix.front() != 'e' && suffix.front() != 'E') return malformed(text, kRule);
  const auto exponent = read_exponent(suffix.substr(1));
  if (!exponent) return malformed(text, kRule);
  return Scale{Notation::kDecimalExponent, *exponent};
}

Result<Quantity> Quantity::parse(std::string_view text) {
  if (text.empty()) return malformed(text, "is empty");
  auto parts = split(text);
  if (!parts) return std::unexpected(std::move(parts.error()));
  const auto scale = read_suffix(parts->suffix, text);
  if (!scale) return std::unexpected(scale.error());
  if (parts->digits.empty()) return Quantity(0, scale->notation);

  const bool binary = scale->notation == Notation::kBinarySuffix;
  if (!binary) parts->point += scale->exponent;
  const Unsigned magnitude = binary ? magnitude_of(*parts, kOne << scale->exponent, kBinaryCap)
                                    : magnitude_of(*parts, kOne, kDecimalLimit);
  if (!binary && magnitude == kDecimalLimit) return malformed(text, "is 1e29 or more");

  const auto nanos = static_cast<Nanos>(magnitude);
  return Quantity(parts->negative ? -nanos : nanos, scale->notation);
}

std::string Quantity::to_string() const {
  if (nanos_ == 0) return "0";
  const auto magnitude = static_cast<Unsigned>(nanos_ < 0 ? -nanos_ : nanos_);
  const std::string sign = nanos_ < 0 ? "-" : "";
  const bool fits_binary = magnitude >= 1024 * kOne && magnitude % kOne == 0;
  if (notation_ == Notation::kBinarySuffix && fits_binary) {
    return sign + in_binary_suffix(magnitude / kOne);
  }
  if (notation_ == Notation::kDecimalExponent) return sign + in_decimal_exponent(magnitude);
  return sign + in_decimal_suffix(magnitude);
}

}  // namespace base
