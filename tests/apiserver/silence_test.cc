// Converged means silent (behaviour 2, rule 1): requests counted in the API server's audit log.

#include <map>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "capp/kinds.h"
#include "tests/support/cluster.h"

namespace test {
namespace {

using capp::kCapp;
using capp::kCappRevision;
using capp::kKnativeService;
using namespace std::chrono_literals;

constexpr std::size_t kCapps = 200;
// The benchmark watches for 30 s.
constexpr std::chrono::seconds kSilence{10};

class Silence : public SharedCluster {
 protected:
  std::string name_of(std::size_t number) { return fmt::format("capp-{:03}", number); }

  void create_capps() {
    std::vector<Api::Object> capps;
    for (std::size_t i = 0; i < kCapps; ++i) capps.push_back(a_capp(name_of(i)));
    api.create_all(kCapp, cluster.ns, capps);
  }

  // Of each Capp, by the name of what was written: a revision or an event is named after its Capp.
  std::map<std::string, std::vector<std::string>> writes_by_capp() {
    std::map<std::string, std::vector<std::string>> writes;
    for (const auto& write : cluster.writes()) {
      const std::string resource =
          write.subresource.empty() ? write.resource : write.resource + "/" + write.subresource;
      writes[write.name.substr(0, name_of(0).size())].push_back(write.verb + " " + resource);
    }
    for (auto& [name, of_capp] : writes) std::ranges::sort(of_capp);
    return writes;
  }
};

TEST_F(Silence, TwoHundredCappsCostFiveWritesEachAndThenNothing) {
  create_capps();
  ASSERT_TRUE(cluster.writes_stay_at(5 * kCapps));

  EXPECT_EQ(api.list(kKnativeService, cluster.ns).size(), kCapps);
  EXPECT_EQ(api.list(kCappRevision, cluster.ns).size(), kCapps);
  const auto writes = writes_by_capp();
  EXPECT_EQ(writes.size(), kCapps);
  for (const auto& [name, of_capp] : writes) {
    EXPECT_EQ(of_capp,
              (std::vector<std::string>{"create capprevisions", "create events", "patch capps",
                                        "patch capps/status", "patch services"}))
        << name;
  }

  cluster.audit.restart();
  EXPECT_TRUE(throughout(kSilence, [&] { return cluster.silent(); }));

  cluster.start_operator();
  EXPECT_TRUE(eventually([&] {
    const auto done = cluster.op().reconciles();
    return done < kCapps ? testing::AssertionFailure() << done << " reconciles" : cluster.idle();
  }));
  EXPECT_TRUE(cluster.writes_stay_at(0));
}

// What Knative's webhook does to a Service, done by a manager of its own: defaults and annotations
// that nobody asked for.
TEST_F(Silence, DefaultsOfAnotherManagerAreNotFoughtOver) {
  const auto web = cluster.key("web");
  const auto set_defaults = [&] {
    api.merge_patch(kKnativeService, web, R"({
      "metadata": {"annotations": {"serving.knative.dev/creator": "system:admin",
                                   "serving.knative.dev/lastModifier": "system:admin"}},
      "spec": {"template": {"spec": {"containerConcurrency": 0, "timeoutSeconds": 300}},
               "traffic": [{"latestRevision": true, "percent": 100}]}})");
  };
  cluster.create_settled(a_capp("web"));
  set_defaults();
  cluster.audit.restart();
  EXPECT_TRUE(cluster.writes_stay_at(0));

  api.merge_patch(kCapp, web, R"({"spec": {"scaleSpec": {"minReplicas": 2}}})");
  // The Service, the revision and the status.
  EXPECT_TRUE(cluster.writes_stay_at(3));
  set_defaults();
  EXPECT_TRUE(cluster.writes_stay_at(3));
  EXPECT_EQ(at(cluster.service("web"), "/spec/template/spec/timeoutSeconds"), "300");
}

TEST_F(Silence, OneStatusOfAChildIsOneWrite) {
  const auto web = cluster.key("web");
  cluster.create_settled(a_capp("web"));
  cluster.audit.restart();
  api.merge_patch(kKnativeService, web, R"({"status": {"observedGeneration": 1,
    "conditions": [{"type": "Ready", "status": "Unknown"}]}})",
                  "status");
  EXPECT_TRUE(cluster.writes_stay_at(1));
  api.merge_patch(kKnativeService, web, R"({"status": {
    "conditions": [{"type": "Ready", "status": "True"}]}})",
                  "status");
  EXPECT_TRUE(cluster.writes_stay_at(2));
  EXPECT_EQ(cluster.writes().of("patch", "capps/status").size(), 2U);
}

}  // namespace
}  // namespace test
