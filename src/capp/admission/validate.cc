#include "capp/admission/validate.h"

#include <string_view>
#include <utility>

#include "capp/admission/rules.h"

namespace capp::admission {
namespace {

struct Rule {
  std::string_view id;
  Refusals (*refusals)(const Submission& submission, const Facts& facts);
};

// In the order in which a person reads a Capp.
constexpr Rule kRules[] = {
    {"hostname-immutable", changed_hostname},
    {"hostname-fqdn", hostname_that_is_no_name},
    {"hostname-pattern", hostname_of_no_pattern},
    {"hostname-cluster-domain", hostname_of_the_cluster},
    {"hostname-taken", hostname_of_another},
    {"hostname-resolves", hostname_that_resolves},
    {"min-replicas-limit", too_great_minimum},
    {"max-replicas-limit", too_great_maximum},
    {"min-max-replicas", minimum_above_maximum},
    {"max-replicas-activation", maximum_below_activation},
    {"scale-delay-limit", too_long_delay},
    {"autoscaling-annotation", autoscaling_annotations},
    {"nfs-volume-mounted", volumes_not_mounted},
    {"log-password-secret", password_secret_without_key},
    {"source-name-unique", sources_of_one_name},
    {"ping-schedule", bad_schedules},
    {"ping-data", bad_data},
    {"kafka-secret", kafka_secrets_without_keys},
    {"kafka-consumers", too_many_consumers},
};

std::vector<std::string> warnings(const Facts& facts) {
  if (facts.resolution != Resolution::kUnknown) return {};
  return {"spec.routeSpec.hostname: DNS could not be asked whether it is free"};
}

}  // namespace

Judgement judge(const Submission& submission, const Facts& facts) {
  Judgement judgement{.warnings = warnings(facts)};
  for (const auto& rule : kRules) {
    for (auto& refusal : rule.refusals(submission, facts)) {
      refusal.rule = rule.id;
      judgement.refusals.push_back(std::move(refusal));
    }
  }
  return judgement;
}

}  // namespace capp::admission
