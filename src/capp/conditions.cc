#include "capp/conditions.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "json/value.h"
#include "object/condition.h"

namespace capp {
namespace {

constexpr std::string_view kReady = "Ready";
constexpr std::string_view kDisabled = "Disabled";
constexpr std::string_view kSyncFailed = "ResourceSyncFailed";
constexpr std::string_view kDnsConfigInvalid = "DNSConfigInvalid";

std::string_view reason_of(Verdict verdict, const Concern& concern) {
  switch (verdict) {
    case Verdict::kReady:
      return kReady;
    case Verdict::kNotReady:
      return concern.not_ready;
    case Verdict::kApexHostname:
      return "ApexHostname";
    case Verdict::kTerminating:
      return "Terminating";
    case Verdict::kDnsConfigInvalid:
      return kDnsConfigInvalid;
    case Verdict::kMissing:
      return "DependencyMissing";
    case Verdict::kSyncFailed:
      return kSyncFailed;
  }
  std::unreachable();
}

// The messages of the findings that `chosen` accepts, each told once.
template <class Predicate>
std::string messages(const Findings& findings, Predicate chosen) {
  std::vector<std::string_view> texts;
  for (const auto& finding : findings) {
    if (!chosen(finding) || std::ranges::find(texts, finding.message) != texts.end()) continue;
    texts.push_back(finding.message);
  }
  return fmt::format("{}", fmt::join(texts, "; "));
}

object::Condition condition(std::string_view type, bool is_true, std::string_view reason,
                            std::string message) {
  return {.type = std::string(type),
          .status = is_true ? object::ConditionStatus::kTrue : object::ConditionStatus::kFalse,
          .reason = std::string(reason),
          .message = std::move(message)};
}

bool is_disabled(const World& world) {
  return world.capp.spec.state == State::kDisabled;
}

// What a disabled Capp says of a concern in the place of a judgement; empty where it is judged.
std::string_view disabled_text(const World& world, const Concern& concern) {
  if (!is_disabled(world)) return {};
  if (concern == kServing) return "the Capp is disabled: its Knative Service is deleted";
  if (concern.needs_service) return "the Capp is disabled: there is no Knative Service to reach";
  return {};
}

// The concern's own condition; empty where the Capp does not ask for it.
std::optional<object::Condition> judge(const World& world, const Findings& findings,
                                       const Concern& concern) {
  const bool asked = std::ranges::any_of(
      findings, [&](const Finding& finding) { return finding.concern == &concern; });
  // Every Capp is about a Service, so a disabled one has this condition too.
  if (!asked && !(concern == kServing && is_disabled(world))) return std::nullopt;
  const Verdict worst = worst_of(findings, concern);
  const std::string_view disabled = disabled_text(world, concern);
  if (!disabled.empty() && worst < Verdict::kDnsConfigInvalid) {
    return condition(concern.condition, false, kDisabled, std::string(disabled));
  }
  return condition(concern.condition, worst == Verdict::kReady, reason_of(worst, concern),
                   messages(findings, [&](const Finding& finding) {
                     return finding.concern == &concern && finding.verdict == worst;
                   }));
}

bool is_sync_failure(const Finding& finding) {
  return finding.verdict == Verdict::kSyncFailed || finding.verdict == Verdict::kMissing;
}

bool is_dns_failure(const Finding& finding) {
  return finding.verdict == Verdict::kDnsConfigInvalid;
}

object::Condition sync_failed(const Findings& findings) {
  return condition(kReady, false, kSyncFailed, messages(findings, is_sync_failure));
}

// behaviour 1: the first failure in the order of kConcerns wins, after what could not be written
// and what is not configured.
object::Condition judge_all(const World& world, const Findings& findings) {
  if (std::ranges::any_of(findings, is_sync_failure)) return sync_failed(findings);
  if (std::ranges::any_of(findings, is_dns_failure)) {
    return condition(kReady, false, kDnsConfigInvalid, messages(findings, is_dns_failure));
  }
  for (const Concern* concern : kConcerns) {
    auto own = judge(world, findings, *concern);
    if (!own || own->status == object::ConditionStatus::kTrue) continue;
    // Told in the place of the Service, which the disabled ones wait for.
    if (own->reason == kDisabled && *concern != kServing) continue;
    const std::string_view reason = own->reason == kDisabled ? kDisabled : concern->not_ready;
    return condition(kReady, false, reason, std::move(own->message));
  }
  return condition(kReady, true, kReady, {});
}

// Present only where something that concerns the Capp is not in force.
std::optional<object::Condition> judge_configuration(const World& world) {
  std::vector<std::string> texts;
  for (const auto& problem : world.config_problems) {
    const bool concerned =
        problem.of == ConfigProblem::Of::kAll || !world.capp.spec.route.hostname.empty();
    if (concerned) texts.push_back(problem.message());
  }
  if (texts.empty()) return std::nullopt;
  return condition(
      "ConfigurationReady", false, "ConfigInvalid",
      fmt::format("{}; until then what was last good is in force, or the built-in defaults",
                  fmt::join(texts, "; ")));
}

boost::json::array merged(const World& world, const std::vector<object::Condition>& conditions) {
  const auto* previous = json::array_at(world.capp.status, {"conditions"});
  return object::merge_conditions(conditions, previous ? *previous : boost::json::array{},
                                  world.now, world.capp.generation);
}

}  // namespace

boost::json::array conditions_of(const World& world, const Findings& findings) {
  std::vector<object::Condition> conditions{judge_all(world, findings)};
  for (const Concern* concern : kConcerns) {
    if (auto own = judge(world, findings, *concern)) conditions.push_back(std::move(*own));
  }
  if (auto own = judge_configuration(world)) conditions.push_back(std::move(*own));
  return merged(world, conditions);
}

boost::json::array conditions_of_leaving(const World& world, const Findings& findings) {
  return merged(world, {sync_failed(findings)});
}

}  // namespace capp
