#include "kube/config/timestamp.h"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace kube {
namespace {

// Takes `width` digits off the front of `text`.
std::optional<int> take_number(std::string_view& text, std::size_t width) {
  if (text.size() < width) return std::nullopt;
  int number = 0;
  const char* end = text.data() + width;
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || text.front() == '-') return std::nullopt;
  text.remove_prefix(width);
  return number;
}

bool take(std::string_view& text, char expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(1);
  return true;
}

// "Z", "+02:00" or "-02:00", to the end.
std::optional<std::chrono::minutes> take_offset(std::string_view& text) {
  if (text == "Z" || text == "z") return std::chrono::minutes(0);
  const int sign = text.starts_with('-') ? -1 : 1;
  if (!take(text, '+') && !take(text, '-')) return std::nullopt;
  const auto hours = take_number(text, 2);
  if (!hours || !take(text, ':')) return std::nullopt;
  const auto minutes = take_number(text, 2);
  if (!minutes || !text.empty() || *hours > 23 || *minutes > 59) return std::nullopt;
  return sign * (std::chrono::hours(*hours) + std::chrono::minutes(*minutes));
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

std::optional<std::chrono::seconds> take_time_of_day(std::string_view& text) {
  const auto hours = take_number(text, 2);
  if (!hours || !take(text, ':')) return std::nullopt;
  const auto minutes = take_number(text, 2);
  if (!minutes || !take(text, ':')) return std::nullopt;
  const auto seconds = take_number(text, 2);
  if (!seconds || *hours > 23 || *minutes > 59 || *seconds > 60) return std::nullopt;
  return std::chrono::hours(*hours) + std::chrono::minutes(*minutes) +
         std::chrono::seconds(*seconds);
}

// The wall clock counts nanoseconds, from 1677 to 2262; people write 9999 for "never".
base::WallClock::time_point representable(std::chrono::sys_seconds time) {
  using base::WallClock;
  constexpr auto kFirst = std::chrono::ceil<std::chrono::seconds>(WallClock::time_point::min());
  constexpr auto kLast = std::chrono::floor<std::chrono::seconds>(WallClock::time_point::max());
  return std::clamp<std::chrono::sys_seconds>(time, kFirst, kLast);
}

}  // namespace

std::optional<base::WallClock::time_point> parse_rfc3339(std::string_view text) {
  const auto date = take_date(text);
  if (!date || (!take(text, 'T') && !take(text, 't'))) return std::nullopt;
  const auto time = take_time_of_day(text);
  if (!time) return std::nullopt;
  if (take(text, '.'))
    text.remove_prefix(std::min(text.find_first_not_of("0123456789"), text.size()));
  const auto offset = take_offset(text);
  if (!offset) return std::nullopt;
  return representable(std::chrono::sys_seconds(*date + *time - *offset));
}

}  // namespace kube
