#include "capp/config.h"

#include <gtest/gtest.h>

#include "capp/config_sources.h"
#include "tests/capp/builders.h"

namespace capp {
namespace {

const std::string kPositive = "must be a whole number from 1 to 2147483647";
const std::string kZone =
    "must be a DNS name in lower case that ends in '.', like apps.example.com.";
const std::string kDnsName = "must be a DNS name, like ingress.example.com";
const std::string kObjectName =
    "must be the name of an object: lower case letters, digits, '-' and '.'";
const std::string kMissingDns =
    "ConfigMap shop/dns-config does not exist: a hostname needs its keys zone and cname";

object::RecordPtr config_map(std::string_view name, std::string_view data) {
  return read(ObjectBuilder(kConfigMap, name).with("data", data).object(), config_map_projection());
}

object::RecordPtr capp_config(std::string_view spec) {
  return read(ObjectBuilder(kCappConfig, "capp-config").with("spec", spec).object(),
              capp_config_projection());
}

ConfigSources autoscale(std::string_view data) {
  return {.ns = "shop", .autoscale_defaults = config_map("autoscale-defaults", data)};
}

ConfigSources dns(std::string_view data) {
  return {.ns = "shop", .dns_config = config_map("dns-config", data)};
}

ConfigSources custom(std::string_view spec) {
  return {.ns = "shop", .capp_config = capp_config(spec)};
}

InForce read_first(const ConfigSources& sources) {
  return read_config(sources, {}).in_force;
}

// What `sources` mean where `good` was in force before.
InForce read_after(const ConfigSources& good, const ConfigSources& sources) {
  return read_config(sources, read_config(good, {}).last_good).in_force;
}

std::vector<std::string> messages(const InForce& in_force) {
  std::vector<std::string> messages;
  for (const auto& problem : in_force.problems) messages.push_back(problem.message());
  return messages;
}

constexpr std::string_view kDnsData = R"({"zone": "capp.dev.", "cname": "ingress.capp.dev."})";
constexpr std::string_view kDnsSpec =
    R"({"dnsConfig": {"zone": "capp.dev.", "cname": "ingress.capp.dev."}})";

TEST(Config, HasBuiltInValuesWithoutAnySource) {
  const auto in_force = read_first({.ns = "shop"});
  EXPECT_EQ(
      in_force.config.autoscale,
      (Autoscale{.rps = 200, .cpu = 80, .memory = 70, .concurrency = 10, .activation_scale = 3}));
  EXPECT_EQ(in_force.config.revision_history_limit, 10);
  EXPECT_FALSE(in_force.config.from_capp_config);
  EXPECT_EQ(in_force.config.dns, std::nullopt);
  EXPECT_EQ(in_force.config.dns_problem, kMissingDns);
  EXPECT_TRUE(in_force.problems.empty());
}

TEST(Config, AnAbsentKeyHasItsBuiltInValue) {
  EXPECT_EQ(read_first(autoscale(R"({"rps": "50", "cpu": "60"})")).config.autoscale,
            (Autoscale{.rps = 50, .cpu = 60}));
  EXPECT_EQ(
      read_first(dns(kDnsData)).config.dns,
      (Dns{.zone = "capp.dev.",
           .cname = "ingress.capp.dev.",
           .provider = "dns-default",
           .issuer = {.name = "cert-issuer", .kind = "ClusterIssuer", .group = "cert.dana.io"}}));
}

TEST(Config, EveryKeyOfTheConfigMapsIsRead) {
  const auto sources = ConfigSources{
      .ns = "shop",
      .autoscale_defaults = config_map("autoscale-defaults",
                                       R"({"rps": "1", "cpu": "2", "memory": "3",
                                           "concurrency": "4", "activationScale": "5"})"),
      .dns_config = config_map("dns-config",
                               R"({"zone": "capp.dev.", "cname": "Ingress.example.com",
                                   "provider": "dns-b", "issuer": "issuer-b"})")};
  EXPECT_EQ(read_first(sources), (InForce{.config = {.autoscale = {1, 2, 3, 4, 5},
                                                     .dns = Dns{.zone = "capp.dev.",
                                                                .cname = "Ingress.example.com",
                                                                .provider = "dns-b",
                                                                .issuer = {.name = "issuer-b"}},
                                                     .dns_problem = {}},
                                          .problems = {}}));
}

TEST(Config, TheOtherNameIsReadOnlyWhereTheFirstIsAbsent) {
  const auto first = config_map("autoscale-defaults", R"({"rps": "1"})");
  const auto other = config_map("autoscale-default", R"({"rps": "2", "cpu": "3"})");
  const auto read_both = [](object::RecordPtr one, object::RecordPtr two) {
    return read_first({.ns = "shop",
                       .autoscale_defaults = std::move(one),
                       .autoscale_defaults_fallback = std::move(two)})
        .config.autoscale;
  };
  EXPECT_EQ(read_both(first, other), (Autoscale{.rps = 1}));
  EXPECT_EQ(read_both(nullptr, other), (Autoscale{.rps = 2, .cpu = 3}));
}

TEST(Config, AConfigMapWithoutDataIsAnEmptyOne) {
  const auto empty =
      read(ObjectBuilder(kConfigMap, "autoscale-defaults").object(), config_map_projection());
  const auto in_force = read_first({.ns = "shop", .autoscale_defaults = empty});
  EXPECT_EQ(in_force.config.autoscale, Autoscale{});
  EXPECT_TRUE(in_force.problems.empty());
}

TEST(Config, EveryBadValueIsNamedWithItsObjectKeyAndRule) {
  const auto in_force = read_first(autoscale(
      R"({"rps": "many", "cpu": "0", "memory": "70", "concurrency": "10 ", "activationScale": "1"})"));
  const std::string object = "ConfigMap shop/autoscale-defaults";
  const auto all = ConfigProblem::Of::kAll;
  EXPECT_EQ(in_force.problems,
            (std::vector<ConfigProblem>{{all, object, "rps", "many", kPositive},
                                        {all, object, "cpu", "0", kPositive},
                                        {all, object, "concurrency", "10 ", kPositive},
                                        {all, object, "activationScale", "1",
                                         "must be a whole number from 2 to 2147483647"}}));
  EXPECT_EQ(in_force.problems.front().message(),
            "ConfigMap shop/autoscale-defaults: rps is \"many\", but must be a whole number from 1 "
            "to 2147483647");
}

TEST(Config, ALongBadValueIsCutAndItsLengthTold) {
  const ConfigProblem problem{.object = "ConfigMap a/b",
                              .key = "rps",
                              .value = std::string(300, 'x'),
                              .rule = "must be short"};
  EXPECT_EQ(problem.message(), "ConfigMap a/b: rps is \"" + std::string(256, 'x') +
                                   "…\" (300 bytes), but must be short");
}

TEST(Config, NumbersBeyondThirtyTwoBitsAreRefused) {
  const auto good = [](std::string_view text) {
    return read_first(autoscale(text)).problems.empty();
  };
  EXPECT_TRUE(good(R"({"rps": "2147483647"})"));
  EXPECT_FALSE(good(R"({"rps": "2147483648"})"));
  EXPECT_FALSE(good(R"({"rps": "99999999999999999999"})"));
  EXPECT_FALSE(good(R"({"rps": "-5"})"));
  EXPECT_FALSE(good(R"({"rps": ""})"));
}

struct DnsCase {
  std::string data;
  std::string problem;  // behind "ConfigMap shop/dns-config: "; empty where it is good
};

class DnsConfig : public testing::TestWithParam<DnsCase> {};

TEST_P(DnsConfig, IsGoodOrNamesWhatIsWrong) {
  const auto in_force = read_first(dns(GetParam().data));
  if (GetParam().problem.empty()) {
    EXPECT_EQ(messages(in_force), std::vector<std::string>{});
    EXPECT_TRUE(in_force.config.dns.has_value());
    return;
  }
  const std::string message = "ConfigMap shop/dns-config: " + GetParam().problem;
  EXPECT_EQ(messages(in_force), std::vector<std::string>{message});
  EXPECT_EQ(in_force.problems.front().of, ConfigProblem::Of::kHostnames);
  EXPECT_EQ(in_force.config.dns, std::nullopt);
  EXPECT_EQ(in_force.config.dns_problem, message);
}

const std::string kLabel63(63, 'a');

DnsCase zone(const std::string& value) {
  return {.data = R"({"zone": ")" + value + R"(", "cname": "a.b"})", .problem = {}};
}
DnsCase bad_zone(const std::string& value) {
  return {.data = zone(value).data, .problem = "zone is \"" + value + "\", but " + kZone};
}

INSTANTIATE_TEST_SUITE_P(
    Table, DnsConfig,
    testing::Values(zone("capp.dev."), zone("local."), zone(kLabel63 + "."),
                    bad_zone(kLabel63 + "a."), bad_zone("capp.dev"), bad_zone("Capp.dev."),
                    bad_zone("."), bad_zone(""), bad_zone("capp.dev. "), bad_zone("capp..dev."),
                    bad_zone("capp_1.dev."),
                    DnsCase{R"({"zone": "a.", "cname": "b", "provider": "p.q", "issuer": "c-d"})",
                            ""},
                    DnsCase{R"({"zone": "a.", "cname": "Ingress.B."})", ""},
                    DnsCase{R"({"cname": "a.b."})", "zone is missing, but " + kZone},
                    DnsCase{R"({"zone": "a."})", "cname is missing, but " + kDnsName},
                    DnsCase{R"({"zone": "a.", "cname": ""})", "cname is \"\", but " + kDnsName},
                    DnsCase{R"({"zone": "a.", "cname": "https://a.b"})",
                            "cname is \"https://a.b\", but " + kDnsName},
                    DnsCase{R"({"zone": "a.", "cname": "b", "provider": ""})",
                            "provider is \"\", but " + kObjectName},
                    DnsCase{R"({"zone": "a.", "cname": "b", "issuer": "Cert_Issuer"})",
                            "issuer is \"Cert_Issuer\", but " + kObjectName}));

TEST(CappConfigSource, EveryFieldThatCountsIsRead) {
  const auto in_force = read_first(custom(R"({
      "dnsConfig": {"zone": "capp.dev.", "cname": "a.b", "provider": "dns-b",
                    "issuerRef": {"name": "le", "kind": "ClusterIssuer", "group": "cert.io"}},
      "autoscaleConfig": {"rps": 1, "cpu": 2, "memory": 3, "concurrency": 4, "activationScale": 5,
                          "maxScaleDelay": 3600},
      "revisionHistoryLimit": 7, "maxKafkaConsumers": 5})"));
  EXPECT_EQ(in_force, (InForce{.config = {.autoscale = {1, 2, 3, 4, 5},
                                          .dns = Dns{.zone = "capp.dev.",
                                                     .cname = "a.b",
                                                     .provider = "dns-b",
                                                     .issuer = {.name = "le",
                                                                .kind = "ClusterIssuer",
                                                                .group = "cert.io"}},
                                          .dns_problem = {},
                                          .from_capp_config = true,
                                          .revision_history_limit = 7},
                               .problems = {}}));
}

TEST(CappConfigSource, EmptyFieldsOfTypedClientsCountAsAbsent) {
  const auto in_force = read_first(custom(R"({
      "dnsConfig": {"zone": "capp.dev.", "cname": "a.b", "provider": "",
                    "issuerRef": {"name": "", "kind": "", "group": ""}},
      "autoscaleConfig": {}, "allowedHostnamePatterns": null})"));
  EXPECT_EQ(in_force,
            read_first(custom(R"({"dnsConfig": {"zone": "capp.dev.", "cname": "a.b"}})")));
  EXPECT_EQ(in_force.config.dns->issuer, Issuer{});
  EXPECT_TRUE(in_force.problems.empty());
}

TEST(CappConfigSource, AnIssuerReferenceIsTakenWholeWithTheDefaultsOfCertManager) {
  const auto in_force = read_first(
      custom(R"({"dnsConfig": {"zone": "a.", "cname": "b", "issuerRef": {"name": "le"}}})"));
  EXPECT_EQ(in_force.config.dns->issuer,
            (Issuer{.name = "le", .kind = "Issuer", .group = "cert-manager.io"}));
}

TEST(CappConfigSource, CountsInsteadOfTheConfigMapsNotBesideThem) {
  const auto in_force =
      read_first({.ns = "shop",
                  .capp_config = capp_config(R"({"autoscaleConfig": {"rps": 1}})"),
                  .autoscale_defaults = config_map("autoscale-defaults", R"({"cpu": "many"})"),
                  .dns_config = config_map("dns-config", kDnsData)});
  EXPECT_EQ(in_force.config.autoscale, (Autoscale{.rps = 1}));
  EXPECT_EQ(in_force.config.dns, std::nullopt);
  EXPECT_EQ(in_force.config.dns_problem,
            "CappConfig shop/capp-config has no spec.dnsConfig: a hostname needs its keys zone and "
            "cname");
  EXPECT_TRUE(in_force.problems.empty());
}

TEST(CappConfigSource, ABadValueIsNamedByItsPathAndConcernsAllCapps) {
  const auto in_force = read_first(custom(
      R"({"revisionHistoryLimit": 0, "autoscaleConfig": {"rps": -1},
          "dnsConfig": {"zone": "capp.dev", "issuerRef": {"kind": "Cluster Issuer"}}})"));
  const std::string spec = "CappConfig shop/capp-config: spec.";
  EXPECT_EQ(messages(in_force),
            (std::vector<std::string>{
                spec + "revisionHistoryLimit is \"0\", but " + kPositive,
                spec + "autoscaleConfig.rps is \"-1\", but " + kPositive,
                spec + "dnsConfig.zone is \"capp.dev\", but " + kZone,
                spec + "dnsConfig.cname is missing, but " + kDnsName,
                spec + "dnsConfig.issuerRef.name is missing, but " + kObjectName,
                spec + "dnsConfig.issuerRef.kind is \"Cluster Issuer\", but must be the name of "
                       "a kind, like ClusterIssuer",
            }));
  for (const auto& problem : in_force.problems) EXPECT_EQ(problem.of, ConfigProblem::Of::kAll);
}

TEST(LastGoodConfig, StaysInForceWholeWhileItsObjectHasAProblem) {
  const auto in_force = read_after(autoscale(R"({"rps": "50", "cpu": "60"})"),
                                   autoscale(R"({"rps": "many", "cpu": "61"})"));
  EXPECT_EQ(in_force.config.autoscale, (Autoscale{.rps = 50, .cpu = 60}));
  EXPECT_EQ(messages(in_force),
            (std::vector<std::string>{"ConfigMap shop/autoscale-defaults: rps is \"many\", but " +
                                      kPositive}));
}

TEST(LastGoodConfig, OfOneConfigMapDoesNotHoldBackTheOther) {
  const ConfigSources good{
      .ns = "shop",
      .autoscale_defaults = config_map("autoscale-defaults", R"({"rps": "50"})"),
      .dns_config = config_map("dns-config", kDnsData)};
  const ConfigSources then{
      .ns = "shop",
      .autoscale_defaults = config_map("autoscale-defaults", R"({"rps": "51"})"),
      .dns_config = config_map("dns-config", R"({"zone": "capp.dev", "cname": "a.b"})")};
  const auto in_force = read_after(good, then);
  EXPECT_EQ(in_force.config.autoscale.rps, 51);
  EXPECT_EQ(in_force.config.dns, read_first(good).config.dns);
  EXPECT_EQ(in_force.config.dns_problem, "");
  EXPECT_EQ(in_force.problems.size(), 1U);
}

TEST(LastGoodConfig, OfACappConfigIsKeptWhole) {
  const auto good = custom(kDnsSpec);
  const auto in_force = read_after(
      good,
      custom(R"({"dnsConfig": {"zone": "no", "cname": "a.b"}, "autoscaleConfig": {"rps": 1}})"));
  EXPECT_EQ(in_force.config, read_first(good).config);
  EXPECT_EQ(in_force.problems.size(), 1U);
}

TEST(CappConfig, SaysWhatAdmissionLooksAt) {
  const auto config = read_first(custom(R"({
      "autoscaleConfig": {"minReplicasLimit": 3, "maxReplicasLimit": 30, "maxScaleDelay": 0},
      "maxKafkaConsumers": 7,
      "allowedHostnamePatterns": [{"match": "^a", "explanation": "names of a"}, {"match": "b$"}],
      "defaultResources": {"requests": {"cpu": "100m", "memory": 1024, "nvidia.com/gpu": 1},
                           "limits": {"memory": "1Gi"}}})"))
                          .config;
  EXPECT_EQ(
      config.limits,
      (Limits{
          .min_replicas = 3, .max_replicas = 30, .scale_delay_seconds = 0, .kafka_consumers = 7}));
  EXPECT_EQ(config.hostname_patterns,
            (std::vector<HostnamePattern>{{.match = "^a", .explanation = "names of a"},
                                          {.match = "b$"}}));
  EXPECT_THAT(config.default_resources.requests, IsJson(R"({"cpu": "100m", "memory": "1024"})"));
  EXPECT_THAT(config.default_resources.limits, IsJson(R"({"memory": "1Gi"})"));
}

TEST(CappConfig, LimitsWhatItLeavesOutAsDocumented) {
  EXPECT_EQ(read_first(custom("{}")).config.limits, (Limits{.min_replicas = std::nullopt,
                                                            .max_replicas = std::nullopt,
                                                            .scale_delay_seconds = 3600,
                                                            .kafka_consumers = 5}));
}

TEST(CappConfig, ThatSaysNonsenseOfAdmissionHasProblems) {
  const std::string object = "CappConfig shop/capp-config: spec.";
  EXPECT_THAT(
      messages(read_first(custom(R"({
          "autoscaleConfig": {"minReplicasLimit": 0},
          "allowedHostnamePatterns": [{"match": "a"}, {"match": "(a"}, {"explanation": "b"}],
          "defaultResources": {"requests": {"cpu": "-1"}, "limits": {"memory": "much"}}})"))),
      testing::UnorderedElementsAre(
          object + "autoscaleConfig.minReplicasLimit is \"0\", but " + kPositive,
          object + "allowedHostnamePatterns[1].match is \"(a\", but must be a regular expression "
                   "(RE2)",
          object + "allowedHostnamePatterns[2].match is missing, but must be a regular expression "
                   "(RE2)",
          object + "defaultResources.requests.cpu is \"-1\", but must be an amount, like 100m or "
                   "1Gi",
          object + "defaultResources.limits.memory is \"much\", but must be an amount, like 100m "
                   "or 1Gi"));
}

TEST(LastGoodConfig, IsThatOfTheConfigMapsUntilACappConfigWasGood) {
  ConfigSources sources{.ns = "shop",
                        .autoscale_defaults = config_map("autoscale-defaults", R"({"rps": "50"})"),
                        .dns_config = config_map("dns-config", kDnsData)};
  const auto before = read_first(sources);
  sources.capp_config = capp_config(R"({"autoscaleConfig": {"rps": 0}})");
  const auto in_force = read_first(sources);
  EXPECT_EQ(in_force.config, before.config);
  EXPECT_EQ(in_force.problems.size(), 1U);
}

TEST(LastGoodConfig, WithoutOneTheProblemOfACappConfigIsWhyThereIsNoDns) {
  const auto in_force = read_first(custom(R"({"dnsConfig": {"zone": "a", "cname": "b"}})"));
  EXPECT_EQ(in_force.config.dns_problem, in_force.problems.front().message());
}

TEST(LastGoodConfig, GoesWithItsObject) {
  const auto gone = read_config({.ns = "shop"}, read_config(dns(kDnsData), {}).last_good);
  EXPECT_EQ(gone.last_good, LastGood{});
  EXPECT_EQ(gone.in_force.config.dns_problem, kMissingDns);
  const auto back = read_config(dns(R"({"zone": "a"})"), gone.last_good);
  EXPECT_EQ(back.in_force.config.dns, std::nullopt);
}

TEST(LastGoodConfig, OfConfigMapsIsKeptWhileACappConfigCounts) {
  ConfigSources sources = dns(kDnsData);
  sources.capp_config = capp_config("{}");
  auto reading = read_config(sources, {});
  sources.dns_config = config_map("dns-config", R"({"zone": "bad"})");
  reading = read_config(sources, reading.last_good);
  sources.capp_config = nullptr;
  EXPECT_EQ(read_config(sources, reading.last_good).in_force.config.dns->zone, "capp.dev.");
}

// As the API server hands it back.
LastGood stored(const LastGood& last_good) {
  const auto wanted = last_good_object("shop", last_good);
  ObjectBuilder object(kConfigMap, wanted.key.name);
  if (const auto* data = wanted.body.if_contains("data")) {
    object.with("data", boost::json::serialize(*data));
  }
  return read_last_good(*read(object.object(), last_good_projection()));
}

TEST(LastGoodConfig, IsStoredWithOnlyTheKeysThatAreRead) {
  const auto reading = read_config(
      {.ns = "shop",
       .capp_config = capp_config(
           R"({"dnsConfig": {"zone": "a.", "cname": "b"}, "allowedHostnamePatterns": []})"),
       .autoscale_defaults = config_map("autoscale-defaults", R"({"rps": "5", "note": "hello"})"),
       .dns_config = config_map("dns-config", R"({"zone": "bad"})")},
      {});
  const auto wanted = last_good_object("shop", reading.last_good);
  EXPECT_EQ(wanted.key, (object::Key{.ns = "shop", .name = "capp-operator-last-good"}));
  EXPECT_THAT(wanted.body, IsJson(R"({
      "apiVersion": "v1", "kind": "ConfigMap",
      "metadata": {"name": "capp-operator-last-good", "namespace": "shop",
                   "labels": {"rcs.dana.io/managed-by": "capp"}},
      "data": {"capp-config": "{\"dnsConfig\":{\"cname\":\"b\",\"zone\":\"a.\"}}",
               "autoscale-defaults": "{\"rps\":\"5\"}"}})"));
}

TEST(LastGoodConfig, IsReadBackAsItWasStored) {
  const auto last_good = read_config({.ns = "shop",
                                      .capp_config = capp_config(kDnsSpec),
                                      .autoscale_defaults = config_map("autoscale-defaults", "{}"),
                                      .dns_config = config_map("dns-config", kDnsData)},
                                     {})
                             .last_good;
  EXPECT_EQ(stored(last_good), last_good);
  EXPECT_EQ(stored({}), LastGood{});
}

TEST(LastGoodConfig, ThatSomebodyEditedToNonsenseCountsAsNone) {
  const auto bad = dns(R"({"zone": "capp.dev", "cname": "a.b"})");
  for (const char* content : {"nonsense", "[]", R"({"zone": "x"})", "{}"}) {
    const auto reading = read_config(bad, {.dns_config = content});
    EXPECT_EQ(reading.in_force.config.dns, std::nullopt) << content;
    EXPECT_EQ(reading.last_good, LastGood{}) << content;
  }
}

}  // namespace
}  // namespace capp
