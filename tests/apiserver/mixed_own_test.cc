// Capps of every mixture, in numbers: what they cost once they are ready is what changes (behaviour
// 2, rules 1 to 3). On a control plane of its own, so that nobody else waits while it is silent.

#include <functional>
#include <set>
#include <stdexcept>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "capp/kinds.h"
#include "capp/names.h"
#include "kube/request.h"
#include "tests/support/all_children.h"
#include "tests/support/audit_checks.h"

namespace test {
namespace {

using capp::kCapp;
using namespace std::chrono_literals;

constexpr std::size_t kCapps = 300;
// Every tenth asks for all kinds of children.
constexpr std::size_t kStep = 10;
constexpr std::chrono::seconds kSilence{60};
// What 300 Capps set off takes longer than what one does.
constexpr std::chrono::milliseconds kQuiet = 2 * kMoment;
constexpr std::chrono::milliseconds kRepairLimit = 1000ms * kSlowness;

// What a Capp asks for beside its Service: 30 % a hostname with TLS, 20 % logs, 10 % volumes, 10 %
// event sources.
std::set<std::string_view> parts_of(std::size_t number) {
  switch (number % kStep) {
    case 0:
      return {"routeSpec", "logSpec", "volumesSpec", "eventSourcesSpec"};
    case 1:
    case 2:
      return {"routeSpec"};
    case 3:
      return {"logSpec"};
    default:
      return {};
  }
}

std::string name_of(std::size_t number) {
  return fmt::format("capp-{:03}", number);
}

boost::json::object mixed_capp(std::size_t number) {
  auto capp = a_capp_with_all_children(name_of(number));
  auto& spec = capp.at("spec").as_object();
  spec.at("routeSpec").at("hostname") = name_of(number);
  spec.at("volumesSpec").at("nfsVolumes").at(0).at("name") = name_of(number) + "-data";
  const auto parts = parts_of(number);
  for (const char* part : {"routeSpec", "logSpec", "volumesSpec", "eventSourcesSpec"}) {
    if (!parts.contains(part)) spec.erase(part);
  }
  return capp;
}

// What a controller or a webhook of that kind may set beside what we own, as a merge patch.
std::string_view defaults_of(const object::Kind& kind) {
  if (kind == capp::kKnativeService) {
    return R"({"spec": {"template": {"spec": {"containerConcurrency": 0, "timeoutSeconds": 300}},
                        "traffic": [{"latestRevision": true, "percent": 100}]}})";
  }
  if (kind == capp::kCnameRecord) {
    return R"({"spec": {"writeConnectionSecretToRef": {"name": "connection"}}})";
  }
  if (kind == capp::kCertificate) return R"({"spec": {"duration": "2160h0m0s"}})";
  if (kind == capp::kSyslogNgFlow || kind == capp::kSyslogNgOutput) {
    return R"({"spec": {"loggingRef": "default"}})";
  }
  if (kind == capp::kPingSource) return R"({"spec": {"timezone": "Europe/London"}})";
  if (kind == capp::kKafkaSource) return R"({"spec": {"initialOffset": "latest"}})";
  // Nothing is left to set in the spec of the others.
  return R"({"metadata": {"annotations": {"example.com/default": "set"}}})";
}

class MixedCapps : public testing::Test {
 protected:
  void SetUp() override {
    api.create(capp::kConfigMap, cluster.ns, a_dns_config("capp.dev"));
    cluster.start_operator();
    std::vector<Api::Object> capps;
    for (std::size_t i = 0; i < kCapps; ++i) capps.push_back(mixed_capp(i));
    api.create_all(kCapp, cluster.ns, capps);
    ASSERT_TRUE(falls_silent());
  }

  testing::AssertionResult falls_silent() {
    return eventually([&] {
      cluster.audit.restart();
      return throughout(kQuiet, [&] { return cluster.silent(); });
    });
  }

  std::vector<object::Key> children(const object::Kind& kind) {
    std::vector<object::Key> keys;
    for (const auto& child : api.list(kind, cluster.ns)) {
      keys.push_back(cluster.key(at(child, "/metadata/name")));
    }
    return keys;
  }
  // The child of that kind of the n-th Capp with all of them.
  object::Key child_of(const ChildCase& child, std::size_t nth) {
    for (const auto& object : api.list(*child.kind, cluster.ns)) {
      if (label(object, capp::kParentCappLabel) == name_of(nth * kStep)) {
        return cluster.key(at(object, "/metadata/name"));
      }
    }
    throw std::runtime_error(name_of(nth * kStep) + " has no " + std::string(child.label));
  }
  static net::Request status_patch(const ChildCase& child, const object::Key& key,
                                   std::string_view status) {
    return kube::merge_patch(*child.kind, key, fmt::format(R"({{"status": {}}})", status),
                             kSomebody, "status");
  }

