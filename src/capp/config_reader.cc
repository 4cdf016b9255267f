#include "capp/config_reader.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <ranges>
#include <utility>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "base/names.h"
#include "base/quantity.h"
#include "capp/hostname_pattern.h"
#include "json/value.h"

namespace capp {
namespace {

// The autoscalers keep replicas, and the HPA its targets, in 32 bits.
constexpr std::int64_t kMaximum = std::numeric_limits<std::int32_t>::max();

std::optional<std::int64_t> read_number(std::string_view text, std::int64_t minimum) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (number < minimum || number > kMaximum) return std::nullopt;
  return number;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_letter_or_digit(char c) {
  return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9');
}

// Each label of at most 63 characters (RFC 1035, 2.3.4), which a subdomain of Kubernetes need not
// have.
bool is_lower_dns_name(std::string_view name) {
  return base::is_dns1123_subdomain(name) &&
         std::ranges::all_of(std::views::split(name, '.'), [](auto label) {
           return base::is_dns1123_label(std::string_view(label.begin(), label.end()));
         });
}

bool is_zone(std::string_view text) {
  return text.ends_with('.') && is_lower_dns_name(text.substr(0, text.size() - 1));
}

bool is_dns_name(std::string_view text) {
  std::string name(text.substr(0, text.size() - (text.ends_with('.') ? 1 : 0)));
  std::ranges::transform(name, name.begin(), lower);
  return is_lower_dns_name(name);
}

bool is_kind(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_letter_or_digit);
}

bool is_amount(std::string_view text) {
  const auto quantity = base::Quantity::parse(text);
  return quantity && *quantity >= base::Quantity{};
}

}  // namespace

constexpr ConfigRule kZoneRule{
    is_zone, "must be a DNS name in lower case that ends in '.', like apps.example.com."};
constexpr ConfigRule kDnsNameRule{is_dns_name, "must be a DNS name, like ingress.example.com"};
constexpr ConfigRule kObjectNameRule{
    base::is_dns1123_subdomain,
    "must be the name of an object: lower case letters, digits, '-' and '.'"};
constexpr ConfigRule kKindRule{is_kind, "must be the name of a kind, like ClusterIssuer"};
constexpr ConfigRule kApiGroupRule{base::is_dns1123_subdomain,
                                   "must be an API group, like cert-manager.io"};
constexpr ConfigRule kPatternRule{is_hostname_pattern, "must be a regular expression (RE2)"};
constexpr ConfigRule kQuantityRule{is_amount, "must be an amount, like 100m or 1Gi"};

ConfigReader ConfigReader::below(std::string_view key) const {
  ConfigProblem about = about_;
  about.key.append(key).append(".");
  return {json::object_or_empty(values_, {key}), std::move(about), problems_};
}

std::vector<ConfigReader> ConfigReader::elements(std::string_view key) const {
  std::vector<ConfigReader> readers;
  const auto* list = json::array_at(values_, {key});
  if (list == nullptr) return readers;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto* element = (*list)[i].if_object();
    if (element == nullptr) continue;
    ConfigProblem about = about_;
    about.key += fmt::format("{}[{}].", key, i);
    readers.emplace_back(*element, std::move(about), problems_);
  }
  return readers;
}

void ConfigReader::number(std::string_view key, std::int64_t minimum,
                          std::optional<std::int64_t>& value) const {
  if (!has(key)) return;
  number(key, minimum, value.emplace());
}

void ConfigReader::number(std::string_view key, std::int64_t minimum, std::int64_t& value) const {
  const auto text = find(key);
  if (!text) return;
  if (const auto number = read_number(*text, minimum)) {
    value = *number;
  } else {
    note(key, text, fmt::format("must be a whole number from {} to {}", minimum, kMaximum));
  }
}

void ConfigReader::text(std::string_view key, const ConfigRule& rule, std::string& value) const {
  auto text = find(key);
  if (!text) return;
  if (rule.holds(*text)) {
    value = std::move(*text);
  } else {
    note(key, std::move(text), std::string(rule.text));
  }
}

void ConfigReader::required_text(std::string_view key, const ConfigRule& rule,
                                 std::string& value) const {
  if (!has(key)) return note(key, std::nullopt, std::string(rule.text));
  text(key, rule, value);
}

std::string ConfigReader::words(std::string_view key) const {
  return std::string(json::string_at(values_, {key}));
}

std::optional<std::string> ConfigReader::find(std::string_view key) const {
  const auto* value = values_.if_contains(key);
  if (value == nullptr) return std::nullopt;
  return value->is_string() ? std::string(value->get_string()) : boost::json::serialize(*value);
}

void ConfigReader::note(std::string_view key, std::optional<std::string> value,
                        std::string rule) const {
  ConfigProblem problem = about_;
  problem.key.append(key);
  problem.value = std::move(value);
  problem.rule = std::move(rule);
  problems_.push_back(std::move(problem));
}

}  // namespace capp
