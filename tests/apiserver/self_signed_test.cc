// Operators as they are shipped, which make the certificate of their webhooks themselves.

#include <memory>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "capp/names.h"
#include "net/client.h"
#include "runtime/certificate_secret.h"
#include "runtime/webhook_trust.h"
#include "tests/support/admission_table.h"
#include "tests/support/child_process.h"
#include "tests/support/cluster.h"
#include "tests/support/places.h"
#include "yaml/convert.h"

namespace test {
namespace {

namespace bj = boost::json;
using runtime::kMutatingWebhooks;
using runtime::kValidatingWebhooks;

// As the operator's role names them.
const object::Key kMutating{.ns = {}, .name = "capp-operator-mutating-webhook-configuration"};
const object::Key kValidating{.ns = {}, .name = "capp-operator-validating-webhook-configuration"};

class SelfSigned : public testing::Test {
 protected:
  // The shipped configurations: the first port is asked to change Capps, the second one to judge
  // them, in this namespace only. Nobody is trusted yet.
  void SetUp() override {
    const auto shipped = yaml::parse_all(read_file(in_source("config/webhook/manifests.yaml")));
    for (const auto& configuration : shipped.value()) install(configuration.as_object());
  }
  void TearDown() override {
    for (const auto& [kind, key] : configurations()) api.remove(kind, key);
  }

  static std::vector<std::pair<object::Kind, object::Key>> configurations() {
    return {{kMutatingWebhooks, kMutating}, {kValidatingWebhooks, kValidating}};
  }

  void install(bj::object configuration) {
    const bool mutating = at(configuration, "/kind") == kMutatingWebhooks.kind;
    configuration["metadata"] = {{"name", (mutating ? kMutating : kValidating).name}};
    auto& webhook = configuration.at("webhooks").as_array().at(0).as_object();
    webhook["clientConfig"] = {
        {"url", fmt::format("https://127.0.0.1:{}{}", ports[mutating ? 0 : 1],
                            at(webhook, "/clientConfig/service/path"))}};
    webhook["namespaceSelector"] = {{"matchLabels", {{"kubernetes.io/metadata.name", cluster.ns}}}};
    api.create(mutating ? kMutatingWebhooks : kValidatingWebhooks, {}, configuration);
  }

  // Returns when it is ready. The other one is started second.
  void start_one(const std::vector<std::string>& flags) { cluster.start_operator({}, flags); }
  void start_other() {
    other = std::make_unique<OperatorProcess>(
        OperatorOptions{.kubeconfig = cluster.plane.operator_kubeconfig(),
                        .ns = cluster.ns,
                        .log_file = cluster.plane.scratch("other-" + cluster.ns + ".log"),
                        .flags = self_signed(ports[1])});
    other->await_ready();
  }
  static std::vector<std::string> self_signed(int port) {
    return {"--leader-elect", "--webhook-self-signed", fmt::format("--webhook-port={}", port)};
  }

  // The other one is asked, and trusted.
  testing::AssertionResult other_is_called() {
    const auto outlaw = a_capp("x", R"({"spec": {"routeSpec": {"hostname": "x.cluster.local"}}})");
    const std::string said = refusal_of(cluster, outlaw);
    return said.contains("local domain") ? testing::AssertionSuccess()
                                         : testing::AssertionFailure() << "said: " << said;
  }
  testing::AssertionResult both_are_called() {
    if (auto called = other_is_called(); !called) return called;
    const auto capp = ask_for(cluster, a_capp("x"));
    if (!capp) return testing::AssertionFailure() << capp.error().describe();
    return annotation(*capp, capp::kLastUpdatedByAnnotation).empty()
               ? testing::AssertionFailure() << bj::serialize(*capp)
               : testing::AssertionSuccess();
  }

  // The bundle in the Secret, in base64; empty where there is no Secret.
  std::string authority() {
    const auto found = api.find(runtime::kSecret, secret);
    return found ? at(*found, "/data/ca.crt") : "";
  }
  testing::AssertionResult is_trusted_instead_of(const std::string& before) {
    const auto now = authority();
    if (now.empty() || now == before) return testing::AssertionFailure() << "no new authority";
    for (const auto& [kind, key] : configurations()) {
      auto seen = is(key.name, at(api.get(kind, key), "/webhooks/0/clientConfig/caBundle"), now);
      if (!seen) return seen;
    }
    return testing::AssertionSuccess();
  }

  Cluster cluster{ControlPlane::shared()};
  Api& api = cluster.api;
  const object::Key secret = cluster.key("webhook-self-signed-cert");
  const int ports[2] = {free_port(), free_port()};
  std::unique_ptr<OperatorProcess> other;
};

TEST_F(SelfSigned, OperatorsServeOneCertificateThatTheApiServerTrusts) {
  start_one(self_signed(ports[0]));
  start_other();
  EXPECT_TRUE(eventually([&] { return both_are_called(); }));

  // Bundles that somebody emptied are filled again, and a deleted Secret is made anew.
  const auto before = authority();
  for (const auto& [kind, key] : configurations()) {
    api.json_patch(kind, key, R"([{"op": "remove", "path": "/webhooks/0/clientConfig/caBundle"}])");
  }
  api.remove(runtime::kSecret, secret);
  EXPECT_TRUE(eventually([&] { return is_trusted_instead_of(before); }));
  EXPECT_TRUE(eventually([&] { return both_are_called(); }));

  for (const auto& log : {cluster.op().log(), other->log()}) {
    EXPECT_FALSE(log.contains("PRIVATE KEY"));
    EXPECT_FALSE(log.contains("cannot keep the webhooks' certificate")) << log;
  }
}

TEST_F(SelfSigned, CertificateIsMadeAlsoWhereOneLedThatMadeNone) {
  start_one({"--leader-elect", fmt::format("--webhook-port={}", ports[0])});
  ASSERT_TRUE(eventually([&] {
    return is("leading", cluster.op().metric("leader_election_master_status").value_or(0), 1);
  }));
  // As a rolling update does: the one before ends when this one is ready.
  start_other();
  EXPECT_EQ(authority(), "");
  cluster.stop_operator();
  EXPECT_TRUE(eventually([&] { return other_is_called(); }));
}

}  // namespace
}  // namespace test
