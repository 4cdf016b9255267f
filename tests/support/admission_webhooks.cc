#include "tests/support/admission_webhooks.h"

#include <filesystem>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "base/hash.h"
#include "capp/kinds.h"
#include "capp/names.h"
#include "json/value.h"
#include "tests/support/certificates.h"
#include "tests/support/child_process.h"
#include "tests/support/places.h"
#include "yaml/convert.h"

namespace test {
namespace {

namespace bj = boost::json;

constexpr object::Kind kMutating{"admissionregistration.k8s.io", "v1",
                                 "MutatingWebhookConfiguration", "mutatingwebhookconfigurations",
                                 object::Scope::kCluster};
constexpr object::Kind kValidating{"admissionregistration.k8s.io", "v1",
                                   "ValidatingWebhookConfiguration",
                                   "validatingwebhookconfigurations", object::Scope::kCluster};

// More than any limit that a CappConfig of a test sets, so that its refusal names the limit.
constexpr std::string_view kProbe = R"({"spec": {
  "scaleSpec": {"scaleDelaySeconds": 900000},
  "eventSourcesSpec": {"sources": [{"name": "a", "kafkaSourceConfiguration": {
    "bootstrapServers": ["k:1"], "topics": ["t"], "consumers": 900000}}]}}})";

const object::Kind& kind_of(const bj::object& object) {
  return at(object, "/kind") == capp::kCapp.kind ? capp::kCapp : capp::kSecret;
}

// With a limit that no other configuration of the test has.
bj::object marked(bj::object spec, std::string_view rule, int mark) {
  if (rule == "kafka-consumers") {
    bj::object autoscale = json::object_or_empty(spec, {"autoscaleConfig"});
    autoscale["maxScaleDelay"] = mark;
    spec["autoscaleConfig"] = std::move(autoscale);
  } else {
    spec["maxKafkaConsumers"] = mark;
  }
  return spec;
}

}  // namespace

AdmissionWebhooks::AdmissionWebhooks(Cluster& cluster, std::vector<std::string> flags)
    : cluster_(cluster), elsewhere_(cluster.another_namespace()) {
  const CertificateAuthority authority;
  ca_bundle_ = base::base64_encode(authority.pem());
  const auto identity = localhost_identity(authority);
  const std::string folder = cluster.plane.scratch("webhook-" + cluster.ns);
  std::filesystem::create_directories(folder);
  write_file(folder + "/tls.crt", identity.certificate_pem);
  write_file(folder + "/tls.key", identity.private_key_pem);
  const int port = free_port();
  flags.push_back("--webhook-cert-path=" + folder);
  flags.push_back(fmt::format("--webhook-port={}", port));
  cluster.start_operator({}, flags);

  const auto shipped = yaml::parse_all(read_file(in_source("config/webhook/manifests.yaml")));
  for (const auto& configuration : shipped.value()) install(configuration.as_object(), port);
  await_calls();
}

AdmissionWebhooks::~AdmissionWebhooks() {
  for (const auto* kind : installed_) {
    const auto removed = cluster_.api.try_remove(*kind, {.ns = {}, .name = cluster_.ns});
    EXPECT_TRUE(removed) << removed.error().describe();
  }
}

// Cluster-scoped: named after the namespace, and held to it and the second one.
void AdmissionWebhooks::install(bj::object configuration, int port) {
  configuration["metadata"] = {{"name", cluster_.ns}};
  auto& webhook = configuration.at("webhooks").as_array().at(0).as_object();
  webhook["clientConfig"] = {{"url", fmt::format("https://127.0.0.1:{}{}", port,
                                                 at(webhook, "/clientConfig/service/path"))},
                             {"caBundle", ca_bundle_}};
  webhook["namespaceSelector"] = {
      {"matchExpressions",
       bj::array{{{"key", "kubernetes.io/metadata.name"},
                  {"operator", "In"},
                  {"values", bj::array{bj::string(cluster_.ns), bj::string(elsewhere_)}}}}}};
  // The operator knows itself, also where nobody says its name to the API server.
  bj::array conditions;
  for (const auto& condition : webhook.at("matchConditions").as_array()) {
    if (condition.at("name") != "not-by-the-operator") conditions.push_back(condition);
  }
  webhook["matchConditions"] = std::move(conditions);
  const bool mutating = at(configuration, "/kind") == kMutating.kind;
  const object::Kind& kind = mutating ? kMutating : kValidating;
  installed_.push_back(&kind);
  cluster_.api.create(kind, {}, configuration);
}

