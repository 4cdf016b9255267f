#include "telemetry/metrics/exposition.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "base/utf8.h"

namespace telemetry::metrics {
namespace {

bool is_letter_or_underscore(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_label_character(char c) {
  return is_letter_or_underscore(c) || (c >= '0' && c <= '9');
}

bool is_metric_character(char c) {
  return is_label_character(c) || c == ':';
}

bool begins_with_digit(std::string_view name) {
  return name.front() >= '0' && name.front() <= '9';
}

enum class Place { kHelp, kLabelValue };

// The format escapes '\' and line feeds everywhere, '"' in label values only, and is UTF-8.
std::string escaped(std::string_view text, Place place) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = base::utf8_character_length(text);
    const std::string_view character = text.substr(0, length);
    if (length == 0) {
      out += base::kReplacementCharacter;
    } else if (character == "\\") {
      out += "\\\\";
    } else if (character == "\n") {
      out += "\\n";
    } else if (character == "\"" && place == Place::kLabelValue) {
      out += "\\\"";
    } else {
      out += character;
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

std::string shortest(double value, std::chars_format format) {
  // Fixed form is asked for below 10^6 only, with at most 17 significant digits behind four zeros.
  std::array<char, 64> buffer{};
  const auto result = std::to_chars(buffer.begin(), buffer.end(), value, format);
  return {buffer.begin(), result.ptr};
}

}  // namespace

std::string_view to_string(Type type) {
  switch (type) {
    case Type::kCounter:
      return "counter";
    case Type::kGauge:
      return "gauge";
    case Type::kHistogram:
      return "histogram";
  }
  return "";
}

bool is_metric_name(std::string_view name) {
  return !name.empty() && !begins_with_digit(name) &&
         std::ranges::all_of(name, is_metric_character);
}

bool is_label_name(std::string_view name) {
  return !name.empty() && !begins_with_digit(name) && !name.starts_with("__") &&
         std::ranges::all_of(name, is_label_character);
}

std::string format_number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  // 'g' with the shortest precision: fixed for exponents from -4 to 5.
  const double magnitude = std::abs(value);
  const bool fixed = magnitude == 0 || (magnitude >= 1e-4 && magnitude < 1e6);
  return shortest(value, fixed ? std::chars_format::fixed : std::chars_format::scientific);
}

void ExpositionWriter::header(std::string_view name, std::string_view help, Type type) {
  out_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, escaped(help, Place::kHelp), name,
                      to_string(type));
}

void ExpositionWriter::sample(std::string_view name, std::span<const std::string> label_names,
                              std::span<const std::string> label_values, double value,
                              std::pair<std::string_view, std::string_view> extra) {
  out_ += name;
  char before = '{';
  const auto label = [&](std::string_view label_name, std::string_view label_value) {
    out_ +=
        fmt::format("{}{}=\"{}\"", before, label_name, escaped(label_value, Place::kLabelValue));
    before = ',';
  };
  for (std::size_t i = 0; i < label_names.size(); ++i) label(label_names[i], label_values[i]);
  if (!extra.first.empty()) label(extra.first, extra.second);
  if (before == ',') out_ += '}';
  out_ += fmt::format(" {}\n", format_number(value));
}

}  // namespace telemetry::metrics
