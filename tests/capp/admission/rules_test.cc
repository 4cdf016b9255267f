// The rules that are not about hostnames. Accepted and refused Capps, each also against a real API
// server: tests/apiserver/data/admission.yaml.

#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/capp/admission/submissions.h"

namespace capp::admission {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Config limited() {
  Config config = an_empty_capp_config();
  config.limits = {.min_replicas = 3, .max_replicas = 20, .scale_delay_seconds = 60};
  return config;
}

TEST(Scale, IsLimitedByACappConfig) {
  const auto refused = [](std::string_view scale) {
    return Asked{.spec = fmt::format(R"({{"scaleSpec": {}}})", scale), .config = limited()}
        .refused();
  };
  EXPECT_EQ(refused(R"({"minReplicas": 3, "maxReplicas": 20, "scaleDelaySeconds": 60})"), "");
  EXPECT_EQ(refused(R"({"minReplicas": 4})"),
            "spec.scaleSpec.minReplicas: 4: must be less than or equal to global min scale 3");
  EXPECT_EQ(refused(R"({"maxReplicas": 21})"),
            "spec.scaleSpec.maxReplicas: 21: must be less than or equal to global max scale 20");
  EXPECT_EQ(refused(R"({"scaleDelaySeconds": 61})"),
            "spec.scaleSpec.scaleDelaySeconds: 61: must be less than or equal to global max scale "
            "delay 60");
}

TEST(Scale, MinimumIsShownWhereItIsWritten) {
  const auto refused = [](std::string_view spec) {
    return Asked{.spec = std::string(spec), .config = limited()}.refused();
  };
  EXPECT_THAT(refused(R"({"minReplicas": 4})"), HasSubstr("spec.minReplicas: 4: "));
  EXPECT_THAT(refused(R"({"minReplicas": 1, "scaleSpec": {"minReplicas": 4}})"),
              HasSubstr("spec.scaleSpec.minReplicas: 4: "));
  // The one in scaleSpec counts, and 0 is "not given".
  EXPECT_EQ(refused(R"({"minReplicas": 4, "scaleSpec": {"minReplicas": 0}})"), "");
}

TEST(Scale, MinimumIsNotAboveMaximum) {
  const std::string spec = R"({"scaleSpec": {"minReplicas": 5, "maxReplicas": 4}})";
  EXPECT_EQ(Asked{.spec = spec}.refused(),
            "spec.scaleSpec.minReplicas: 5: must be less than or equal to maxReplicas 4");
}

TEST(Scale, MaximumIsNotBelowWhatACappStartsWith) {
  Asked asked{.spec = R"({"scaleSpec": {"maxReplicas": 2}})", .config = an_empty_capp_config()};
  EXPECT_THAT(asked.refused(), HasSubstr("spec.scaleSpec.maxReplicas: 2: must be greater than or "
                                         "equal to activationScale 3"));
  asked.config.from_capp_config = false;
  EXPECT_EQ(asked.refused(), "");
}

TEST(Scale, IsNotSetByAnnotationsUnderACappConfig) {
  Asked asked{.spec = R"({"configurationSpec": {"template": {"metadata": {"annotations": {
      "autoscaling.knative.dev/min-scale": "1", "example.com/team": "a",
      "autoscaling.knative.dev/class": "x"}}}}})"};
  EXPECT_EQ(asked.refused(), "");
  asked.config = an_empty_capp_config();
  EXPECT_EQ(asked.judged().refusals.size(), 2U);
  EXPECT_THAT(asked.refused(),
              HasSubstr("spec.configurationSpec.template.metadata.annotations"
                        R"([autoscaling.knative.dev/class]: "x": must not be set)"));
}

TEST(Volumes, AreMountedByAContainer) {
  const Asked asked{.spec = R"({
      "volumesSpec": {"nfsVolumes": [{"name": "a"}, {"name": "b"}, {"name": "c"}]},
      "configurationSpec": {"template": {"spec": {
        "initContainers": [{"volumeMounts": [{"name": "c"}]}],
        "containers": [{"volumeMounts": [{"name": "x"}]}, {"volumeMounts": [{"name": "b"}]}]}}}})"};
  EXPECT_EQ(
      asked.refused(),
      R"(spec.volumesSpec.nfsVolumes[0].name: "a": must be mounted by at least one container; )"
      R"(spec.volumesSpec.nfsVolumes[2].name: "c": must be mounted by at least one container)");
}