  // As their controllers do: first the Secrets, so that nobody looks for them in vain.
  void make_all_ready() {
    std::vector<Api::Object> secrets;
    for (const auto& key : children(capp::kCertificate)) {
      secrets.push_back(a_tls_secret(key.name));
    }
    api.create_all(capp::kSecret, cluster.ns, secrets);
    std::vector<net::Request> statuses;
    for (const auto& child : child_cases()) {
      for (const auto& key : children(*child.kind)) {
        statuses.push_back(status_patch(child, key, child.healthy));
      }
    }
    api.send_all(std::move(statuses));
    ASSERT_TRUE(eventually([&] { return all_are_ready(); }));
    ASSERT_TRUE(falls_silent());
  }
  testing::AssertionResult all_are_ready() {
    for (const auto& capp : api.list(kCapp, cluster.ns)) {
      const auto ready = has_condition(capp, "Ready", "True", "Ready");
      if (!ready) return ready;
    }
    return testing::AssertionSuccess();
  }

  void expect_silence() {
    cluster.audit.restart();
    EXPECT_TRUE(throughout(kSilence, [&] { return cluster.silent(); }));
  }

  void expect_no_write_of_a_new_operator() {
    cluster.audit.restart();
    cluster.start_operator();
    EXPECT_TRUE(eventually([&] {
      const auto done = cluster.op().reconciles();
      return done < kCapps ? testing::AssertionFailure() << done << " reconciles" : cluster.idle();
    }));
    EXPECT_TRUE(cluster.writes_stay_at(0));
  }

  // Another manager owns what it adds to every child, by an apply and by an update.
  void expect_silence_about_defaults() {
    std::vector<net::Request> requests;
    for (const auto& child : child_cases()) {
      const object::Kind& kind = *child.kind;
      for (const auto& key : children(kind)) {
        const boost::json::object notes{{"apiVersion", kind.api_version()},
                                        {"kind", kind.kind},
                                        {"metadata",
                                         {{"name", key.name},
                                          {"annotations", {{"example.com/note", "kept"}}},
                                          {"labels", {{"example.com/team", "blue"}}}}}};
        requests.push_back(kube::apply(kind, key, boost::json::serialize(notes), kSomebody));
        requests.push_back(kube::merge_patch(kind, key, std::string(defaults_of(kind)), kSomebody));
      }
    }
    cluster.audit.restart();
    api.send_all(std::move(requests));
    EXPECT_TRUE(throughout(kQuiet, [&] { return cluster.silent(); }));
  }

  // Each of another Capp, all at the same time.
  void expect_one_request_for_each_status() {
    const auto kinds = child_cases();
    std::vector<net::Request> statuses;
    std::multiset<std::string> told;
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      statuses.push_back(status_patch(kinds[i], child_of(kinds[i], i), kinds[i].broken));
      told.insert(
          fmt::format("patch capps.rcs.dana.io/status {}/{}: 200", cluster.ns, name_of(i * kStep)));
    }
    cluster.audit.restart();
    api.send_all(std::move(statuses));
    const auto each_is_told = [&] {
      std::multiset<std::string> asked;
      for (const auto& request : cluster.requests()) asked.insert(request.describe());
      return asked == told ? testing::AssertionSuccess()
                           : testing::AssertionFailure() << cluster.requests().describe();
    };
    EXPECT_TRUE(eventually(each_is_told));
    EXPECT_TRUE(throughout(kQuiet, each_is_told));
  }

  // One of each kind is edited, and one deleted.
  void expect_repairs_in_time() {
    const auto kinds = child_cases();
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      const ChildCase& child = kinds[i];
      const auto edited = child_of(child, i);
      const auto deleted = child_of(child, i + kinds.size());
      cluster.audit.restart();
      api.merge_patch(*child.kind, edited, child.edit);
      api.remove(*child.kind, deleted);
      EXPECT_TRUE(eventually([&] { return repaired_in_time(child, edited, "patch"); })) << child;
      EXPECT_TRUE(eventually([&] { return repaired_in_time(child, deleted, "delete"); })) << child;
    }
  }
  // From the answer to what somebody did to that child, to the arrival of our one write.
  testing::AssertionResult repaired_in_time(const ChildCase& child, const object::Key& key,
                                            std::string_view verb) {
    const auto about = cluster.audit.all().named(key.name);
    const auto is_ours = [](const AuditRequest& request) { return request.user == kOperatorUser; };
    const auto repairs = about.of("patch", child.kind->plural).only(is_ours);
    if (repairs.size() > 1) return testing::AssertionFailure() << repairs.describe();
    return follows_within(kRepairLimit,
                          about.of(verb, child.kind->plural).only(std::not_fn(is_ours)), repairs);
  }

  Cluster cluster{ControlPlane::start({own_definitions(), foreign_definitions()})};
  Api& api = cluster.api;
};

// In one test, since getting there takes longer than each of the rules.
TEST_F(MixedCapps, CostOnlyWhatChanges) {
  make_all_ready();
  expect_silence();
  expect_no_write_of_a_new_operator();
  expect_silence_about_defaults();
  expect_one_request_for_each_status();
  expect_repairs_in_time();
}

}  // namespace
}  // namespace test
