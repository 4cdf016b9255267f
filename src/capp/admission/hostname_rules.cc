#include <algorithm>
#include <ranges>
#include <string_view>

#include <fmt/format.h>

#include "base/names.h"
#include "capp/admission/rules.h"
#include "capp/host.h"
#include "capp/hostname_pattern.h"

namespace capp::admission {
namespace {

Refusals refuse(const Submission& submission, std::string must) {
  return {{.rule = {},
           .field = "spec.routeSpec.hostname",
           .value = shown(submission.read.route.hostname),
           .must = std::move(must)}};
}

// Without a final dot, and in lower case: it becomes the name of objects.
bool is_dns_name(std::string_view name) {
  return base::is_dns1123_subdomain(name) &&
         std::ranges::all_of(std::views::split(name, '.'), [](auto label) {
           return base::is_dns1123_label(std::string_view(label.begin(), label.end()));
         });
}

// What the hostname means; itself, where no zone is known.
std::string host_name(const Submission& submission) {
  const auto& hostname = submission.read.route.hostname;
  const auto& dns = submission.config.dns;
  return dns ? host_of(hostname, dns->zone).name : hostname;
}

std::string described(const std::vector<HostnamePattern>& patterns) {
  std::string text;
  for (const auto& pattern : patterns) {
    if (!text.empty()) text += ", ";
    text += pattern.explanation.empty() ? pattern.match : pattern.explanation;
  }
  return text;
}

// Not by name where it is in another namespace: who may write here need not know what is there.
std::string whose(const object::Key& other, const object::Key& own) {
  return other.ns == own.ns ? other.name : "of another namespace";
}

}  // namespace

Questions questions_of_hostname(const Submission& submission) {
  if (!submission.has_new_hostname()) return {};
  Questions questions{.host = host_name(submission)};
  if (!is_dns_name(questions.host)) return {};
  questions.spellings.push_back(questions.host);
  const auto& dns = submission.config.dns;
  if (!dns) return questions;
  const Host host = host_of(questions.host, dns->zone);
  if (!host.is_apex() && host_of(host.record, dns->zone).name == host.name) {
    questions.spellings.push_back(host.record);
  }
  return questions;
}

Refusals changed_hostname(const Submission& submission, const Facts& /*facts*/) {
  const auto& stored = submission.stored_hostname;
  // G1 lets it change (behaviour 5).
  if (!submission.config.from_capp_config || stored.empty()) return {};
  if (submission.read.route.hostname == stored) return {};
  return refuse(submission, fmt::format("must not change once set, and is {}", shown(stored)));
}

Refusals hostname_that_is_no_name(const Submission& submission, const Facts& /*facts*/) {
  if (!submission.has_new_hostname() || is_dns_name(host_name(submission))) return {};
  return refuse(
      submission,
      "must be a fully qualified DNS name, once the zone is appended: lower case letters, "
      "digits and '-', joined by '.', at most 63 between two dots and 253 in all");
}

Refusals hostname_of_no_pattern(const Submission& submission, const Facts& /*facts*/) {
  const auto& patterns = submission.config.hostname_patterns;
  if (!submission.has_new_hostname()) return {};
  if (matches_any(patterns, submission.read.route.hostname)) return {};
  return refuse(submission, "must match one of the allowed patterns: " + described(patterns));
}

Refusals hostname_of_the_cluster(const Submission& submission, const Facts& facts) {
  if (!submission.has_new_hostname()) return {};
  const std::string dotted = "." + host_name(submission);
  if (!dotted.ends_with("." + facts.cluster_domain)) return {};
  return refuse(submission, "must not be in the cluster's local domain " + facts.cluster_domain);
}

Refusals hostname_of_another(const Submission& submission, const Facts& facts) {
  if (!facts.served_by) return {};
  return refuse(submission, fmt::format("must not be served by another Capp, and is by one: {}",
                                        whose(*facts.served_by, submission.key)));
}

Refusals hostname_that_resolves(const Submission& submission, const Facts& facts) {
  if (facts.resolution != Resolution::kInUse) return {};
  return refuse(submission, "must be free, but DNS has an address or an alias of it already");
}

}  // namespace capp::admission
