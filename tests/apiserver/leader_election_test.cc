// Leader election with the program as it is shipped, outside a pod.

#include "capp/kinds.h"
#include "runtime/lease.h"
#include "tests/support/cluster.h"
#include "tests/support/replica.h"

namespace test {
namespace {

using capp::kCapp;
using runtime::kLease;

class TwoReplicas : public testing::Test {
 protected:
  void SetUp() override {
    a.start({});
    ASSERT_TRUE(eventually([&] { return is("a leads", a.leads(), true); }));
    b.start({});
  }
  void TearDown() override {
    // Not by Cluster, which knows of one operator.
    for (const auto& capp : api.list(kCapp, cluster.ns)) {
      api.remove(kCapp, cluster.key(at(capp, "/metadata/name")));
    }
    EXPECT_TRUE(
        eventually([&] { return is("Capps left", api.list(kCapp, cluster.ns).size(), 0U); }));
  }

  Requests writes_of(const Replica& replica) {
    return cluster.audit.of_operator().writes().only(
        [&](const AuditRequest& request) { return request.replica == replica.name(); });
  }

  Cluster cluster{ControlPlane::shared()};
  Api& api = cluster.api;
  Replica a{cluster, "a"};
  Replica b{cluster, "b"};
};

TEST_F(TwoReplicas, ShareALeaseInTheNamespaceOfTheOperator) {
  const auto lease = api.get(kLease, cluster.key("c1382367.dana.io"));
  EXPECT_EQ(at(lease, "/spec/leaseDurationSeconds"), "15");
  EXPECT_EQ(at(lease, "/spec/leaseTransitions"), "0");
  EXPECT_NE(at(lease, "/spec/holderIdentity"), "");
}

TEST_F(TwoReplicas, AreBothReadyAndOneWrites) {
  EXPECT_EQ(b.op().probe("/readyz").status, 200);
  EXPECT_EQ(b.op().metric("leader_election_master_status"), 0);
  api.create(kCapp, cluster.ns, a_capp("web"));
  EXPECT_TRUE(eventually([&] {
    return condition(cluster.capp("web"), "Ready").status.empty()
               ? testing::AssertionFailure() << "no condition Ready"
               : testing::AssertionSuccess();
  }));
  EXPECT_TRUE(eventually([&] {
    return writes_of(a).empty() ? testing::AssertionFailure() : testing::AssertionSuccess();
  }));
  EXPECT_TRUE(writes_of(b).empty()) << writes_of(b).describe();
}

// The standby read it as well, and its webhooks go by it; the kept copy is the leader's.
TEST_F(TwoReplicas, KeepTheConfigurationOnceAndTellOfItOnce) {
  api.create(capp::kConfigMap, cluster.ns, a_dns_config("t.example"));
  EXPECT_TRUE(eventually([&] {
    return api.find(capp::kConfigMap, cluster.key("capp-operator-last-good"))
               ? testing::AssertionSuccess()
               : testing::AssertionFailure() << "not kept";
  }));
  // Without its dot it is refused.
  api.merge_patch(capp::kConfigMap, cluster.key("dns-config"),
                  R"({"data": {"zone": "t.example"}})");
  const auto told = [&](const std::string& log) {
    return log.contains("configuration refused") ? testing::AssertionSuccess()
                                                 : testing::AssertionFailure() << "not logged";
  };
  EXPECT_TRUE(eventually([&] { return told(a.op().log()); }));
  EXPECT_TRUE(eventually([&] { return told(b.op().log()); }));
  EXPECT_TRUE(eventually(
      [&] { return is("events", cluster.events("dns-config", "ConfigInvalid").size(), 1U); }));
  EXPECT_TRUE(writes_of(b).empty()) << writes_of(b).describe();
  // Who leads now, tells it too: as its own reporting instance.
  EXPECT_EQ(a.op().stop(), 0);
  EXPECT_TRUE(eventually([&] { return is("b leads", b.leads(), true); }));
  EXPECT_TRUE(eventually(
      [&] { return is("events", cluster.events("dns-config", "ConfigInvalid").size(), 2U); }));
}

class LeaseTrouble : public testing::Test {
 protected:
  Cluster cluster{ControlPlane::shared()};
};

TEST_F(LeaseTrouble, IsToldOnceWithWhatToDo) {
  // An administrator: for others the API server says that they may not, and not why.
  OperatorProcess lost({.kubeconfig = cluster.plane.admin_kubeconfig(),
                        .ns = "no-such-namespace",
                        .log_file = cluster.plane.scratch("no-such-namespace.log"),
                        .flags = {"--leader-elect"}});
  lost.await_ready();
  const auto tries = [&] {
    return cluster.audit.all()
        .only([](const AuditRequest& request) { return request.ns == "no-such-namespace"; })
        .of("create", "leases")
        .size();
  };
  ASSERT_TRUE(eventually([&] {
    return tries() >= 2 ? testing::AssertionSuccess() : testing::AssertionFailure() << tries();
  }));
  const std::string log = lost.log();
  const std::string_view what = "cannot use the lease";
  const auto first = log.find(what);
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(log.find(what, first + 1), std::string::npos) << log;
  EXPECT_TRUE(log.contains("there is no namespace no-such-namespace"));
  EXPECT_EQ(lost.metric("leader_election_master_status"), 0);
  EXPECT_EQ(lost.stop(), 0);
}

}  // namespace
}  // namespace test
