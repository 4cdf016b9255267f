// What `make deploy` installs of each overlay of config/, on a real API server, and what the next
// overlay or `make undeploy` leaves of it: nothing. There is no kubelet: the pod is created as a
// dry run, and the operator of this build runs in its place, with the Deployment's arguments and
// ServiceAccount.

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <regex>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "capp/kinds.h"
#include "json/value.h"
#include "tests/support/cluster.h"
#include "tests/support/operator_rights.h"
#include "tests/support/places.h"

namespace test {
namespace {

using object::Kind;
using object::Scope;

constexpr Kind kDeployment{"apps", "v1", "Deployment", "deployments"};
constexpr Kind kClusterRole{"rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles",
                            Scope::kCluster};
constexpr Kind kClusterRoleBinding{"rbac.authorization.k8s.io", "v1", "ClusterRoleBinding",
                                   "clusterrolebindings", Scope::kCluster};
constexpr Kind kPriorityClass{"scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses",
                              Scope::kCluster};
constexpr Kind kMutating{"admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration",
                         "mutatingwebhookconfigurations", Scope::kCluster};
constexpr Kind kValidating{"admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration",
                           "validatingwebhookconfigurations", Scope::kCluster};
constexpr Kind kPolicy{"admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy",
                       "validatingadmissionpolicies", Scope::kCluster};
constexpr Kind kPolicyBinding{"admissionregistration.k8s.io", "v1",
                              "ValidatingAdmissionPolicyBinding",
                              "validatingadmissionpolicybindings", Scope::kCluster};

constexpr Kind kService{"", "v1", "Service", "services"};
constexpr Kind kNetworkPolicy{"networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies"};
constexpr Kind kDisruptionBudget{"policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets"};
constexpr Kind kServiceMonitor{"monitoring.coreos.com", "v1", "ServiceMonitor", "servicemonitors"};
constexpr Kind kPrometheusRule{"monitoring.coreos.com", "v1", "PrometheusRule", "prometheusrules"};

// Of all that is installed.
constexpr std::array kInstalledKinds{
    &kNamespace,     &kDefinition, &kClusterRole,   &kClusterRoleBinding, &kPriorityClass,
    &kMutating,      &kValidating, &kPolicy,        &kPolicyBinding,      &kRole,
    &kRoleBinding,   &kService,    &kNetworkPolicy, &kDisruptionBudget,   &kServiceMonitor,
    &kPrometheusRule};

constexpr const char* kImage = "registry.example.com/capp-operator:of-a-test";
const object::Key kManager{.ns = std::string(kOperatorNamespace),
                           .name = "capp-operator-controller-manager"};

const object::Key kWeb{.ns = "team", .name = "web"};
// No container mounts it: no schema refuses that.
constexpr std::string_view kUnmountedVolume = R"({"spec": {"volumesSpec": {"nfsVolumes": [
    {"server": "nfs", "path": "/", "name": "data", "capacity": {"storage": "1Gi"}}]}}})";

// As much of cert-manager's as a test needs.
constexpr std::string_view kIssuers = R"({"metadata": {"name": "issuers.cert-manager.io"}, "spec": {
    "group": "cert-manager.io", "scope": "Namespaced",
    "names": {"kind": "Issuer", "plural": "issuers", "singular": "issuer"},
    "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {
        "type": "object", "x-kubernetes-preserve-unknown-fields": true}}}]}})";

// By their names: capp-operator-manager-role, capps.rcs.dana.io.
bool is_ours(const std::string& name) {
  return name.starts_with("capp-operator-") || name.ends_with(".rcs.dana.io");
}

