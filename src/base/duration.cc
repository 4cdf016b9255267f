#include "base/duration.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <ranges>

#include <fmt/format.h>

namespace base {
namespace {

using Unsigned = unsigned __int128;

constexpr std::uint64_t kMicrosecond = 1'000;
constexpr std::uint64_t kMillisecond = 1'000'000;
constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kMinute = 60 * kSecond;
constexpr std::uint64_t kHour = 60 * kMinute;

// 2^63: the magnitude of the most negative duration.
constexpr Unsigned kMaxMagnitude = Unsigned{1} << 63;

struct Unit {
  std::string_view name;
  std::uint64_t nanos;
};
// Go reads both ways to write a micro sign: U+00B5 and the Greek letter U+03BC.
constexpr std::array<Unit, 8> kUnits{{{"ns", 1},
                                      {"us", kMicrosecond},
                                      {"\u00b5s", kMicrosecond},
                                      {"\u03bcs", kMicrosecond},
                                      {"ms", kMillisecond},
                                      {"s", kSecond},
                                      {"m", kMinute},
                                      {"h", kHour}}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes the leading characters for which `wanted` holds off `rest`.
template <class Predicate>
std::string_view take_while(std::string_view& rest, Predicate wanted) {
  const auto length =
      static_cast<std::size_t>(std::ranges::find_if_not(rest, wanted) - rest.begin());
  const std::string_view taken = rest.substr(0, length);
  rest.remove_prefix(length);
  return taken;
}

// integer.fraction units in nanoseconds, cut off below; nullopt above kMaxMagnitude.
std::optional<Unsigned> in_nanos(std::string_view integer, std::string_view fraction,
                                 std::uint64_t unit) {
  Unsigned whole = 0;
  for (const char digit : integer) {
    whole = whole * 10 + static_cast<Unsigned>(digit - '0');
    if (whole > kMaxMagnitude) return std::nullopt;
  }
  // From the last digit on, cutting off at each step is exact: ⌊(n + x) / 10⌋ = ⌊(n + ⌊x⌋) / 10⌋.
  Unsigned part = 0;
  for (const char digit : std::views::reverse(fraction)) {
    part = (static_cast<Unsigned>(digit - '0') * unit + part) / 10;
  }
  const Unsigned nanos = whole * unit + part;
  if (nanos > kMaxMagnitude) return std::nullopt;
  return nanos;
}

auto malformed(std::string_view text, std::string_view rule) {
  return fail(Reason::kBadInput, fmt::format("duration \"{}\" {}", text, rule));
}

// Takes one number with its unit off `rest`, in nanoseconds.
Result<Unsigned> take_term(std::string_view& rest, std::string_view text) {
  const std::string_view integer = take_while(rest, is_digit);
  std::string_view fraction;
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    fraction = take_while(rest, is_digit);
  }
  if (integer.empty() && fraction.empty()) return malformed(text, "has a unit without a number");

  const std::string_view name = take_while(rest, [](char c) { return !is_digit(c) && c != '.'; });
  if (name.empty()) return malformed(text, "has a number without a unit (ns, us, ms, s, m, h)");
  const auto unit = std::ranges::find(kUnits, name, &Unit::name);
  if (unit == kUnits.end()) {
    return malformed(text, fmt::format("has the unknown unit \"{}\" (ns, us, ms, s, m, h)", name));
  }
  const auto nanos = in_nanos(integer, fraction, unit->nanos);
  if (!nanos) return malformed(text, "is longer than 292 years");
  return *nanos;
}

// `nanos` in units of `unit`, without trailing zeros: 1.5.
std::string with_fraction(std::uint64_t nanos, std::uint64_t unit) {
  std::string text = fmt::format("{}", nanos / unit);
  std::uint64_t rest = nanos % unit;
  if (rest == 0) return text;
  text += '.';
  for (std::uint64_t place = unit / 10; rest != 0; place /= 10) {
    text += static_cast<char>('0' + rest / place);
    rest %= place;
  }
  return text;
}

std::string below_a_second(std::uint64_t nanos) {
  if (nanos < kMicrosecond) return fmt::format("{}ns", nanos);
  if (nanos < kMillisecond) return with_fraction(nanos, kMicrosecond) + "µs";
  return with_fraction(nanos, kMillisecond) + "ms";
}

std::string from_a_second(std::uint64_t nanos) {
  std::string seconds = with_fraction(nanos % kMinute, kSecond) + "s";
  if (nanos < kMinute) return seconds;
  const std::uint64_t minutes = nanos % kHour / kMinute;
  if (nanos < kHour) return fmt::format("{}m{}", minutes, seconds);
  return fmt::format("{}h{}m{}", nanos / kHour, minutes, seconds);
}

}  // namespace

Result<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  if (rest == "0") return std::chrono::nanoseconds(0);
  if (rest.empty()) return malformed(text, "is empty");

  Unsigned magnitude = 0;
  while (!rest.empty()) {
    const auto term = take_term(rest, text);
    if (!term) return std::unexpected(term.error());
    magnitude += *term;
    if (magnitude > kMaxMagnitude) return malformed(text, "is longer than 292 years");
  }
  if (!negative && magnitude == kMaxMagnitude) return malformed(text, "is longer than 292 years");
  const auto nanos = static_cast<__int128>(magnitude);
  return std::chrono::nanoseconds(static_cast<std::int64_t>(negative ? -nanos : nanos));
}

std::string format_duration(std::chrono::nanoseconds duration) {
  if (duration == std::chrono::nanoseconds(0)) return "0s";
  const std::int64_t count = duration.count();
  // Through unsigned, where the most negative count has a magnitude.
  const auto bits = static_cast<std::uint64_t>(count);
  const std::uint64_t magnitude = count < 0 ? 0 - bits : bits;
  const std::string text =
      magnitude < kSecond ? below_a_second(magnitude) : from_a_second(magnitude);
  return count < 0 ? "-" + text : text;
}

}  // namespace base
