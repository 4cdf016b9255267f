#include "capp/report.h"

#include <algorithm>
#include <ranges>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include "capp/children/table.h"
#include "capp/conditions.h"
#include "capp/findings.h"
#include "capp/host.h"
#include "capp/kinds.h"
#include "capp/messages.h"
#include "capp/tls_secrets.h"
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

Live live_objects(const World& world, const Plan& plan, const Results& results) {
  Live live;
  const auto add = [&](const Child& child, object::RecordPtr record) {
    if (record) live.add(child.kind(), std::move(record));
  };
  for (std::size_t i = 0; i < plan.wanted.size(); ++i) {
    const auto& wanted = plan.wanted[i];
    add(*wanted.child, live_after(world, plan, wanted.object, results.wanted[i]));
  }
  for (const auto& held : plan.held) {
    add(*held.child, live_after(world, plan, held.object, {}));
  }
  return live;
}

// As Child::status says.
void merge(boost::json::object& into, boost::json::object&& fragment) {
  for (auto& [key, value] : fragment) {
    auto& there = into[key];
    if (there.is_object() && value.is_object()) {
      merge(there.get_object(), std::move(value.get_object()));
    } else if (there.is_array() && value.is_array()) {
      auto& list = there.get_array();
      list.insert(list.end(), value.get_array().begin(), value.get_array().end());
      std::ranges::sort(list, {},
                        [](const auto& entry) { return json::string_at(entry, {"name"}); });
    } else {
      there = std::move(value);
    }
  }
}

// Of OpenShift; behaviour 1, `applicationLinks`.
boost::json::object application_links(const std::string& console_host) {
  boost::json::object links{{"consoleLink", console_host}};
  std::vector<std::string_view> labels;
  for (const auto label : console_host | std::views::split('.')) labels.emplace_back(label);
  if (labels.size() > 2) links["site"] = labels[2];
  return links;
}

// The TLS Secrets that the Capp answers for after this pass.
std::set<std::string> tls_secrets_after(const World& world, const Plan& plan,
                                        const Results& results, const Live& live) {
  const auto before = owned_tls_secrets(world);
  std::set<std::string> secrets(before.begin(), before.end());
  for (const auto& record : live.of(kCertificate)) secrets.insert(tls_secret_of(record->key.name));
  for (std::size_t i = 0; i < results.tls_secrets.size(); ++i) {
    if (!results.tls_secrets[i].error) secrets.erase(plan.tls_secrets[i].key.name);
  }
  return secrets;
}

void set_tls_secrets(boost::json::object& status, const std::set<std::string>& secrets) {
  auto route = json::object_or_empty(status, {"routeStatus"});
  route.erase("tlsSecretNames");
  if (!secrets.empty())
    route["tlsSecretNames"] = boost::json::array(secrets.begin(), secrets.end());
  status.erase("routeStatus");
  if (!route.empty()) status["routeStatus"] = std::move(route);
}

boost::json::object status_after(const World& world, const Plan& plan, const Results& results,
                                 const Findings& findings) {
  boost::json::object status;
  const Live live = live_objects(world, plan, results);
  for (const Child* child : children()) merge(status, child->status(world, live));
  set_tls_secrets(status, tls_secrets_after(world, plan, results, live));
  if (auto state = state_status(world, findings); !state.empty()) {
    status.emplace("stateStatus", std::move(state));
  }
  if (!world.console_host.empty()) {
    status.emplace("applicationLinks", application_links(world.console_host));
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

// A Capp that goes away keeps the status that it has, but for what it still owes, and what keeps it
// from going.
boost::json::object status_of_leaving(const World& world, const Plan& plan, const Results& results,
                                      const Findings& findings) {
  auto status = world.capp.status;
  set_tls_secrets(status, tls_secrets_after(world, plan, results, {}));
  if (findings.empty()) return status;
  status["conditions"] = conditions_of_leaving(world, findings);
  status["observedGeneration"] = world.capp.generation;
  return status;
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
