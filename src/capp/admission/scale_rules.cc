#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "capp/admission/rules.h"
#include "json/value.h"

namespace capp::admission {
namespace {

constexpr std::string_view kMaximum = "spec.scaleSpec.maxReplicas";
// Knative's own annotations of a template.
constexpr std::string_view kAutoscalingPrefix = "autoscaling.knative.dev/";

Refusals refuse(std::string_view field, std::int64_t value, std::string must) {
  return {{.rule = {},
           .field = std::string(field),
           .value = std::to_string(value),
           .must = std::move(must)}};
}

// Where the minimum in effect is written: see Scale.
std::string_view minimum_field(const Submission& submission) {
  return json::int_at(submission.spec, {"scaleSpec", "minReplicas"}) ? "spec.scaleSpec.minReplicas"
                                                                     : "spec.minReplicas";
}

// "global …" are words that clients match on (behaviour 5).
std::string at_most(std::string_view what, std::int64_t limit) {
  return fmt::format("must be less than or equal to {} {}", what, limit);
}

}  // namespace

Refusals too_great_minimum(const Submission& submission, const Facts& /*facts*/) {
  const auto& minimum = submission.read.scale.min_replicas;
  const auto& limit = submission.config.limits.min_replicas;
  if (!minimum || !limit || *minimum <= *limit) return {};
  return refuse(minimum_field(submission), *minimum, at_most("global min scale", *limit));
}

Refusals too_great_maximum(const Submission& submission, const Facts& /*facts*/) {
  const auto& maximum = submission.read.scale.max_replicas;
  const auto& limit = submission.config.limits.max_replicas;
  if (!maximum || !limit || *maximum <= *limit) return {};
  return refuse(kMaximum, *maximum, at_most("global max scale", *limit));
}

Refusals minimum_above_maximum(const Submission& submission, const Facts& /*facts*/) {
  const Scale& scale = submission.read.scale;
  if (!scale.min_replicas || !scale.max_replicas) return {};
  if (*scale.min_replicas <= *scale.max_replicas) return {};
  return refuse(minimum_field(submission), *scale.min_replicas,
                at_most("maxReplicas", *scale.max_replicas));
}

Refusals maximum_below_activation(const Submission& submission, const Facts& /*facts*/) {
  const Scale& scale = submission.read.scale;
  const std::int64_t activation = submission.config.autoscale.activation_scale;
  if (!submission.config.from_capp_config || scale.min_replicas || !scale.max_replicas) return {};
  if (*scale.max_replicas >= activation) return {};
  return refuse(kMaximum, *scale.max_replicas,
                fmt::format("must be greater than or equal to activationScale {}, with which a "
                            "Capp without minReplicas starts",
                            activation));
}

Refusals too_long_delay(const Submission& submission, const Facts& /*facts*/) {
  const auto& delay = submission.read.scale.down_delay;
  const std::int64_t limit = submission.config.limits.scale_delay_seconds;
  if (!submission.config.from_capp_config || !delay || delay->count() <= limit) return {};
  return refuse("spec.scaleSpec.scaleDelaySeconds", delay->count(),
                at_most("global max scale delay", limit));
}

Refusals autoscaling_annotations(const Submission& submission, const Facts& /*facts*/) {
  if (!submission.config.from_capp_config) return {};
  Refusals refusals;
  for (const auto& [key, value] : json::object_or_empty(submission.read.configuration,
                                                        {"template", "metadata", "annotations"})) {
    if (!key.starts_with(kAutoscalingPrefix)) continue;
    refusals.push_back(
        {.rule = {},
         .field = fmt::format("spec.configurationSpec.template.metadata.annotations[{}]",
                              std::string_view(key)),
         .value = value.is_string() ? shown(value.get_string()) : std::string(),
         .must = "must not be set, since the platform's configuration decides by spec.scaleMetric "
                 "and spec.scaleSpec"});
  }
  return refusals;
}

}  // namespace capp::admission