TEST(PasswordSecret, HasItsKey) {
  Asked asked{.spec = R"({"logSpec": {"type": "elastic", "passwordSecret": "es"}})"};
  EXPECT_THAT(asked.questions().secrets, ElementsAre("es"));
  auto& secret = asked.facts.secrets["es"];
  const std::string begin =
      R"(spec.logSpec.passwordSecret: "es": must be a Secret of this namespace with the non-empty )"
      R"(key elastic, but )";
  EXPECT_EQ(asked.refused(), begin + "does not exist");
  secret = {.exists = true, .keys = {"password"}};
  EXPECT_EQ(asked.refused(), begin + "lacks elastic");
  secret = {.exists = true, .keys = {"elastic"}};
  EXPECT_EQ(asked.refused(), "");
}

TEST(PasswordSecret, ThatCouldNotBeLookedAtLeavesTheCappUndecided) {
  Asked asked{.spec = R"({"logSpec": {"type": "elastic", "passwordSecret": "es"}})"};
  asked.facts.secrets["es"] = {.unknown = true};
  EXPECT_EQ(asked.refused(), "");
  EXPECT_THAT(asked.judged().undecided, ElementsAre("es"));
}

TEST(PasswordSecret, ThatCanHaveNoSuchNameIsNotAskedFor) {
  for (const char* name : {"../../pods", "es?watch=true", "a b", "Es", "."}) {
    const Asked asked{.spec = fmt::format(
                          R"({{"logSpec": {{"type": "elastic", "passwordSecret": "{}"}}}})", name)};
    EXPECT_THAT(asked.questions().secrets, IsEmpty()) << name;
    EXPECT_THAT(asked.refused(), HasSubstr("but has no name that one can have")) << name;
  }
}

TEST(PasswordSecret, OfNoLogsIsNotAskedFor) {
  EXPECT_THAT((Asked{.spec = R"({"logSpec": {"passwordSecret": "es"}})"}.questions().secrets),
              IsEmpty());
}

TEST(KafkaSecret, HasItsThreeKeys) {
  Asked asked{.spec = R"({"eventSourcesSpec": {"sources": [
      {"name": "a", "kafkaSourceConfiguration": {"secretRef": {"name": "k"}}},
      {"name": "b", "kafkaSourceConfiguration": {"secretRef": {"name": "k"}}},
      {"name": "c", "kafkaSourceConfiguration": {}}]}})"};
  EXPECT_THAT(asked.questions().secrets, ElementsAre("k"));
  asked.facts.secrets["k"] = {.exists = true, .keys = {"password"}};
  EXPECT_EQ(asked.judged().refusals.size(), 2U);
  EXPECT_THAT(asked.refused(),
              HasSubstr("sources[1].kafkaSourceConfiguration.secretRef.name: \"k\": must be a "
                        "Secret of this namespace with the non-empty keys user, password and "
                        "sasl.mechanism, but lacks user and sasl.mechanism"));
  asked.facts.secrets["k"].keys = {"password", "sasl.mechanism", "user"};
  EXPECT_EQ(asked.refused(), "");
}

TEST(KafkaSecret, IsLookedAtWithThirtyOneOthers) {
  const auto naming = [](int secrets) {
    boost::json::array sources;
    for (int i = 0; i < secrets; ++i) {
      sources.push_back(
          {{"kafkaSourceConfiguration", {{"secretRef", {{"name", fmt::format("kafka-{}", i)}}}}}});
    }
    return Asked{.spec = boost::json::serialize(
                     boost::json::object{{"eventSourcesSpec", {{"sources", std::move(sources)}}}})};
  };
  EXPECT_EQ(naming(32).questions().secrets.size(), 32U);
  EXPECT_THAT(naming(32).judged().warnings, IsEmpty());
  EXPECT_EQ(naming(100).questions().secrets.size(), 32U);
  EXPECT_THAT(naming(100).judged().warnings,
              ElementsAre("only 32 of the 100 Secrets that the spec names were looked at"));
}

TEST(Sources, HaveDifferentNames) {
  const Asked asked{.spec = R"({"eventSourcesSpec": {"sources": [
      {"name": "a"}, {"name": "b"}, {"name": "a"}]}})"};
  EXPECT_EQ(asked.refused(),
            R"(spec.eventSourcesSpec.sources[2].name: "a": must be unique in the Capp)");
}

