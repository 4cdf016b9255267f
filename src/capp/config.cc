#include "capp/config.h"

#include <charconv>
#include <limits>
#include <optional>

#include <boost/json/object.hpp>
#include <fmt/format.h>

#include "json/parse.h"
#include "json/value.h"

namespace capp {
namespace {

// A key of the ConfigMap and where its value goes.
struct Setting {
  std::string_view key;
  std::int64_t Autoscale::* field;
  std::int64_t minimum;
};

constexpr Setting kSettings[] = {
    {"rps", &Autoscale::rps, 1},
    {"cpu", &Autoscale::cpu, 1},
    {"memory", &Autoscale::memory, 1},
    {"concurrency", &Autoscale::concurrency, 1},
    // Knative's webhook refuses an activation-scale below 2.
    {"activationScale", &Autoscale::activation_scale, 2},
};

// The autoscalers keep replicas, and the HPA its targets, in 32 bits.
constexpr std::int64_t kMaximum = std::numeric_limits<std::int32_t>::max();

std::optional<std::int64_t> read_number(std::string_view text, std::int64_t minimum) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (number < minimum || number > kMaximum) return std::nullopt;
  return number;
}

boost::json::object data_of(const object::Record& config_map) {
  const auto data = json::parse(config_map.body);
  return data && data->is_object() ? data->get_object() : boost::json::object{};
}

}  // namespace

std::string ConfigProblem::message() const {
  return fmt::format("{}: {} is \"{}\", but {}", object, key, value, rule);
}

std::expected<Config, std::vector<ConfigProblem>> read_config(const ConfigSources& sources) {
  const auto& source =
      sources.autoscale_defaults ? sources.autoscale_defaults : sources.autoscale_defaults_fallback;
  Config config;
  if (!source) return config;
  const auto data = data_of(*source);
  std::vector<ConfigProblem> problems;
  for (const auto& [key, field, minimum] : kSettings) {
    if (!data.contains(key)) continue;
    const std::string_view text = json::string_at(data, {key});
    if (const auto number = read_number(text, minimum)) {
      config.autoscale.*field = *number;
      continue;
    }
    problems.push_back(
        {.object = "ConfigMap " + source->key.to_string(),
         .key = std::string(key),
         .value = std::string(text),
         .rule = fmt::format("must be a whole number from {} to {}", minimum, kMaximum)});
  }
  if (!problems.empty()) return std::unexpected(std::move(problems));
  return config;
}

}  // namespace capp
