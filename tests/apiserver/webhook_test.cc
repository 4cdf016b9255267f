// A webhook that rewrites what we apply, inside our own request, as Knative's does: what it made of
// it is accepted (design: converged means that we still own all that we wrote).

#include <atomic>

#include <boost/json/serialize.hpp>
#include <openssl/evp.h>

#include "capp/kinds.h"
#include "net/server.h"
#include "tests/support/certificates.h"
#include "tests/support/cluster.h"

namespace test {
namespace {

constexpr object::Kind kWebhooks{"admissionregistration.k8s.io", "v1",
                                 "MutatingWebhookConfiguration", "mutatingwebhookconfigurations",
                                 object::Scope::kCluster};

std::string base64(std::string_view text) {
  std::string encoded(4 * ((text.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  encoded.resize(static_cast<std::size_t>(size));
  return encoded;
}

// Defaults in and beside the container, and an annotation, as Knative sets them.
constexpr std::string_view kDefaults = R"([
  {"op": "add", "path": "/metadata/annotations/serving.knative.dev~1creator", "value": "admin"},
  {"op": "add", "path": "/spec/template/spec/containerConcurrency", "value": 0},
  {"op": "add", "path": "/spec/template/spec/timeoutSeconds", "value": 300},
  {"op": "add", "path": "/spec/template/spec/containers/0/resources", "value": {}},
  {"op": "add", "path": "/spec/template/spec/containers/0/readinessProbe",
   "value": {"successThreshold": 1, "tcpSocket": {"port": 0}}},
  {"op": "add", "path": "/spec/traffic", "value": [{"latestRevision": true, "percent": 100}]}])";

class Webhook : public SharedCluster {
 protected:
  void SetUp() override {
    SharedCluster::SetUp();
    const CertificateAuthority authority;
    auto listening = net::Server::create(
        loop_, {.bind_address = "127.0.0.1:0", .tls = localhost_identity(authority)},
        [this](const net::Request& request) { return review(request); });
    ASSERT_TRUE(listening) << listening.error().describe();
    server_ = std::move(*listening);
    install(authority);
  }
  void TearDown() override { api.remove(kWebhooks, {.ns = {}, .name = cluster.ns}); }

  std::atomic<int> calls = 0;

 private:
  net::Response review(const net::Request& request) {
    ++calls;
    const auto asked = parse_object(request.body);
    const boost::json::object answer{
        {"apiVersion", "admission.k8s.io/v1"},
        {"kind", "AdmissionReview"},
        {"response",
         {{"uid", at(asked, "/request/uid")},
          {"allowed", true},
          {"patchType", "JSONPatch"},
          {"patch", base64(kDefaults)}}},
    };
    return {.status = 200,
            .headers = {{"Content-Type", "application/json"}},
            .body = boost::json::serialize(answer)};
  }

  void install(const CertificateAuthority& authority) {
    const std::string url = "https://127.0.0.1:" + std::to_string(server_->port()) + "/";
    auto configuration = parse_object(R"({
      "apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration",
      "webhooks": [{
        "name": "defaults.example.com", "sideEffects": "None", "admissionReviewVersions": ["v1"],
        "rules": [{"apiGroups": ["serving.knative.dev"], "apiVersions": ["v1"],
                   "operations": ["CREATE", "UPDATE"], "resources": ["services"]}]}]})");
    configuration["metadata"] = {{"name", cluster.ns}};
    auto& webhook = configuration.at("webhooks").as_array()[0].as_object();
    webhook["clientConfig"] = {{"url", url}, {"caBundle", base64(authority.pem())}};
    webhook["namespaceSelector"] = {{"matchLabels", {{"kubernetes.io/metadata.name", cluster.ns}}}};
    api.create(kWebhooks, {}, configuration);
    // The API server learns of it a moment later.
    ASSERT_TRUE(eventually([&] {
      [[maybe_unused]] const auto created =
          api.try_create(capp::kKnativeService, cluster.ns, parse_object(R"({
        "apiVersion": "serving.knative.dev/v1", "kind": "Service",
        "metadata": {"name": "probe", "annotations": {"example.com/probe": ""}},
        "spec": {"template": {"spec": {"containers": [{"image": "example.com/a"}]}}}})"));
      api.remove(capp::kKnativeService, cluster.key("probe"));
      return calls > 0 ? testing::AssertionSuccess()
                       : testing::AssertionFailure() << "the webhook was not called";
    }));
  }

  net::Loop loop_;
  std::unique_ptr<net::Server> server_;
};

TEST_F(Webhook, ThatSetsDefaultsInOurOwnRequestsIsNotFought) {
  const auto web = cluster.key("web");
  cluster.audit.restart();
  cluster.create_settled(a_capp("web"));
  EXPECT_TRUE(cluster.writes_stay_at(5));
  EXPECT_EQ(at(cluster.service("web"), "/spec/template/spec/timeoutSeconds"), "300");

  api.merge_patch(capp::kCapp, web, R"({"spec": {"scaleMetric": "rps"}})");
  // The Service, the revision and the status.
  EXPECT_TRUE(cluster.writes_stay_at(8));

  cluster.start_operator();
  EXPECT_TRUE(cluster.writes_stay_at(8));
  EXPECT_EQ(at(cluster.service("web"), "/metadata/generation"), "2");
}

}  // namespace
}  // namespace test
