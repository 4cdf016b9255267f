#include "capp/report.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "capp/findings.h"
#include "capp/host.h"
#include "capp/kinds.h"
#include "capp/messages.h"
#include "capp/status.h"
#include "capp/tls_secrets.h"

namespace capp {
namespace {

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

// Whether the object of a deletion is gone by now.
bool is_gone(const object::Outcome& outcome) {
  return outcome.record == nullptr && (outcome.what == object::Outcome::What::kDeleted ||
                                       outcome.what == object::Outcome::What::kUnchanged);
}

// Something waited for what this pass did, of which no event will tell.
bool continues(const World& world, const Plan& plan, const Results& results) {
  if (world.capp.terminating && (std::ranges::any_of(results.unwanted, is_gone) ||
                                 std::ranges::any_of(results.pruned, is_gone) ||
                                 std::ranges::any_of(results.tls_secrets, is_gone))) {
    return true;
  }
  for (std::size_t i = 0; i < plan.unwanted.size(); ++i) {
    // Its TLS Secret goes next.
    if (*plan.unwanted[i].object.kind == kCertificate && is_gone(results.unwanted[i])) return true;
  }
  // A Certificate that may go once its Secret is recorded.
  return std::ranges::any_of(world.all(kCertificate), [&](const auto& record) {
    return is_ours(world, *record) && !record->terminating &&
           !is_recorded(world.capp, tls_secret_of(record->key.name)) &&
           std::ranges::none_of(plan.wanted, [&](const auto& wanted) {
             return *wanted.object.kind == kCertificate && wanted.object.key == record->key;
           });
  });
}

}  // namespace

Report report(const World& world, const Plan& plan, const Results& results) {
  const Findings findings = find_all(world, plan, results);
  Report report{.continues = continues(world, plan, results)};
  if (world.capp.terminating) {
    report.status = status_of_leaving(world, plan, results, findings);
    return report;
  }
  report.status = status_after(world, plan, results, findings);
  report.events = events_of(world, plan, results, findings);
  return report;
}

}  // namespace capp
