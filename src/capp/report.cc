#include "capp/report.h"

#include <algorithm>
#include <utility>

#include <boost/json/array.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "capp/children/table.h"
#include "json/value.h"
#include "object/condition.h"

namespace capp {
namespace {

// What is known of one object or of one attempt to change it; a later one is worse.
enum class Verdict { kReady, kNotReady, kTerminating, kMissing, kSyncFailed };

struct Finding {
  const Concern* concern = nullptr;  // null for the history, which no condition of its own tells of
  Verdict verdict = Verdict::kReady;
  std::string message{};
};
using Findings = std::vector<Finding>;

constexpr std::string_view kReady = "Ready";
constexpr std::string_view kDisabled = "Disabled";
constexpr std::string_view kSyncFailed = "ResourceSyncFailed";

std::string_view reason_of(Verdict verdict, const Concern& concern) {
  switch (verdict) {
    case Verdict::kReady:
      return kReady;
    case Verdict::kNotReady:
      return concern.not_ready;
    case Verdict::kTerminating:
      return "Terminating";
    case Verdict::kMissing:
      return "DependencyMissing";
    case Verdict::kSyncFailed:
      return kSyncFailed;
  }
  std::unreachable();
}

std::string name_of(const object::Wanted& object) {
  return fmt::format("{} {}", object.kind->kind, object.key.to_string());
}

bool went_wrong(const object::Outcome& outcome) {
  return outcome.what == object::Outcome::What::kFailed ||
         outcome.what == object::Outcome::What::kWaiting;
}

bool waits_for_deletion(const object::Outcome& outcome) {
  return outcome.what == object::Outcome::What::kWaiting && outcome.record != nullptr &&
         outcome.record->terminating;
}

// The API server's own words, whole: the condition cuts them where it must.
std::string cause_of(const object::Outcome& outcome) {
  return outcome.error ? outcome.error->describe() : std::string("no cause was given");
}

Finding terminating(const ChildWanted& wanted) {
  return {
      .concern = &wanted.child->concern(),
      .verdict = Verdict::kTerminating,
      .message = name_of(wanted.object) + " is being deleted and is created again when it is gone"};
}

Finding missing(const ChildWanted& wanted) {
  return {.concern = &wanted.child->concern(),
          .verdict = Verdict::kMissing,
          .message = fmt::format("the CustomResourceDefinition {} is not installed",
                                 wanted.object.kind->resource())};
}

// The object as it is after the pass, where it exists and is ours. A failed write may have met
// somebody else's, whose status is none of this Capp's.
object::RecordPtr live_after(const World& world, const Plan& plan, const object::Wanted& wanted,
                             const object::Outcome& outcome) {
  if (outcome.record && !went_wrong(outcome)) return outcome.record;
  auto observed = world.find(*wanted.kind, wanted.key.name);
  if (!observed || object::is_ours(*observed, plan.ownership, {}) != object::Ours::kYes) return {};
  return observed;
}

Finding written(const World& world, const Plan& plan, const ChildWanted& wanted,
                const object::Outcome& outcome) {
  if (waits_for_deletion(outcome)) return terminating(wanted);
  Finding finding{.concern = &wanted.child->concern()};
  if (went_wrong(outcome)) {
    finding.verdict = Verdict::kSyncFailed;
    finding.message = cause_of(outcome);
    return finding;
  }
  const auto live = live_after(world, plan, wanted.object, outcome);
  const Health health = live ? wanted.child->health(*live)
                             : Health{.message = name_of(wanted.object) + " has no status yet"};
  finding.verdict = health.ready ? Verdict::kReady : Verdict::kNotReady;
  finding.message = health.message;
  return finding;
}

void add_failure(Findings& findings, const Concern* concern, const object::Outcome& outcome) {
  if (!went_wrong(outcome) || waits_for_deletion(outcome)) return;
  findings.push_back(
      {.concern = concern, .verdict = Verdict::kSyncFailed, .message = cause_of(outcome)});
}

Findings find_all(const World& world, const Plan& plan, const Results& results) {
  Findings findings;
  for (std::size_t i = 0; i < plan.wanted.size(); ++i) {
    findings.push_back(written(world, plan, plan.wanted[i], results.wanted[i]));
  }
  for (const auto& wanted : plan.missing) findings.push_back(missing(wanted));
  for (const auto& wanted : plan.terminating) findings.push_back(terminating(wanted));
  for (std::size_t i = 0; i < plan.unwanted.size(); ++i) {
    add_failure(findings, &plan.unwanted[i].child->concern(), results.unwanted[i]);
  }
  if (results.revision) add_failure(findings, nullptr, *results.revision);
  for (const auto& outcome : results.pruned) add_failure(findings, nullptr, outcome);
  return findings;
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

Verdict worst_of(const Findings& findings, const Concern& concern) {
  Verdict worst = Verdict::kReady;
  for (const auto& finding : findings) {
    if (finding.concern == &concern) worst = std::max(worst, finding.verdict);
  }
  return worst;
}

// The concern's own condition; empty where the Capp does not ask for it.
std::optional<object::Condition> judge(const World& world, const Findings& findings,
                                       const Concern& concern) {
  const Verdict worst = worst_of(findings, concern);
  // Every Capp is about a Service, so a disabled one has this condition too.
  if (concern == kServing && world.capp.spec.state == State::kDisabled &&
      worst != Verdict::kSyncFailed) {
    return condition(concern.condition, false, kDisabled,
                     "the Capp is disabled: its Knative Service is deleted");
  }
  const bool asked = std::ranges::any_of(
      findings, [&](const Finding& finding) { return finding.concern == &concern; });
  if (!asked) return std::nullopt;
  return condition(concern.condition, worst == Verdict::kReady, reason_of(worst, concern),
                   messages(findings, [&](const Finding& finding) {
                     return finding.concern == &concern && finding.verdict == worst;
                   }));
}

bool is_sync_failure(const Finding& finding) {
  return finding.verdict == Verdict::kSyncFailed || finding.verdict == Verdict::kMissing;
}

object::Condition sync_failed(const Findings& findings) {
  return condition(kReady, false, kSyncFailed, messages(findings, is_sync_failure));
}

// behaviour 1: the first failure in the order of kConcerns wins, after what could not be written.
object::Condition judge_all(const World& world, const Findings& findings) {
  if (std::ranges::any_of(findings, is_sync_failure)) return sync_failed(findings);
  for (const Concern* concern : kConcerns) {
    auto own = judge(world, findings, *concern);
    if (!own || own->status == object::ConditionStatus::kTrue) continue;
    const std::string_view reason = own->reason == kDisabled ? kDisabled : concern->not_ready;
    return condition(kReady, false, reason, std::move(own->message));
  }
  return condition(kReady, true, kReady, {});
}

boost::json::array conditions_of(const World& world, const Findings& findings) {
  std::vector<object::Condition> conditions{judge_all(world, findings)};
  for (const Concern* concern : kConcerns) {
    if (auto own = judge(world, findings, *concern)) conditions.push_back(std::move(*own));
  }
  const auto* previous = json::array_at(world.capp.status, {"conditions"});
  return object::merge_conditions(conditions, previous ? *previous : boost::json::array{},
                                  world.now, world.capp.generation);
}

std::string_view state_before(const Capp& capp) {
  return json::string_at(capp.status, {"stateStatus", "state"});
}

// What a state asks for is the Service, there or gone; it is acted on once that was written.
bool acted_on_state(const Findings& findings) {
  return worst_of(findings, kServing) <= Verdict::kNotReady;
}

boost::json::object state_status(const World& world, const Findings& findings) {
  const std::string_view before = state_before(world.capp);
  const std::string_view state =
      acted_on_state(findings) ? to_string(world.capp.spec.state) : before;
  if (state.empty()) return {};
  std::string_view since = json::string_at(world.capp.status, {"stateStatus", "lastChange"});
  if (state != before || since.empty()) since = world.now;
  return {{"state", state}, {"lastChange", since}};
}

Records live_objects(const World& world, const Plan& plan, const Results& results,
                     const Child& child) {
  Records live;
  const auto add = [&](object::RecordPtr record) {
    if (record) live.push_back(std::move(record));
  };
  for (std::size_t i = 0; i < plan.wanted.size(); ++i) {
    if (plan.wanted[i].child != &child) continue;
    add(live_after(world, plan, plan.wanted[i].object, results.wanted[i]));
  }
  for (const auto& wanted : plan.terminating) {
    if (wanted.child == &child) add(live_after(world, plan, wanted.object, {}));
  }
  return live;
}

boost::json::object status_after(const World& world, const Plan& plan, const Results& results,
                                 const Findings& findings) {
  boost::json::object status;
  for (const Child* child : children()) {
    for (auto& [key, value] : child->status(world, live_objects(world, plan, results, *child))) {
      status.insert_or_assign(key, std::move(value));
    }
  }
  if (auto state = state_status(world, findings); !state.empty()) {
    status.emplace("stateStatus", std::move(state));
  }
  status.emplace("autoscaleType", to_string(world.capp.spec.scale.metric));
  status.emplace("conditions", conditions_of(world, findings));
  status.emplace("observedGeneration", world.capp.generation);
  return status;
}

std::optional<Event> creation_event(const World& world, const ChildWanted& wanted,
                                    const object::Outcome& outcome) {
  const std::string_view stem = wanted.child->event_stem();
  if (outcome.what == object::Outcome::What::kCreated) {
    return Event{.type = Event::Type::kNormal,
                 .reason = fmt::format("{}Created", stem),
                 .action = "Create",
                 .note = "Created " + name_of(wanted.object)};
  }
  const bool existed = world.find(*wanted.object.kind, wanted.object.key.name) != nullptr;
  if (outcome.what != object::Outcome::What::kFailed || existed) return std::nullopt;
  return Event{.type = Event::Type::kWarning,
               .reason = fmt::format("{}CreationFailed", stem),
               .action = "Create",
               .note = cause_of(outcome)};
}

// behaviour 2, "Disabled / enabled": each transition is told once, and that a Capp begins enabled
// is none ("enabled *again* … emits CappEnabled").
std::optional<Event> transition_event(const World& world, const Findings& findings) {
  if (!acted_on_state(findings)) return std::nullopt;
  const std::string_view before = state_before(world.capp);
  const State now = world.capp.spec.state;
  if (before == to_string(now)) return std::nullopt;
  if (now == State::kDisabled) {
    return Event{.type = Event::Type::kNormal,
                 .reason = "CappDisabled",
                 .action = "Disable",
                 .note = "The Capp is disabled: its Knative Service is deleted"};
  }
  if (before != to_string(State::kDisabled)) return std::nullopt;
  return Event{.type = Event::Type::kNormal,
               .reason = "CappEnabled",
               .action = "Enable",
               .note = "The Capp is enabled: its Knative Service is there again"};
}

std::vector<Event> events_of(const World& world, const Plan& plan, const Results& results,
                             const Findings& findings) {
  std::vector<Event> events;
  for (std::size_t i = 0; i < plan.wanted.size(); ++i) {
    if (auto event = creation_event(world, plan.wanted[i], results.wanted[i])) {
      events.push_back(std::move(*event));
    }
  }
  if (auto event = transition_event(world, findings)) events.push_back(std::move(*event));
  return events;
}

// A Capp that goes away keeps the status that it has, unless something keeps it from going.
boost::json::object status_of_leaving(const World& world, const Findings& findings) {
  auto status = world.capp.status;
  if (findings.empty()) return status;
  const auto* previous = json::array_at(status, {"conditions"});
  auto conditions =
      object::merge_conditions({sync_failed(findings)}, previous ? *previous : boost::json::array{},
                               world.now, world.capp.generation);
  status["conditions"] = std::move(conditions);
  status["observedGeneration"] = world.capp.generation;
  return status;
}

}  // namespace

Report report(const World& world, const Plan& plan, const Results& results) {
  const Findings findings = find_all(world, plan, results);
  if (world.capp.terminating) return {.status = status_of_leaving(world, findings), .events = {}};
  return {.status = status_after(world, plan, results, findings),
          .events = events_of(world, plan, results, findings)};
}

}  // namespace capp
