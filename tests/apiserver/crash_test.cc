// The operator dies at any moment, and the next one goes on where it was.

#include <random>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "capp/kinds.h"
#include "tests/support/cluster.h"

namespace test {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kCapps = 100;
constexpr int kCrashes = 20;

class Crash : public testing::Test {
 protected:
  // Starts an operator and kills it once it has written so much, or has nothing left to write.
  void crash_after(std::size_t writes) {
    AuditLog audit(cluster.plane.audit_log());
    OperatorProcess process({.kubeconfig = cluster.plane.operator_kubeconfig(),
                             .ns = cluster.ns,
                             .log_file = cluster.plane.scratch("operator-" + cluster.ns + ".log")});
    // Its outcome does not matter: after the time it is killed where it stands.
    (void)eventually(
        [&] {
          return audit.of_operator().writes().size() >= writes ? testing::AssertionSuccess()
                                                               : testing::AssertionFailure();
        },
        2s);
    process.kill();
  }

  testing::AssertionResult one_each(const object::Kind& kind) {
    std::set<std::string> owners;
    const auto children = cluster.api.list(kind, cluster.ns);
    for (const auto& child : children) owners.insert(at(child, "/metadata/ownerReferences/0/uid"));
    std::set<std::string> capps;
    for (const auto& capp : cluster.api.list(capp::kCapp, cluster.ns)) {
      capps.insert(at(capp, "/metadata/uid"));
    }
    const auto count = is(std::string(kind.plural), children.size(), kCapps);
    if (!count) return count;
    return owners == capps ? testing::AssertionSuccess()
                           : testing::AssertionFailure() << "the owners are not the Capps";
  }

  Cluster cluster{ControlPlane::shared()};
};

TEST_F(Crash, TwentyTimesLeavesOneServiceAndOneRevisionEach) {
  const unsigned seed = std::random_device{}();
  RecordProperty("seed", std::to_string(seed));
  SCOPED_TRACE(fmt::format("seed {}", seed));
  std::mt19937 random(seed);
  // Five writes a Capp: most of the crashes come in the middle of them.
  std::uniform_int_distribution<std::size_t> writes(0, 5 * kCapps / kCrashes);

  std::jthread creator([&] {
    for (std::size_t i = 0; i < kCapps; ++i) {
      cluster.api.create(capp::kCapp, cluster.ns, a_capp(fmt::format("capp-{:03}", i)));
    }
  });
  for (int i = 0; i < kCrashes; ++i) crash_after(writes(random));
  creator.join();

  cluster.start_operator();
  EXPECT_TRUE(eventually([&] { return one_each(capp::kKnativeService); }));
  EXPECT_TRUE(eventually([&] { return one_each(capp::kCappRevision); }));
  EXPECT_TRUE(eventually([&] { return cluster.settled("capp-099"); }));
  for (const auto& revision : cluster.api.list(capp::kCappRevision, cluster.ns)) {
    EXPECT_EQ(at(revision, "/spec/revisionNumber"), "1");
  }
  cluster.audit.restart();
  EXPECT_TRUE(cluster.writes_stay_at(0));
}

}  // namespace
}  // namespace test
