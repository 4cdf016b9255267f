#include "tests/stack/stack_cluster.h"

#include <fmt/format.h>

namespace test {
namespace {

// Of tools/stack: the issuer is a certificate authority of cert-manager's, in the zone of the
// stack.
constexpr std::string_view kConfig = R"({
  "apiVersion": "rcs.dana.io/v1alpha1", "kind": "CappConfig", "metadata": {"name": "capp-config"},
  "spec": {"dnsConfig": {
    "zone": "capp-zone.com.", "cname": "ingress.capp-zone.com.", "provider": "dns-default",
    "issuerRef": {"name": "cert-issuer", "kind": "ClusterIssuer", "group": "cert-manager.io"}}}})";

constexpr std::string_view kFull = R"({{"spec": {{
  "configurationSpec": {{"template": {{"spec": {{"containers": [
    {{"name": "web", "image": "dev.local/web:v1",
      "volumeMounts": [{{"name": "data", "mountPath": "/data"}}]}}]}}}}}},
  "routeSpec": {{"hostname": "{}", "tlsEnabled": true}},
  "logSpec": {{"type": "elastic", "host": "10.11.12.13", "index": "main", "user": "elastic",
               "passwordSecret": "es-elastic-user"}},
  "volumesSpec": {{"nfsVolumes": [{{"name": "data", "server": "nfs.example.org", "path": "/data",
                                  "capacity": {{"storage": "1Gi"}}}}]}},
  "eventSourcesSpec": {{"sources": [{{"name": "hourly", "uri": "/events",
    "pingSourceConfiguration": {{"schedule": "0 * * * *", "data": "{{}}"}}}}]}}}}}})";

constexpr std::string_view kReadyRecord = R"({"status": {"conditions": [
  {"type": "Ready", "status": "True", "reason": "Available",
   "lastTransitionTime": "2026-01-01T00:00:00Z"}]}})";

// A controller of the stack answers within milliseconds; certificates and volumes are slower, and
// looked at each second.
constexpr std::chrono::seconds kQuiet{4};

}  // namespace

void StackCluster::SetUp() {
  configure();
  cluster.start_operator();
}

void StackCluster::configure() {
  api.create(capp::kCappConfig, cluster.ns, parse_object(kConfig));
}

std::string StackCluster::hostname(std::string_view name) const {
  return fmt::format("{}-{}.capp-zone.com", name, cluster.ns);
}

Api::Object StackCluster::full_capp(const std::string& hostname) const {
  return a_capp(web.name, fmt::format(kFull, hostname));
}

void StackCluster::create_ready(const Api::Object& capp) {
  api.create(capp::kCapp, cluster.ns, capp);
  ASSERT_TRUE(eventually([&] { return is_ready(); }));
  ASSERT_TRUE(eventually([&] { return quiet(); }));
}

testing::AssertionResult StackCluster::is_ready() {
  return has_condition(cluster.capp(web.name), "Ready", "True", "Ready");
}

testing::AssertionResult StackCluster::is_unready(std::string_view reason) {
  return has_condition(cluster.capp(web.name), "Ready", "False", reason);
}

testing::AssertionResult StackCluster::quiet() {
  cluster.audit.restart();
  return writes_nothing_for(kQuiet);
}

testing::AssertionResult StackCluster::writes_nothing_for(std::chrono::seconds time) {
  return throughout(time, [&] {
    const auto writes = cluster.writes();
    return writes.empty() ? testing::AssertionSuccess()
                          : testing::AssertionFailure() << writes.describe();
  });
}

void StackCluster::set_image(std::string_view image) {
  api.json_patch(capp::kCapp, web,
                 fmt::format(R"([{{"op": "replace", "value": "{}",
                   "path": "/spec/configurationSpec/template/spec/containers/0/image"}}])",
                             image));
}

void StackCluster::set_hostname(const std::string& hostname) {
  api.merge_patch(capp::kCapp, web,
                  fmt::format(R"({{"spec": {{"routeSpec": {{"hostname": "{}"}}}}}})", hostname));
}

void StackCluster::make_record_ready(const std::string& hostname) {
  api.merge_patch(capp::kCnameRecord, cluster.key(hostname), kReadyRecord, "status");
}

bool StackCluster::exists(const object::Kind& kind, const std::string& name) {
  return api.find(kind, cluster.key(name)).has_value();
}

testing::AssertionResult StackCluster::gone(const object::Kind& kind) {
  return is(std::string(kind.plural), api.list(kind, cluster.ns).size(), 0U);
}

}  // namespace test
