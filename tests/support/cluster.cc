#include "tests/support/cluster.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "capp/kinds.h"
#include "capp/names.h"
#include "json/value.h"
#include "tests/support/operator_rights.h"

namespace test {
namespace {

// Nobody else takes our finalizer away.
bool waits_for_the_operator(const Api::Object& capp) {
  return at(capp, "/metadata/finalizers").contains(capp::kFinalizer);
}

}  // namespace

Cluster::Cluster(ControlPlane control_plane)
    : plane(std::move(control_plane)),
      api(plane.admin_kubeconfig()),
      audit(plane.audit_log()),
      ns(make_namespace()),
      whole_audit_(plane.audit_log()) {
  grant_operator_rights(api, ns);
}

Cluster::~Cluster() {
  try {
    expect_nothing_forbidden();
  } catch (const std::exception& error) {
    ADD_FAILURE() << "what was forbidden is not known: " << error.what();
  }
  if (plane.is_own()) return;
  others_.push_back(ns);
  for (const auto& name : others_) {
    try {
      leave(name);
    } catch (const std::exception& error) {
      ADD_FAILURE() << "namespace " << name << " is left behind: " << error.what();
    }
  }
}

std::string Cluster::make_namespace() {
  const auto made =
      api.create(kNamespace, {}, parse_object(R"({"metadata": {"generateName": "t-"}})"));
  return at(made, "/metadata/name");
}

std::string Cluster::another_namespace() {
  return others_.emplace_back(make_namespace());
}

// By its roles: what they lack must not go unseen because a test does not look there.
void Cluster::expect_nothing_forbidden() {
  const auto own = api.find(kNamespace, {.ns = {}, .name = ns});
  const bool deleted = !own || at(*own, "/status/phase") != "Active";
  const auto refused = whole_audit_.not_allowed().only([&](const AuditRequest& request) {
    return !deleted || request.ns != ns;  // the roles go with their namespace
  });
  EXPECT_TRUE(refused.empty()) << "no role allows:\n" << refused.describe();
}

void Cluster::leave(const std::string& name) {
  // It may be gone or going: a test of its own.
  if (!api.find(kNamespace, {.ns = {}, .name = name})) return;
  const auto capps = api.list(capp::kCapp, name);
  const bool minded = operator_ && operator_->runs();
  if (!minded && std::ranges::any_of(capps, waits_for_the_operator)) start_operator();
  for (const auto& capp : capps) {
    // It may be on its way out already.
    [[maybe_unused]] const auto removed =
        api.try_remove(capp::kCapp, {.ns = name, .name = at(capp, "/metadata/name")});
  }
  EXPECT_TRUE(eventually([&] { return is("Capps left", api.list(capp::kCapp, name).size(), 0U); }));
  [[maybe_unused]] const auto removed = api.try_remove(kNamespace, {.ns = {}, .name = name});
}

OperatorProcess& Cluster::start_operator(const std::string& kubeconfig,
                                         const std::vector<std::string>& flags) {
  operator_.reset();
  operator_ = std::make_unique<OperatorProcess>(
      OperatorOptions{.kubeconfig = kubeconfig.empty() ? plane.operator_kubeconfig() : kubeconfig,
                      .ns = ns,
                      .log_file = plane.scratch("operator-" + ns + ".log"),
                      .flags = flags});
  operator_->await_ready();
  return *operator_;
}

void Cluster::stop_operator() {
  operator_.reset();
}

void Cluster::restart_apiserver() {
  plane.restart_apiserver();
  whole_audit_.restart();
}

Api::Object Cluster::capp(std::string_view name) {
  return api.get(capp::kCapp, key(name));
}

Api::Object Cluster::service(std::string_view name) {
  return api.get(capp::kKnativeService, key(name));
}

testing::AssertionResult Cluster::settled(std::string_view name) {
  const auto now = capp(name);
  if (condition(now, "Ready").status.empty()) {
    return testing::AssertionFailure() << name << " has no condition Ready";
  }
  const auto seen = is("observedGeneration", at(now, "/status/observedGeneration"),
                       at(now, "/metadata/generation"));
  return seen ? idle() : seen;
}

testing::AssertionResult Cluster::idle() {
  for (const char* series : {"workqueue_depth", "controller_runtime_active_workers"}) {
    const auto seen = is(series, op().metric(series).value_or(-1), 0);
    if (!seen) return seen;
  }
  return testing::AssertionSuccess();
}

void Cluster::create_settled(const Api::Object& capp) {
  api.create(capp::kCapp, ns, capp);
  const std::string name = at(capp, "/metadata/name");
  ASSERT_TRUE(eventually([&] { return settled(name); }));
  // Each Capp begins with one event, which is sent by itself, and its requests are logged a moment
  // after their answers.
  ASSERT_TRUE(eventually([&] {
    const auto made = writes();
    const bool logged = std::ranges::any_of(made.of("create", "events"), [&](const auto& event) {
      return event.name.starts_with(name + ".");
    });
    return logged && !made.of("patch", "capps/status").empty()
               ? testing::AssertionSuccess()
               : testing::AssertionFailure() << made.describe();
  }));
}

Requests Cluster::requests() const {
  return audit.of_operator().only(
      [](const AuditRequest& request) { return request.is_write() || request.is_read(); });
}

testing::AssertionResult Cluster::silent() {
  const auto asked = requests();
  return asked.empty() ? testing::AssertionSuccess()
                       : testing::AssertionFailure() << asked.describe();
}

testing::AssertionResult Cluster::writes_stay_at(std::size_t count) {
  const auto check = [&] {
    const auto seen = writes();
    return seen.size() == count ? testing::AssertionSuccess()
                                : testing::AssertionFailure()
                                      << seen.size() << " writes, not " << count << ":\n"
                                      << seen.describe();
  };
  const auto reached = eventually(check);
  return reached ? throughout(kMoment, check) : reached;
}

std::vector<Api::Object> Cluster::events(std::string_view name, std::string_view reason) {
  auto events = api.list(kEvent, ns);
  std::erase_if(events, [&](const Api::Object& event) {
    return at(event, "/reason") != reason || at(event, "/regarding/name") != name;
  });
  return events;
}

}  // namespace test