class Deploy : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"openshift-console", "team"}) {
      api.create(kNamespace, {},
                 parse_object(fmt::format(R"({{"metadata": {{"name": "{}"}}}})", name)));
    }
    // The control plane has them without the operator; here they come with it.
    run_as_admin({"kubectl", "delete", "--kustomize", in_source("tools/controlplane/operator")});
  }

  void run_as_admin(std::vector<std::string> command) {
    // The make that runs this test may have said how many jobs there are.
    command.insert(command.begin(),
                   {"/usr/bin/env", "-u", "MAKEFLAGS", "KUBECONFIG=" + plane.admin_kubeconfig()});
    output_of(command, plane.scratch("command.out"));
  }
  void make(const std::string& target, const std::string& overlay) {
    run_as_admin({"make", "-C", in_source("."), target, "OVERLAY=" + overlay,
                  fmt::format("IMG={}", kImage)});
  }
  void deploy(const std::string& overlay) {
    make("deploy", overlay);
    EXPECT_EQ(at(api.get(kDeployment, kManager), "/spec/template/spec/containers/0/image"), kImage);
  }
  // Whichever overlay it is.
  void undeploy() {
    make("undeploy", "none");
    EXPECT_TRUE(eventually([&] { return is("left behind", installed(), ""); }));
  }
  // A line for each object of ours.
  std::string installed() {
    std::string lines;
    for (const auto* kind : kInstalledKinds) {
      for (const auto& object : api.list(*kind, {})) {
        const std::string name = at(object, "/metadata/name");
        if (is_ours(name)) lines += fmt::format("{} {}\n", kind->kind, name);
      }
    }
    return lines;
  }

  // The Deployment's pod, as the namespace takes it or not: Pod Security, the ServiceAccount and
  // the PriorityClass are checked.
  base::Result<Api::Object> try_pod(const std::function<void(Api::Object&)>& change) {
    const auto deployment = api.get(kDeployment, kManager);
    auto pod = json::object_at(deployment, {"spec", "template"})->at("spec").as_object();
    change(pod);
    return api.try_send({.method = net::Method::kPost,
                         .target = capp::kPod.collection_path(kManager.ns) + "?dryRun=All",
                         .headers = {{"Content-Type", "application/json"}},
                         .body = boost::json::serialize(Api::Object{
                             {"apiVersion", "v1"},
                             {"kind", "Pod"},
                             {"metadata", {{"name", "manager"}, {"namespace", kManager.ns}}},
                             {"spec", std::move(pod)}})});
  }
  void expect_a_restricted_pod() {
    const auto pod = try_pod([](Api::Object&) {});
    ASSERT_TRUE(pod) << pod.error().describe();
    EXPECT_FALSE(try_pod([](Api::Object& spec) { spec["hostNetwork"] = true; }))
        << "the namespace takes any pod";
  }

  // The operator of this build as the Deployment would run it.
  std::unique_ptr<OperatorProcess> run() {
    const auto deployment = api.get(kDeployment, kManager);
    const auto& container = deployment.at("spec").at("template").at("spec").at("containers").at(0);
    OperatorOptions options{.kubeconfig = account_kubeconfig(),
                            .ns = kManager.ns,
                            .log_file = plane.scratch("operator.log"),
                            .flags = {fmt::format("--webhook-port={}", free_port())}};
    for (const auto& argument : container.at("args").as_array()) {
      // Addresses are the test's own.
      const std::string text(argument.as_string());
      if (!text.contains("-bind-address=")) options.flags.push_back(text);
    }
    auto process = std::make_unique<OperatorProcess>(options);
    process->await_ready();
    return process;
  }
  // With a token of the ServiceAccount as it is now.
  std::string account_kubeconfig() {
    const auto answer =
        api.send({.method = net::Method::kPost,
                  .target = fmt::format("/api/v1/namespaces/{}/serviceaccounts/{}/token",
                                        kManager.ns, kManager.name),
                  .headers = {{"Content-Type", "application/json"}},
                  .body = R"({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
                     "spec": {"expirationSeconds": 3600}})"});
    const std::string text =
        std::regex_replace(read_file(plane.operator_kubeconfig()), std::regex("token: .*"),
                           "token: " + at(answer, "/status/token"));
    write_file(plane.scratch("account.kubeconfig"), text);
    return plane.scratch("account.kubeconfig");
  }
  void expect_nothing_forbidden() {
    const auto refused = audit.not_allowed();
    EXPECT_TRUE(refused.empty()) << refused.describe();
  }
  // The operator makes the certificate; the API server knows whom to trust.
  void expect_trusted_webhooks() {
    for (const auto* kind : {&kMutating, &kValidating}) {
      EXPECT_TRUE(eventually([&] {
        return is("a CA bundle", at(webhooks(*kind), "/webhooks/0/clientConfig/caBundle").empty(),
                  false);
      }));
    }
  }
  // A Capp that breaks a rule which no schema knows is refused.
  void expect_policies() {
    EXPECT_TRUE(eventually([&] {
      const auto refused = api.try_create(capp::kCapp, "team", a_capp("bad", kUnmountedVolume));
      if (refused) api.remove(capp::kCapp, {.ns = "team", .name = "bad"});
      return is("refused", !refused && refused.error().describe().contains("capp-rules"), true);
    }));
  }
  testing::AssertionResult try_capp(const std::string& ns, std::string_view name) {
    const auto made = api.try_create(capp::kCapp, ns, a_capp(name));
    return made ? testing::AssertionSuccess()
                : testing::AssertionFailure() << made.error().describe();
  }
  static net::Request spec_change() {
    return kube::merge_patch(capp::kCapp, kWeb, R"({"spec": {"state": "disabled"}})", kSomebody);
  }
  Api::Object webhooks(const Kind& kind) { return api.get(kind, webhooks_key(kind)); }
  static object::Key webhooks_key(const Kind& kind) {
    return {.ns = {},
            .name = kind == kMutating ? "capp-operator-mutating-webhook-configuration"
                                      : "capp-operator-validating-webhook-configuration"};
  }

  ControlPlane plane{ControlPlane::start({foreign_definitions(), monitoring_definitions()})};
  Api api{plane.admin_kubeconfig()};
  AuditLog audit{plane.audit_log()};
};

