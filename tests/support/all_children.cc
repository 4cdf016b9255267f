#include "tests/support/all_children.h"

#include <array>
#include <ostream>

#include "capp/kinds.h"

namespace test {
namespace {

constexpr std::string_view kReady = R"({"conditions": [{"type": "Ready", "status": "True"}]})";
constexpr std::string_view kNotReady = R"({"conditions": [{"type": "Ready", "status": "False",
    "reason": "Broken", "message": "it is broken"}]})";
// cert-manager's and Crossplane's schemas ask for more.
constexpr std::string_view kReadySince = R"({"conditions": [{"type": "Ready", "status": "True",
    "reason": "Available", "lastTransitionTime": "2026-01-02T03:04:05Z"}]})";
constexpr std::string_view kNotReadySince = R"({"conditions": [{"type": "Ready", "status": "False",
    "reason": "Broken", "message": "it is broken",
    "lastTransitionTime": "2026-01-02T03:04:05Z"}]})";
constexpr std::string_view kActive = R"({"active": true, "problemsCount": 0})";
constexpr std::string_view kProblem =
    R"({"active": false, "problemsCount": 1, "problems": ["it is broken"]})";

constexpr std::array<ChildCase, 9> kChildren{{
    {.label = "KnativeService",
     .kind = &capp::kKnativeService,
     .name = "web",
     .event_stem = "KnativeService",
     .concern = "KnativeService",
     .healthy = R"({"url": "http://web.example.com", "latestCreatedRevisionName": "web-00001",
         "latestReadyRevisionName": "web-00001",
         "conditions": [{"type": "Ready", "status": "True"}]})",
     .broken = kNotReady,
     .edit = R"({"spec": {"template": {"spec": {"enableServiceLinks": true}}}})",
     .edited = "/spec/template/spec/enableServiceLinks"},
    {.label = "DomainMapping",
     .kind = &capp::kDomainMapping,
     .name = "web.capp.dev",
     .event_stem = "DomainMapping",
     .concern = "DomainMapping",
     .healthy = kReady,
     .broken = kNotReady,
     .edit = R"({"spec": {"ref": {"name": "other"}}})",
     .edited = "/spec/ref/name"},
    {.label = "CNAMERecord",
     .kind = &capp::kCnameRecord,
     .name = "web.capp.dev",
     .event_stem = "DNSRecord",
     .concern = "DNSRecord",
     .healthy = kReadySince,
     .broken = kNotReadySince,
     .edit = R"({"spec": {"forProvider": {"cname": "other.example.com."}}})",
     .edited = "/spec/forProvider/cname"},
    {.label = "Certificate",
     .kind = &capp::kCertificate,
     .name = "web.capp.dev",
     .event_stem = "Certificate",
     .concern = "Certificate",
     .healthy = kReadySince,
     .broken = kNotReadySince,
     .edit = R"({"spec": {"secretName": "other"}})",
     .edited = "/spec/secretName"},
    {.label = "SyslogNGFlow",
     .kind = &capp::kSyslogNgFlow,
     .name = "web",
     .event_stem = "SyslogNGFlow",
     .concern = "Logging",
     .healthy = kActive,
     .broken = kProblem,
     .edit = R"({"spec": {"match": {"regexp": {"pattern": "other"}}}})",
     .edited = "/spec/match/regexp/pattern"},
    {.label = "SyslogNGOutput",
     .kind = &capp::kSyslogNgOutput,
     .name = "web",
     .event_stem = "SyslogNGOutput",
     .concern = "Logging",
     .healthy = kActive,
     .broken = kProblem,
     .edit = R"({"spec": {"elasticsearch": {"index": "other"}}})",
     .edited = "/spec/elasticsearch/index"},
    // Its spec cannot be changed by anybody.
    {.label = "NfsPvc",
     .kind = &capp::kNfsPvc,
     .name = "data",
     .event_stem = "NfsPvc",
     .concern = "Volumes",
     .healthy = R"({"pvcPhase": "Bound", "pvPhase": "Bound"})",
     .broken = R"({"pvcPhase": "Pending", "pvPhase": "Available"})",
     .edit = R"({"metadata": {"labels": {"rcs.dana.io/managed-by": "somebody"}}})",
     .edited = "/metadata/labels/rcs.dana.io~1managed-by"},
    {.label = "PingSource",
     .kind = &capp::kPingSource,
     .name = "web-hourly",
     .event_stem = "PingSource",
     .concern = "Eventing",
     .healthy = kReady,
     .broken = kNotReady,
     .edit = R"({"spec": {"schedule": "1 1 1 1 1"}})",
     .edited = "/spec/schedule"},
    {.label = "KafkaSource",
     .kind = &capp::kKafkaSource,
     .name = "web-orders",
     .event_stem = "KafkaSource",
     .concern = "Eventing",
     .healthy = kReady,
     .broken = kNotReady,
     .edit = R"({"spec": {"topics": ["other"]}})",
     .edited = "/spec/topics"},
}};

constexpr std::string_view kEverything = R"({"spec": {
    "routeSpec": {"hostname": "web", "tlsEnabled": true},
    "logSpec": {"type": "elastic", "host": "elastic.example.com:9200", "index": "main",
                "user": "elastic", "passwordSecret": "es-elastic-user"},
    "volumesSpec": {"nfsVolumes": [{"name": "data", "server": "nfs.example.com", "path": "/data",
                                    "capacity": {"storage": "1Gi"}}]},
    "eventSourcesSpec": {"sources": [
      {"name": "orders", "kafkaSourceConfiguration":
         {"bootstrapServers": ["kafka.example.com:9092"], "topics": ["orders"]}},
      {"name": "hourly", "pingSourceConfiguration": {"schedule": "0 * * * *"}}]}}})";

}  // namespace

std::ostream& operator<<(std::ostream& out, const ChildCase& child) {
  return out << child.label;
}

std::span<const ChildCase> child_cases() {
  return kChildren;
}

boost::json::object a_capp_with_all_children(std::string_view name) {
  return a_capp(name, kEverything);
}

void AllChildren::SetUp() {
  api.create(capp::kConfigMap, cluster.ns, a_dns_config("capp.dev"));
  api.create(capp::kSecret, cluster.ns, a_tls_secret("web.capp.dev"));
  SharedCluster::SetUp();
}

void AllChildren::create_quiet() {
  cluster.create_settled(a_capp_with_all_children("web"));
  ASSERT_TRUE(falls_silent());
}

testing::AssertionResult AllChildren::falls_silent() {
  std::size_t asked = 0;
  return eventually([&] {
    asked = cluster.audit.of_operator().in(cluster.ns).size();
    return throughout(kMoment, [&] {
      return is("requests", cluster.audit.of_operator().in(cluster.ns).size(), asked);
    });
  });
}

Api::Object AllChildren::live(const ChildCase& child) {
  return api.get(*child.kind, cluster.key(child.name));
}

void AllChildren::says(const object::Kind& kind, std::string_view name, std::string_view status) {
  api.merge_patch(kind, cluster.key(name), R"({"status": )" + std::string(status) + "}", "status");
}

void AllChildren::all_are_healthy() {
  for (const auto& child : child_cases()) says(child, child.healthy);
}

testing::AssertionResult AllChildren::web_has(std::string_view type, std::string_view status,
                                              std::string_view reason) {
  return has_condition(cluster.capp("web"), type, status, reason);
}

void AllChildren::change(std::string_view merge_patch) {
  api.merge_patch(capp::kCapp, web, merge_patch);
}

}  // namespace test
