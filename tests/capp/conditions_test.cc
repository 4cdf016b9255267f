// What a Capp says of itself (behaviour 1, "Status"): one condition a concern, and Ready, which is
// the first failure in a fixed order.

#include "capp/conditions.h"

#include <ostream>

#include <gtest/gtest.h>

#include "tests/capp/passes.h"

namespace capp {
namespace {

using testing::ElementsAre;

using Lines = std::vector<std::string>;

struct Case {
  const char* name;
  Findings findings;
  Lines conditions;
};

std::ostream& operator<<(std::ostream& out, const Case& tested) {
  return out << tested.name;
}

constexpr auto kNameOfCase = [](const auto& tested) { return std::string(tested.param.name); };

Lines told(const World& world, const Findings& findings) {
  return conditions({{"conditions", conditions_of(world, findings)}});
}

Finding finding(const Concern& concern, Verdict verdict, std::string message = "x") {
  if (verdict == Verdict::kReady) message.clear();
  return {.concern = &concern, .verdict = verdict, .message = std::move(message)};
}

// Every concern, all of them with the same verdict.
Findings all(Verdict verdict) {
  Findings findings;
  for (const Concern* concern : kConcerns) findings.push_back(finding(*concern, verdict));
  return findings;
}

class Conditions : public testing::TestWithParam<Case> {};

TEST_P(Conditions, AreOneForEachConcernAndTheirSum) {
  EXPECT_EQ(told(a_world(a_capp("web")), GetParam().findings), GetParam().conditions);
}

INSTANTIATE_TEST_SUITE_P(
    OfAllConcerns, Conditions,
    testing::Values(
        Case{"Ready",
             all(Verdict::kReady),
             {"Ready=True Ready", "LoggingReady=True Ready", "DomainMappingReady=True Ready",
              "CertificateReady=True Ready", "VolumesReady=True Ready", "EventingReady=True Ready",
              "DNSRecordReady=True Ready", "KnativeServiceReady=True Ready"}},
        Case{"NotReady",
             all(Verdict::kNotReady),
             {"Ready=False LoggingNotReady: x", "LoggingReady=False LoggingNotReady: x",
              "DomainMappingReady=False DomainMappingNotReady: x",
              "CertificateReady=False CertificateNotReady: x",
              "VolumesReady=False VolumesNotReady: x", "EventingReady=False EventingNotReady: x",
              "DNSRecordReady=False DNSRecordNotReady: x",
              "KnativeServiceReady=False KnativeServiceNotReady: x"}}),
    kNameOfCase);

INSTANTIATE_TEST_SUITE_P(
    OfOneConcern, Conditions,
    testing::Values(
        Case{"NotReady",
             {finding(kServing, Verdict::kNotReady)},
             {"Ready=False KnativeServiceNotReady: x",
              "KnativeServiceReady=False KnativeServiceNotReady: x"}},
        Case{"ApexHostname",
             {finding(kDnsRecord, Verdict::kApexHostname)},
             {"Ready=False DNSRecordNotReady: x", "DNSRecordReady=False ApexHostname: x"}},
        Case{"Terminating",
             {finding(kVolumes, Verdict::kTerminating)},
             {"Ready=False VolumesNotReady: x", "VolumesReady=False Terminating: x"}},
        Case{"DnsConfigInvalid",
             {finding(kDomain, Verdict::kDnsConfigInvalid)},
             {"Ready=False DNSConfigInvalid: x", "DomainMappingReady=False DNSConfigInvalid: x"}},
        Case{"DependencyMissing",
             {finding(kEventing, Verdict::kMissing)},
             {"Ready=False ResourceSyncFailed: x", "EventingReady=False DependencyMissing: x"}},
        Case{"SyncFailed",
             {finding(kTls, Verdict::kSyncFailed)},
             {"Ready=False ResourceSyncFailed: x", "CertificateReady=False ResourceSyncFailed: x"}},
        Case{"OfTheHistory",
             {{.concern = nullptr, .verdict = Verdict::kSyncFailed, .message = "x"}},
             {"Ready=False ResourceSyncFailed: x"}},
        Case{"NoneAtAll", {}, {"Ready=True Ready"}}),
    kNameOfCase);

// The worst of its objects decides, and only those that are as bad are told of.
INSTANTIATE_TEST_SUITE_P(OfSeveralObjectsOfAConcern, Conditions,
                         testing::Values(Case{"TheWorst",
                                              {finding(kVolumes, Verdict::kReady),
                                               finding(kVolumes, Verdict::kNotReady, "unbound"),
                                               finding(kVolumes, Verdict::kSyncFailed, "refused")},
                                              {"Ready=False ResourceSyncFailed: refused",
                                               "VolumesReady=False ResourceSyncFailed: refused"}},
                                         Case{"EachOfTheWorstOnce",
                                              {finding(kVolumes, Verdict::kNotReady, "a"),
                                               finding(kVolumes, Verdict::kNotReady, "b"),
                                               finding(kVolumes, Verdict::kNotReady, "a")},
                                              {"Ready=False VolumesNotReady: a; b",
                                               "VolumesReady=False VolumesNotReady: a; b"}}),
                         kNameOfCase);

std::string ready_line(const World& world, const Findings& findings) {
  return told(world, findings).front();
}

// Each row fails, and all below it too: the row is Ready's.
TEST(ReadyOrder, IsThatOfTheContract) {
  const std::vector<std::pair<Finding, std::string>> rows{
      {finding(kServing, Verdict::kSyncFailed, "no"), "ResourceSyncFailed: no"},
      {finding(kDnsRecord, Verdict::kDnsConfigInvalid, "zone"), "DNSConfigInvalid: zone"},
      {finding(kLogging, Verdict::kNotReady, "1"), "LoggingNotReady: 1"},
      {finding(kDomain, Verdict::kNotReady, "2"), "DomainMappingNotReady: 2"},
      {finding(kTls, Verdict::kNotReady, "3"), "CertificateNotReady: 3"},
      {finding(kVolumes, Verdict::kNotReady, "4"), "VolumesNotReady: 4"},
      {finding(kEventing, Verdict::kNotReady, "5"), "EventingNotReady: 5"},
      {finding(kDnsRecord, Verdict::kApexHostname, "6"), "DNSRecordNotReady: 6"},
      {finding(kServing, Verdict::kNotReady, "7"), "KnativeServiceNotReady: 7"},
  };
  for (std::size_t first = 0; first < rows.size(); ++first) {
    Findings findings;
    // The last first, so that the order of the findings is not what decides.
    for (std::size_t i = rows.size(); i > first; --i) findings.push_back(rows[i - 1].first);
    EXPECT_EQ(ready_line(a_world(a_capp("web")), findings), "Ready=False " + rows[first].second);
  }
}

TEST(ReadyOrder, AMissingKindIsNoLessThanAFailedWrite) {
  EXPECT_EQ(ready_line(a_world(a_capp("web")), {finding(kTls, Verdict::kMissing, "a"),
                                                finding(kLogging, Verdict::kSyncFailed, "b")}),
            "Ready=False ResourceSyncFailed: a; b");
}

const std::string kDisabledService = "the Capp is disabled: its Knative Service is deleted";
const std::string kUnreachable = "the Capp is disabled: there is no Knative Service to reach";

TEST(DisabledConditions, DoNotJudgeWhatNeedsTheService) {
  Findings findings = all(Verdict::kNotReady);
  std::erase_if(findings, [](const Finding& one) { return one.concern == &kServing; });
  EXPECT_THAT(told(a_world(a_capp("web").disabled()), findings),
              ElementsAre("Ready=False LoggingNotReady: x", "LoggingReady=False LoggingNotReady: x",
                          "DomainMappingReady=False Disabled: " + kUnreachable,
                          "CertificateReady=False CertificateNotReady: x",
                          "VolumesReady=False VolumesNotReady: x",
                          "EventingReady=False Disabled: " + kUnreachable,
                          "DNSRecordReady=False DNSRecordNotReady: x",
                          "KnativeServiceReady=False Disabled: " + kDisabledService));
}

// In the place of KnativeServiceNotReady: whatever else fails is told first.
TEST(DisabledConditions, AreToldLast) {
  const World& world = a_world(a_capp("web").disabled());
  const auto ready = [&](const Concern& concern, Verdict verdict) {
    return ready_line(world, {finding(concern, verdict)});
  };
  EXPECT_EQ(ready(kLogging, Verdict::kNotReady), "Ready=False LoggingNotReady: x");
  EXPECT_EQ(ready(kDnsRecord, Verdict::kApexHostname), "Ready=False DNSRecordNotReady: x");
  EXPECT_EQ(ready(kDomain, Verdict::kNotReady), "Ready=False Disabled: " + kDisabledService);
  EXPECT_EQ(ready(kDomain, Verdict::kTerminating), "Ready=False Disabled: " + kDisabledService);
  EXPECT_EQ(ready(kEventing, Verdict::kReady), "Ready=False Disabled: " + kDisabledService);
}

// What could not be written has nothing to do with the Service.
TEST(DisabledConditions, StillTellWhatCouldNotBeWritten) {
  const World& world = a_world(a_capp("web").disabled());
  EXPECT_THAT(told(world, {finding(kDomain, Verdict::kSyncFailed)}),
              ElementsAre("Ready=False ResourceSyncFailed: x",
                          "DomainMappingReady=False ResourceSyncFailed: x",
                          "KnativeServiceReady=False Disabled: " + kDisabledService));
  EXPECT_THAT(
      told(world, {finding(kEventing, Verdict::kMissing)}),
      ElementsAre("Ready=False ResourceSyncFailed: x", "EventingReady=False DependencyMissing: x",
                  "KnativeServiceReady=False Disabled: " + kDisabledService));
  EXPECT_THAT(
      told(world, {finding(kDomain, Verdict::kDnsConfigInvalid)}),
      ElementsAre("Ready=False DNSConfigInvalid: x", "DomainMappingReady=False DNSConfigInvalid: x",
                  "KnativeServiceReady=False Disabled: " + kDisabledService));
}

TEST(DnsConfigInvalid, IsSaidOfEachConcernThatTheHostnameAsksFor) {
  Config config;
  config.dns_problem = "ConfigMap capp-operator-system/dns-config: zone is missing";
  const std::string text = "=False DNSConfigInvalid: " + config.dns_problem;
  EXPECT_THAT(conditions(report_of(a_world(a_capp("web").with_hostname("shop").with_tls())
                                       .with_config(config)
                                       .with(a_ready_service()))),
              ElementsAre("Ready" + text, "DomainMappingReady" + text, "CertificateReady" + text,
                          "DNSRecordReady" + text, "KnativeServiceReady=True Ready"));
  EXPECT_THAT(conditions(report_of(a_world(a_capp("web").with_hostname("shop"))
                                       .with_config(config)
                                       .with(a_ready_service()))),
              ElementsAre("Ready" + text, "DomainMappingReady" + text, "DNSRecordReady" + text,
                          "KnativeServiceReady=True Ready"));
  EXPECT_THAT(conditions(report_of(
                  a_world(a_capp("web").with_tls()).with_config(config).with(a_ready_service()))),
              ElementsAre("Ready=True Ready", "KnativeServiceReady=True Ready"));
}

ConfigProblem a_problem(ConfigProblem::Of of) {
  return {.of = of, .object = "CappConfig", .key = "rps", .value = "x", .rule = "must be a number"};
}

TEST(ConfigurationReady, IsThereWhileAProblemConcernsTheCappAndLeavesReadyAlone) {
  using Of = ConfigProblem::Of;
  const std::string told_problem =
      "ConfigurationReady=False ConfigInvalid: " + a_problem(Of::kAll).message() +
      "; until then what was last good is in force, or the built-in defaults";
  const auto with_problem = [](const ObjectBuilder& capp, Of of) {
    return told(a_world(capp).with_dns().with_config_problem(a_problem(of)),
                {finding(kServing, Verdict::kReady)});
  };
  EXPECT_THAT(with_problem(a_capp("web"), Of::kAll),
              ElementsAre("Ready=True Ready", "KnativeServiceReady=True Ready", told_problem));
  EXPECT_THAT(with_problem(a_capp("web").with_hostname("shop"), Of::kHostnames),
              ElementsAre("Ready=True Ready", "KnativeServiceReady=True Ready", told_problem));
  EXPECT_THAT(with_problem(a_capp("web"), Of::kHostnames),
              ElementsAre("Ready=True Ready", "KnativeServiceReady=True Ready"));
}

TEST(ConditionMessages, AreCutToWhatTheApiAccepts) {
  Findings findings;
  for (const Concern* concern : kConcerns) {
    findings.push_back(finding(*concern, Verdict::kSyncFailed,
                               std::string(concern->condition) + std::string(32768, 'x')));
  }
  for (const auto& condition : conditions_of(a_world(a_capp("web")), findings)) {
    EXPECT_EQ(condition.at("message").as_string().size(), 32768U) << condition.at("type");
  }
}

// Over every status value that a condition had, and has now.
TEST(ConditionTimes, MoveOnlyWithTheStatus) {
  const auto since = [](Verdict before, Verdict after) {
    auto capp = a_capp("web");
    const auto first = conditions_of(a_world(capp), {finding(kServing, before)});
    capp.with_status({{"conditions", first}}).with_generation(2);
    const auto second =
        conditions_of(a_world(capp).at("2026-11-23T05:00:00Z"), {finding(kServing, after)});
    EXPECT_EQ(second.at(0).at("lastTransitionTime"), second.at(1).at("lastTransitionTime"));
    EXPECT_EQ(second.at(0).at("observedGeneration"), 2);
    return std::string(second.at(0).at("lastTransitionTime").as_string());
  };
  EXPECT_EQ(since(Verdict::kReady, Verdict::kReady), kNow);
  EXPECT_EQ(since(Verdict::kNotReady, Verdict::kSyncFailed), kNow);
  EXPECT_EQ(since(Verdict::kReady, Verdict::kNotReady), "2026-11-23T05:00:00Z");
  EXPECT_EQ(since(Verdict::kNotReady, Verdict::kReady), "2026-11-23T05:00:00Z");
}

}  // namespace
}  // namespace capp
