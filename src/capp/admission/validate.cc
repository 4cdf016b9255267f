#include "capp/admission/validate.h"

#include <string_view>
#include <utility>

#include <fmt/format.h>

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

std::vector<std::string> warnings(const Submission& submission, const Facts& facts) {
  std::vector<std::string> warnings;
  if (facts.resolution == Resolution::kUnknown) {
    warnings.emplace_back("spec.routeSpec.hostname: DNS could not be asked whether it is free");
  }
  if (const auto named = secrets_named(submission).size(); named > kMaxSecrets) {
    warnings.push_back(fmt::format("only {} of the {} Secrets that the spec names were looked at",
                                   kMaxSecrets, named));
  }
  return warnings;
}

std::vector<std::string> undecided(const Facts& facts) {
  std::vector<std::string> names;
  for (const auto& [name, secret] : facts.secrets) {
    if (secret.unknown) names.push_back(name);
  }
  return names;
}

// One refusal: `spec.scaleSpec.minReplicas: 4: must be …`.
std::string line(const Refusal& refusal) {
  if (refusal.value.empty()) return fmt::format("{}: {}", refusal.field, refusal.must);
  return fmt::format("{}: {}: {}", refusal.field, refusal.value, refusal.must);
}

}  // namespace

Judgement judge(const Submission& submission, const Facts& facts) {
  Judgement judgement{.undecided = undecided(facts), .warnings = warnings(submission, facts)};
  for (const auto& rule : kRules) {
    for (auto& refusal : rule.refusals(submission, facts)) {
      if (judgement.refusals.size() == kMaxRefusals) {
        ++judgement.more_refusals;
        continue;
      }
      refusal.rule = rule.id;
      judgement.refusals.push_back(std::move(refusal));
    }
  }
  return judgement;
}

std::string message(const Judgement& judgement) {
  std::string text;
  for (const auto& refusal : judgement.refusals) {
    if (!text.empty()) text += "; ";
    text += line(refusal);
  }
  if (judgement.more_refusals > 0) text += fmt::format("; and {} more", judgement.more_refusals);
  return text;
}

}  // namespace capp::admission
