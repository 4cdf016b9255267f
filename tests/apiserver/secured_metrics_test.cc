// Who may read the metrics of an operator with --metrics-secure, by real tokens and roles (R53).

#include <string>

#include <gmock/gmock.h>

#include "net/client.h"
#include "tests/support/certificate_volume.h"
#include "tests/support/certificates.h"
#include "tests/support/cluster.h"

namespace test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr object::Kind kServiceAccount{"", "v1", "ServiceAccount", "serviceaccounts"};
constexpr object::Kind kClusterRoleBinding{"rbac.authorization.k8s.io", "v1", "ClusterRoleBinding",
                                           "clusterrolebindings", object::Scope::kCluster};
constexpr object::Kind kAccessReview{"authorization.k8s.io", "v1", "SubjectAccessReview",
                                     "subjectaccessreviews", object::Scope::kCluster};

class SecuredMetrics : public testing::Test {
 protected:
  void SetUp() override {
    volume.put(localhost_identity(authority));
    cluster.start_operator({}, {"--metrics-secure", "--metrics-cert-path=" + volume.path().string(),
                                "--log-verbosity=2"});
  }
  void TearDown() override {
    [[maybe_unused]] const auto removed =
        api.try_remove(kClusterRoleBinding, {.ns = {}, .name = cluster.ns});
  }

  // A new ServiceAccount's token.
  std::string token_of(const std::string& name) {
    api.create(kServiceAccount, cluster.ns, {{"metadata", {{"name", name}}}});
    const auto answer =
        api.send({.method = net::Method::kPost,
                  .target = kServiceAccount.object_path(cluster.key(name), "token"),
                  .headers = {{"Content-Type", "application/json"}},
                  .body = R"({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
                              "spec": {}})"});
    return at(answer, "/status/token");
  }
  // Returns when it holds: a refusal would be remembered for 30 s.
  void let_read(const std::string& name) {
    api.create(kClusterRoleBinding, {},
               parse_object(R"({
      "metadata": {"name": ")" +
                            cluster.ns + R"("},
      "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole",
                  "name": "capp-operator-metrics-reader"},
      "subjects": [{"kind": "ServiceAccount", "namespace": ")" +
                            cluster.ns + R"(", "name": ")" + name + R"("}]})"));
    EXPECT_TRUE(
        eventually([&] {
          const auto review = api.create(kAccessReview, {}, parse_object(R"({"spec": {
          "user": "system:serviceaccount:)" + cluster.ns + ":" + name + R"(",
          "nonResourceAttributes": {"path": "/metrics", "verb": "get"}}})"));
          return is("allowed", at(review, "/status/allowed"), "true");
        }));
  }

  net::Response scrape(std::vector<net::Header> headers) {
    net::Loop loop;
    const auto client =
        net::Client::create(loop, {.host = "127.0.0.1",
                                   .port = static_cast<std::uint16_t>(cluster.op().metrics_port()),
                                   .tls_options = {.ca_pem = authority.pem()}})
            .value();
    return client->send({.target = "/metrics", .headers = std::move(headers)}).value();
  }
  net::Response scrape_with(const std::string& token) {
    return scrape({{"Authorization", "Bearer " + token}});
  }

  Cluster cluster{ControlPlane::shared()};
  Api& api = cluster.api;
  const CertificateAuthority authority;
  CertificateVolume volume;
};

TEST_F(SecuredMetrics, AreShownToThoseWhoMayReadThem) {
  EXPECT_EQ(scrape({}).status, 401);
  EXPECT_EQ(scrape_with("nonsense").status, 401);

  const auto stranger = token_of("stranger");
  const auto denied = scrape_with(stranger);
  EXPECT_EQ(denied.status, 403);
  EXPECT_THAT(denied.body, HasSubstr("system:serviceaccount:" + cluster.ns + ":stranger"));

  const auto scraper = token_of("scraper");
  let_read("scraper");
  const auto shown = scrape_with(scraper);
  EXPECT_EQ(shown.status, 200);
  EXPECT_THAT(shown.body, HasSubstr("controller_runtime_reconcile_total{"));
  // Nobody else may because of that.
  EXPECT_EQ(scrape_with(stranger).status, 403);

  const auto log = cluster.op().log();
  for (const auto& token : {stranger, scraper}) EXPECT_THAT(log, Not(HasSubstr(token)));
  EXPECT_TRUE(eventually([&] {
    const auto asked = cluster.audit.of_operator();
    const auto reviews = asked.of("create", "tokenreviews").size();
    return is("token reviews: one for each token", reviews, 3U);
  }));
}

}  // namespace
}  // namespace test
