#include <algorithm>
#include <iterator>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/names.h"
#include "capp/admission/elements.h"
#include "capp/admission/rules.h"

namespace capp::admission {
namespace {

// API (behaviour 1): what the children read.
constexpr std::string_view kPasswordKeys[] = {"elastic"};
constexpr std::string_view kKafkaKeys[] = {"user", "password", "sasl.mechanism"};

// A Secret that the Capp names.
struct Reference {
  std::string field;
  std::string name;
  std::span<const std::string_view> keys;  // that it must have
};

// "user, password and sasl.mechanism".
std::string enumerated(std::span<const std::string_view> names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  return text;
}

// Anything may stand in a spec; what is no name is not asked for.
bool can_exist(const Reference& reference) {
  return base::is_dns1123_subdomain(reference.name);
}

// Empty where nothing is, nobody asked, or there was no answer.
std::string what_is_wrong(const Reference& reference, const Facts& facts) {
  if (!can_exist(reference)) return "has no name that one can have";
  const auto found = facts.secrets.find(reference.name);
  if (found == facts.secrets.end()) return {};
  const SecretFacts& secret = found->second;
  if (secret.unknown) return {};
  if (!secret.exists) return "does not exist";
  std::vector<std::string_view> lacking;
  std::ranges::copy_if(reference.keys, std::back_inserter(lacking), [&](std::string_view key) {
    return std::ranges::find(secret.keys, key) == secret.keys.end();
  });
  return lacking.empty() ? std::string() : "lacks " + enumerated(lacking);
}

Refusals check(const Reference& reference, const Facts& facts) {
  const std::string wrong = what_is_wrong(reference, facts);
  if (wrong.empty()) return {};
  return {{.rule = {},
           .field = reference.field,
           .value = shown(reference.name),
           .must = fmt::format("must be a Secret of this namespace with the non-empty key{} {}, "
                               "but {}",
                               reference.keys.size() == 1 ? "" : "s", enumerated(reference.keys),
                               wrong)}};
}

std::vector<Reference> password_reference(const Submission& submission) {
  const auto& log = submission.read.log;
  if (!log || log->password_secret.empty()) return {};
  return {{.field = "spec.logSpec.passwordSecret",
           .name = log->password_secret,
           .keys = kPasswordKeys}};
}

std::vector<Reference> kafka_references(const Submission& submission) {
  std::vector<Reference> references;
  for (const auto& source : elements(submission.spec, {"eventSourcesSpec", "sources"})) {
    const std::string_view name =
        json::string_at(source.object, {"kafkaSourceConfiguration", "secretRef", "name"});
    if (name.empty()) continue;
    references.push_back({.field = source.path + ".kafkaSourceConfiguration.secretRef.name",
                          .name = std::string(name),
                          .keys = kKafkaKeys});
  }
  return references;
}

Refusals check_all(const std::vector<Reference>& references, const Facts& facts) {
  Refusals refusals;
  for (const auto& reference : references) {
    std::ranges::move(check(reference, facts), std::back_inserter(refusals));
  }
  return refusals;
}

}  // namespace

Refusals password_secret_without_key(const Submission& submission, const Facts& facts) {
  return check_all(password_reference(submission), facts);
}

Refusals kafka_secrets_without_keys(const Submission& submission, const Facts& facts) {
  return check_all(kafka_references(submission), facts);
}

std::vector<std::string> secrets_named(const Submission& submission) {
  std::set<std::string> names;
  for (const auto& references : {password_reference(submission), kafka_references(submission)}) {
    for (const auto& reference : references) {
      if (can_exist(reference)) names.insert(reference.name);
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace capp::admission