// The API server learns of each of them a moment after it was stored.
void AdmissionWebhooks::await_calls() {
  const auto outlaw = a_capp("x", R"({"spec": {"routeSpec": {"hostname": "x.cluster.local"}}})");
  EXPECT_TRUE(eventually([&] {
    const std::string said = refusal_of(cluster_, outlaw);
    return said.contains("local domain") ? testing::AssertionSuccess()
                                         : testing::AssertionFailure() << "said: " << said;
  }));
  EXPECT_TRUE(eventually([&] {
    const auto capp = ask_for(cluster_, a_capp("x")).value();
    return annotation(capp, capp::kLastUpdatedByAnnotation).empty()
               ? testing::AssertionFailure() << bj::serialize(capp)
               : testing::AssertionSuccess();
  }));
}

void AdmissionWebhooks::configure(const std::optional<bj::object>& spec, std::string_view rule) {
  if (!config_ && !spec) return;
  const auto key = cluster_.key("capp-config");
  if (config_) cluster_.api.remove(capp::kCappConfig, key);
  config_ = spec;
  std::string expected;
  if (config_) {
    const int mark = 100000 + ++configured_;
    expected = std::to_string(mark);
    cluster_.api.create(capp::kCappConfig, cluster_.ns,
                        {{"apiVersion", capp::kCappConfig.api_version()},
                         {"kind", capp::kCappConfig.kind},
                         {"metadata", {{"name", key.name}}},
                         {"spec", marked(*spec, rule, mark)}});
  }
  EXPECT_TRUE(eventually([&] {
    const std::string said = refusal_of(cluster_, a_capp("x", kProbe));
    const bool seen = expected.empty() ? said.empty() : said.contains(expected);
    return seen ? testing::AssertionSuccess() : testing::AssertionFailure() << "said: " << said;
  }));
}

object::Key AdmissionWebhooks::place_of(const bj::object& object) {
  const bool here = at(object, "/metadata/namespace").empty();
  return {.ns = here ? cluster_.ns : elsewhere_, .name = at(object, "/metadata/name")};
}

void AdmissionWebhooks::store(const bj::object& object) {
  const auto key = place_of(object);
  const bool is_capp = kind_of(object) == capp::kCapp;
  auto stored = is_capp ? a_capp(key.name, bj::serialize(object)) : object;
  auto& metadata = stored["metadata"].as_object();
  metadata.erase("namespace");
  cluster_.api.create(kind_of(object), key.ns, stored);
}

void AdmissionWebhooks::remove(const bj::object& object) {
  const auto& kind = kind_of(object);
  const auto key = place_of(object);
  cluster_.api.remove(kind, key);
  EXPECT_TRUE(eventually([&] {
    return is(key.to_string() + " is there", bool(cluster_.api.find(kind, key)), false);
  }));
}

testing::AssertionResult AdmissionWebhooks::answered(const AdmissionCase& asked) {
  auto objects = asked.around;
  if (asked.before) objects.push_back(*asked.before);
  // They were there before the configuration.
  if (!objects.empty()) configure(std::nullopt);
  for (const auto& object : objects) store(object);
  configure(asked.config, asked.rule);
  // The operator learns of the other Capps a moment after they were stored.
  const auto answer = eventually([&] { return test::answered(cluster_, asked, kByWebhook); });
  for (const auto& object : objects) remove(object);
  return answer;
}

}  // namespace test
