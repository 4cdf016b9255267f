// A connection that ends is no reason to read everything anew.

#include "capp/kinds.h"
#include "tests/support/cluster.h"
#include "tests/support/tcp_proxy.h"

namespace test {
namespace {

class Connection : public testing::TestWithParam<TcpProxy::Cut> {
 protected:
  std::string kubeconfig_through_proxy() {
    std::string text = read_file(cluster.plane.operator_kubeconfig());
    const std::string port = ":" + std::to_string(cluster.plane.port());
    text.replace(text.find(port), port.size(), ":" + std::to_string(proxy.port()));
    const std::string file = cluster.plane.scratch("proxy-" + cluster.ns + ".kubeconfig");
    write_file(file, text);
    return file;
  }

  testing::AssertionResult scale_metric_reaches(std::string_view metric) {
    return is("metric",
              at(cluster.service("web"),
                 "/spec/template/metadata/annotations/autoscaling.knative.dev~1metric"),
              metric);
  }

  Cluster cluster{ControlPlane::shared()};
  TcpProxy proxy{cluster.plane.port()};
};

TEST_P(Connection, ThatIsCutDoesNotRelist) {
  cluster.start_operator(kubeconfig_through_proxy());
  cluster.create_settled(a_capp("web"));
  ASSERT_TRUE(cluster.writes_stay_at(5));
  cluster.audit.restart();

  const auto cut_at = base::WallClock::now();
  proxy.cut(GetParam());
  cluster.api.merge_patch(capp::kCapp, cluster.key("web"), R"({"spec": {"scaleMetric": "rps"}})");
  EXPECT_TRUE(eventually([&] { return scale_metric_reaches("rps"); }));
  EXPECT_TRUE(eventually([&] { return cluster.settled("web"); }));
  EXPECT_EQ(cluster.op().probe("/healthz").status, 200);

  // Watches are logged when they end: those that were cut, and those that followed.
  cluster.stop_operator();
  EXPECT_TRUE(eventually([&] {
    const auto watches = cluster.audit.of_operator().of("watch", "capps");
    return watches.size() < 2 ? testing::AssertionFailure() << watches.describe()
                              : testing::AssertionSuccess();
  }));
  const auto relists = cluster.audit.of_operator().only([&](const AuditRequest& request) {
    return request.is_relist() && request.received >= cut_at;
  });
  EXPECT_TRUE(relists.empty()) << relists.describe();
}

INSTANTIATE_TEST_SUITE_P(Cut, Connection,
                         testing::Values(TcpProxy::Cut::kClose, TcpProxy::Cut::kReset),
                         [](const auto& tested) {
                           return tested.param == TcpProxy::Cut::kClose ? "ByFin" : "ByReset";
                         });

}  // namespace
}  // namespace test
