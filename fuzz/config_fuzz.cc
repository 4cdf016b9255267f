// capp::read_config: the first three lines of the input are the contents of the CappConfig and of
// the two ConfigMaps, the others what was last good of each; an empty line is an object that does
// not exist. What comes out follows the rules, is explained where it has no DNS, and is good again
// once it is kept.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "capp/config_sources.h"
#include "capp/hostname_pattern.h"

namespace {

object::RecordPtr record(std::string_view name, const std::string& content) {
  if (content.empty()) return nullptr;
  auto record = std::make_shared<object::Record>();
  record->key = {.ns = "ns", .name = std::string(name)};
  record->body = content;
  return record;
}

bool follows_the_rules(const capp::Config& config) {
  const auto& scale = config.autoscale;
  for (const auto target : {scale.rps, scale.cpu, scale.memory, scale.concurrency}) {
    if (target < 1) return false;
  }
  if (scale.activation_scale < 2 || config.revision_history_limit < 1) return false;
  const auto& limits = config.limits;
  if (limits.min_replicas.value_or(1) < 1 || limits.max_replicas.value_or(1) < 1) return false;
  if (limits.scale_delay_seconds < 0 || limits.kafka_consumers < 1) return false;
  const auto is_pattern = [](const auto& p) { return capp::is_hostname_pattern(p.match); };
  if (!std::ranges::all_of(config.hostname_patterns, is_pattern)) return false;
  if (!config.dns) return !config.dns_problem.empty();
  const auto& dns = *config.dns;
  return config.dns_problem.empty() && dns.zone.ends_with('.') && !dns.cname.empty() &&
         !dns.provider.empty() && !dns.issuer.name.empty() && !dns.issuer.kind.empty() &&
         !dns.issuer.group.empty();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  std::array<std::string, 6> lines;
  for (auto& line : lines) {
    line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(line.size() + 1, input.size()));
  }
  const capp::ConfigSources sources{
      .ns = "ns",
      .capp_config = record(capp::kCappConfigName, lines[0]),
      .autoscale_defaults = record(capp::kAutoscaleDefaults, lines[1]),
      .autoscale_defaults_fallback = nullptr,
      .dns_config = record(capp::kDnsConfig, lines[2])};

  const auto first = capp::read_config(sources, {lines[3], lines[4], lines[5]});
  if (!follows_the_rules(first.in_force.config)) std::abort();
  const auto second = capp::read_config(sources, first.last_good);
  if (second.in_force != first.in_force || second.last_good != first.last_good) std::abort();
  return 0;
}