TEST(Sources, HaveASchedule) {
  const Asked asked{.spec = R"({"eventSourcesSpec": {"sources": [
      {"name": "a", "pingSourceConfiguration": {"schedule": "@hourly"}},
      {"name": "b", "pingSourceConfiguration": {"schedule": "0 24 * * *"}},
      {"name": "c", "pingSourceConfiguration": {}}]}})"};
  EXPECT_EQ(asked.refused(),
            R"(spec.eventSourcesSpec.sources[1].pingSourceConfiguration.schedule: "0 24 * * *": )"
            R"(must be a cron schedule: the hour "24" is not within 0 to 23)");
}

TEST(Sources, SendJsonThatIsNotShown) {
  const auto refused = [](std::string_view data) {
    return Asked{
        .spec = boost::json::serialize(boost::json::object{
            {"eventSourcesSpec",
             {{"sources", boost::json::array{{{"name", "a"},
                                              {"pingSourceConfiguration", {{"data", data}}}}}}}}})}
        .refused();
  };
  for (const char* good : {"", "{}", R"({"k": [1]})", "null"}) EXPECT_EQ(refused(good), "") << good;
  for (const char* bad : {"[1]", "1", "\"s3cret\"", "{", "{\"token\": s3cret}", "{} {}"}) {
    EXPECT_THAT(refused(bad), HasSubstr("data: must be valid JSON, and an object")) << bad;
    EXPECT_THAT(refused(bad), testing::Not(HasSubstr("s3cret")));
  }
}

TEST(Sources, HaveNoMoreConsumersThanACappConfigAllows) {
  Asked asked{.spec = R"({"eventSourcesSpec": {"sources": [
      {"name": "a", "kafkaSourceConfiguration": {"consumers": 6}}]}})"};
  EXPECT_EQ(asked.refused(), "");
  asked.config = an_empty_capp_config();
  EXPECT_EQ(asked.refused(),
            "spec.eventSourcesSpec.sources[0].kafkaSourceConfiguration.consumers: 6: must be less "
            "than or equal to global max kafka consumers 5");
}

TEST(Refusals, OfOneCappComeAllAtOnceEachWithItsRule) {
  const Asked asked{
      .spec = R"({"routeSpec": {"hostname": "a_b"}, "scaleSpec": {"minReplicas": 9}})",
      .config = limited()};
  const auto refusals = asked.judged().refusals;
  ASSERT_EQ(refusals.size(), 2U);
  EXPECT_EQ(refusals[0].rule, "hostname-fqdn");
  EXPECT_EQ(refusals[1].rule, "min-replicas-limit");
}

TEST(Refusals, AreAsManyAsAPersonReads) {
  const Asked asked{.spec = fmt::format(R"({{"volumesSpec": {{"nfsVolumes": {}}}}})",
                                        array_of(R"({"name": "a"})", 10'000))};
  const auto judgement = asked.judged();
  EXPECT_EQ(judgement.refusals.size(), 50U);
  EXPECT_EQ(judgement.more_refusals, 9950U);
  EXPECT_THAT(asked.refused(), testing::EndsWith("; and 9950 more"));
  EXPECT_LT(asked.refused().size(), 10'000U);
}

bool judged(std::string_view spec, std::string_view stored) {
  const auto before = a_capp_with(stored);
  return is_judged(a_capp_with(spec), &before);
}

TEST(Judging, IsOfNewCappsAndChangedSpecsOnly) {
  EXPECT_TRUE(is_judged(a_capp_with("{}"), nullptr));
  EXPECT_TRUE(judged(R"({"state": "disabled"})", "{}"));
  EXPECT_FALSE(judged(R"({"state": "disabled"})", R"({"state": "disabled"})"));
  EXPECT_FALSE(judged(R"({"scaleMetric": "rps", "minReplicas": 1})",
                      R"({"minReplicas": 1, "scaleMetric": "rps"})"));
  // What typed Go clients add to what they write back.
  EXPECT_FALSE(judged(R"({"logSpec": {}, "volumesSpec": {"nfsVolumes": []}, "minReplicas": 0,
                          "routeSpec": {"hostname": "", "tlsEnabled": false}, "site": null})",
                      "{}"));
  EXPECT_TRUE(judged(R"({"minReplicas": 1})", R"({"minReplicas": 0})"));
  EXPECT_TRUE(judged(R"({"volumesSpec": {"nfsVolumes": [{}]}})", "{}"));
}

TEST(Judging, IsNotOfACappThatIsBeingDeleted) {
  auto capp = a_capp_with(R"({"state": "disabled"})");
  capp["metadata"].as_object()["deletionTimestamp"] = kNow;
  const auto stored = a_capp_with("{}");
  EXPECT_FALSE(is_judged(capp, &stored));
}

}  // namespace
}  // namespace capp::admission
