#include "capp/status.h"

#include <algorithm>
#include <ranges>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>

#include "capp/children/table.h"
#include "capp/conditions.h"
#include "capp/host.h"
#include "capp/kinds.h"
#include "capp/tls_secrets.h"
#include "json/value.h"

namespace capp {
namespace {

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

}  // namespace

std::string_view state_before(const Capp& capp) {
  return json::string_at(capp.status, {"stateStatus", "state"});
}

bool acted_on_state(const Findings& findings) {
  return worst_of(findings, kServing) <= Verdict::kNotReady;
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

boost::json::object status_of_leaving(const World& world, const Plan& plan, const Results& results,
                                      const Findings& findings) {
  auto status = world.capp.status;
  set_tls_secrets(status, tls_secrets_after(world, plan, results, {}));
  if (findings.empty()) return status;
  status["conditions"] = conditions_of_leaving(world, findings);
  status["observedGeneration"] = world.capp.generation;
  return status;
}

}  // namespace capp