TEST_F(Deploy, EachOverlayIsInstalledWorksAndIsReplacedWhole) {
  deploy("webhookless");
  const std::string webhookless = installed();
  for (const char* overlay : {"default", "production", "openshift"}) {
    SCOPED_TRACE(overlay);
    deploy(overlay);
    EXPECT_TRUE(api.list(kPolicy, {}).empty());
    expect_a_restricted_pod();
    const auto process = run();
    expect_trusted_webhooks();
    // Again, as an upgrade does: what the operator wrote stays.
    deploy(overlay);
    expect_trusted_webhooks();
    process->stop();
    deploy("webhookless");
    EXPECT_EQ(installed(), webhookless);
  }

  SCOPED_TRACE("webhookless");
  expect_a_restricted_pod();
  const auto process = run();
  expect_policies();
  expect_nothing_forbidden();
  // With a Capp that must be cleaned up after.
  ASSERT_TRUE(try_capp("team", "web"));
  ASSERT_TRUE(eventually(
      [&] { return is("a Service", api.find(capp::kKnativeService, kWeb).has_value(), true); }));
  undeploy();
  EXPECT_FALSE(api.find(capp::kKnativeService, kWeb));
  // Its Deployment is gone, and its Lease.
  process->kill();
}

// behaviour 5: what does not change a spec is never refused, whatever state the operator is in.
TEST_F(Deploy, WebhooksThatNobodyServesHoldUpNothingButSpecs) {
  deploy("default");
  // The operator's own writes are nobody's to be told of: it is known by its name.
  EXPECT_TRUE(boost::json::serialize(webhooks(kMutating)).contains(kOperatorUser));
  // A Capp from before.
  for (const auto* kind : {&kMutating, &kValidating}) api.remove(*kind, webhooks_key(*kind));
  ASSERT_TRUE(eventually([&] { return try_capp("team", "web"); }));
  deploy("default");
  for (const auto* kind : {&kMutating, &kValidating}) {
    api.json_patch(*kind, webhooks_key(*kind),
                   fmt::format(R"([{{"op": "replace", "path": "/webhooks/0/clientConfig",
                                     "value": {{"url": "https://127.0.0.1:{}/"}}}}])",
                               free_port()));
  }
  ASSERT_TRUE(eventually([&] { return is("accepted", bool(try_capp("team", "new")), false); }));
  const auto refused = api.try_send(spec_change());
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().describe().contains("validate-capp.rcs.dana.io"))
      << refused.error().describe();

  EXPECT_TRUE(try_capp("kube-system", "web"));
  api.merge_patch(capp::kCapp, kWeb, R"({"metadata": {"labels": {"a": "b"}}})");
  api.merge_patch(capp::kCapp, kWeb, R"({"metadata": {"finalizers": ["example.com/held"]}})");
  api.merge_patch(capp::kCapp, kWeb, R"({"status": {"autoscaleType": "rps"}})", "status");
  api.remove(capp::kCapp, kWeb);
  api.merge_patch(capp::kCapp, kWeb, R"({"metadata": {"finalizers": null}})");
  EXPECT_FALSE(api.find(capp::kCapp, kWeb));
}

// In the place of the operator's own: see docs/development.md.
TEST_F(Deploy, CertificatesMayComeFromCertManager) {
  api.create(kDefinition, {}, parse_object(kIssuers));
  const std::string overlay = in_source("tests/apiserver/data/deploy/certmanager");
  // Until the new kind is served.
  EXPECT_TRUE(eventually([&] {
    run_as_admin({"kubectl", "apply", "--server-side", "--kustomize", overlay});
    return testing::AssertionSuccess();
  }));
  const object::Key serving{.ns = kManager.ns, .name = "capp-operator-serving-cert"};
  EXPECT_EQ(at(api.get(capp::kCertificate, serving), "/spec/issuerRef/name"),
            "capp-operator-selfsigned-issuer");
  EXPECT_EQ(annotation(webhooks(kValidating), "cert-manager.io/inject-ca-from"),
            serving.ns + "/" + serving.name);
  expect_a_restricted_pod();
}

}  // namespace
}  // namespace test
