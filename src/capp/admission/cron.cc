#include "capp/admission/cron.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace capp::admission {
namespace {

using base::Result;

// What may stand in one place of a schedule.
struct Field {
  std::string_view name;
  std::int64_t minimum;
  std::int64_t maximum;
  std::span<const std::string_view> words = {};  // for the numbers from `minimum` on
};

constexpr std::string_view kMonths[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                        "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::string_view kDays[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

constexpr std::array<Field, 6> kFields{{
    {.name = "second", .minimum = 0, .maximum = 59},
    {.name = "minute", .minimum = 0, .maximum = 59},
    {.name = "hour", .minimum = 0, .maximum = 23},
    {.name = "day of the month", .minimum = 1, .maximum = 31},
    {.name = "month", .minimum = 1, .maximum = 12, .words = kMonths},
    {.name = "day of the week", .minimum = 0, .maximum = 6, .words = kDays},
}};

constexpr std::string_view kDescriptors[] = {"@yearly", "@annually", "@monthly", "@weekly",
                                             "@daily",  "@midnight", "@hourly"};

constexpr std::string_view kBlanks = " \t\n\v\f\r";

// Empty parts too, as strings.Split.
std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find(separator, begin);
    parts.push_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos) return parts;
    begin = end + 1;
  }
}

// No empty parts, as strings.Fields.
std::vector<std::string_view> split_at_blanks(std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = text.find_first_not_of(kBlanks); begin != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(kBlanks, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(kBlanks, end);
  }
  return parts;
}

bool equal_in_any_case(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, {}, [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
}

// As strconv.Atoi: a sign is allowed, and of these only '+' leads to a number that is.
std::optional<std::int64_t> read_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::int64_t> read_number_or_word(std::string_view text, const Field& field) {
  for (std::size_t i = 0; i < field.words.size(); ++i) {
    if (equal_in_any_case(text, field.words[i])) {
      return field.minimum + static_cast<std::int64_t>(i);
    }
  }
  return read_number(text);
}

std::unexpected<base::Error> refuse(const Field& field, std::string_view part,
                                    std::string_view why) {
  return base::fail(base::Reason::kBadInput,
                    fmt::format("the {} \"{}\" {}", field.name, part.substr(0, 40), why));
}

// "*", "?", "5", "1-5", "mon-fri"; each with a step, as "*/15", or without.
Result<void> check_range(std::string_view part, const Field& field) {
  const auto range_and_step = split(part, '/');
  const auto ends = split(range_and_step.front(), '-');
  if (range_and_step.size() > 2) return refuse(field, part, "has more than one '/'");

  std::int64_t first = field.minimum;
  std::int64_t last = field.maximum;
  // As there, what stands behind "*-" does not count.
  if (ends.front() != "*" && ends.front() != "?") {
    if (ends.size() > 2) return refuse(field, part, "has more than one '-'");
    const auto begin = read_number_or_word(ends.front(), field);
    const auto end = read_number_or_word(ends.back(), field);
    if (!begin || !end) return refuse(field, part, "is no number, name or range of them");
    first = *begin;
    // "5/15" goes from 5 on.
    if (ends.size() == 2 || range_and_step.size() == 1) last = *end;
  }
  if (first < field.minimum || last > field.maximum || first > last) {
    return refuse(field, part, fmt::format("is not within {} to {}", field.minimum, field.maximum));
  }
  if (range_and_step.size() == 2 && read_number(range_and_step.back()).value_or(0) <= 0) {
    return refuse(field, part, "has no whole number above 0 as its step");
  }
  return {};
}

Result<void> check_field(std::string_view text, const Field& field) {
  for (const auto part : split(text, ',')) {
    if (part.empty()) continue;
    if (auto checked = check_range(part, field); !checked) return checked;
  }
  return {};
}

Result<void> check_fields(std::string_view text) {
  const auto parts = split_at_blanks(text);
  if (parts.size() != kFields.size() && parts.size() != kFields.size() - 1) {
    return base::fail(base::Reason::kBadInput,
                      fmt::format("it has {} fields, not 5 (minute, hour, day of the month, month, "
                                  "day of the week) or 6 (second before these)",
                                  parts.size()));
  }
  const std::size_t skipped = kFields.size() - parts.size();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (auto checked = check_field(parts[i], kFields[i + skipped]); !checked) return checked;
  }
  return {};
}

// What time.LoadLocation takes for a name.
bool is_time_zone(std::string_view name) {
  return !name.contains("..") && !name.starts_with('/') && !name.contains('\\');
}

}  // namespace

Result<void> check_schedule(std::string_view schedule) {
  if (schedule.contains("@every")) {
    return base::fail(base::Reason::kBadInput, "Knative does not take @every");
  }
  if (schedule.starts_with("TZ=") || schedule.starts_with("CRON_TZ=")) {
    const std::size_t end = schedule.find(' ');
    const std::size_t begin = schedule.find('=') + 1;
    if (end == std::string_view::npos || !is_time_zone(schedule.substr(begin, end - begin))) {
      return base::fail(base::Reason::kBadInput,
                        "no name of a time zone and then a blank follows TZ=");
    }
    schedule.remove_prefix(std::min(schedule.find_first_not_of(kBlanks, end), schedule.size()));
    // It is trimmed there only behind a time zone.
    schedule = schedule.substr(0, schedule.find_last_not_of(kBlanks) + 1);
  }
  if (!schedule.starts_with('@')) return check_fields(schedule);
  if (std::ranges::find(kDescriptors, schedule) != std::end(kDescriptors)) return {};
  return base::fail(base::Reason::kBadInput,
                    "of names there are @yearly, @annually, @monthly, @weekly, @daily, @midnight "
                    "and @hourly");
}

}  // namespace capp::admission
