#pragma once
// The rules of admission (behaviour 5), one function each, a file for what they are about. A rule
// gives the refusals that it has of a submission, without its id: validate.cc has the table. Beside
// the rules stands what they have to ask.

#include <string>
#include <vector>

#include "capp/admission/refusal.h"
#include "capp/admission/submission.h"

namespace capp::admission {

// hostname_rules.cc
[[nodiscard]] Questions questions_of_hostname(const Submission& submission);
[[nodiscard]] Refusals changed_hostname(const Submission& submission, const Facts& facts);
[[nodiscard]] Refusals hostname_that_is_no_name(const Submission& submission, const Facts& facts);
[[nodiscard]] Refusals hostname_of_no_pattern(const Submission& submission, const Facts& facts);
[[nodiscard]] Refusals hostname_of_the_cluster(const Submission& submission, const Facts& facts);
[[nodiscard]] Refusals hostname_of_another(const Submission& submission, const Facts& facts);
[[nodiscard]] Refusals hostname_that_resolves(const Submission& submission, const Facts& facts);

// scale_rules.cc
[[nodiscard]] Refusals too_great_minimum(const Submission& submission, const Facts& facts);
[[nodiscard]] Refusals too_great_maximum(const Submission& submission, const Facts& facts);
[[nodiscard]] Refusals minimum_above_maximum(const Submission& submission, const Facts& facts);
[[nodiscard]] Refusals maximum_below_activation(const Submission& submission, const Facts& facts);
[[nodiscard]] Refusals too_long_delay(const Submission& submission, const Facts& facts);
[[nodiscard]] Refusals autoscaling_annotations(const Submission& submission, const Facts& facts);

// source_rules.cc
[[nodiscard]] Refusals sources_of_one_name(const Submission& submission, const Facts& facts);
[[nodiscard]] Refusals bad_schedules(const Submission& submission, const Facts& facts);
[[nodiscard]] Refusals bad_data(const Submission& submission, const Facts& facts);
[[nodiscard]] Refusals too_many_consumers(const Submission& submission, const Facts& facts);

// secret_rules.cc
// Each once, in order; names that a Secret can have.
[[nodiscard]] std::vector<std::string> secrets_named(const Submission& submission);
[[nodiscard]] Refusals password_secret_without_key(const Submission& submission,
                                                   const Facts& facts);
[[nodiscard]] Refusals kafka_secrets_without_keys(const Submission& submission, const Facts& facts);

// volume_rules.cc
[[nodiscard]] Refusals volumes_not_mounted(const Submission& submission, const Facts& facts);

}  // namespace capp::admission
