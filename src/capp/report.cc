#include "capp/report.h"

#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "capp/children/table.h"
#include "capp/conditions.h"
#include "capp/findings.h"
#include "json/value.h"

namespace capp {
namespace {

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
                 .note = "The Capp is disabled: its Knative Service is deleted",
                 .transition = true};
  }
  if (before != to_string(State::kDisabled)) return std::nullopt;
  return Event{.type = Event::Type::kNormal,
               .reason = "CappEnabled",
               .action = "Enable",
               .note = "The Capp is enabled: its Knative Service is there again",
               .transition = true};
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
  status["conditions"] = conditions_of_leaving(world, findings);
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
