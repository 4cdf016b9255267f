#include "operator/admission.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "capp/admission/mutate.h"
#include "capp/kinds.h"
#include "json/parse.h"
#include "json/value.h"
#include "kube/request.h"
#include "net/name_lookup.h"

namespace op {
namespace {

using capp::admission::Facts;
using capp::admission::SecretFacts;
using runtime::AdmissionReply;
using runtime::AdmissionRequest;

// The webhooks are given 5 s (config/webhook), of which DNS may take 4 (net::kLookUpTimeout). A
// healthy API server answers a GET within some milliseconds.
constexpr std::chrono::milliseconds kSecretsTimeout{800};

const boost::json::object* object_of(const boost::json::value& value) {
  return value.if_object();
}

// Webhooks are configured by people: what this one is not about is let pass.
bool is_about_a_capp(const AdmissionRequest& request) {
  return request.kind.group == capp::kCapp.group && request.kind.kind == capp::kCapp.kind &&
         request.subresource.empty() && object_of(request.object) != nullptr;
}

// Which of its keys hold something. Its values go no further than here.
base::Result<SecretFacts> read_secret(const std::string& body) {
  const auto secret = json::parse(body, json::Filter::keep({"/data"}));
  if (!secret) return std::unexpected(secret.error());
  if (!secret->is_object()) return base::fail(base::Reason::kProtocol, "the answer is no Secret");
  SecretFacts facts{.exists = true};
  for (const auto& [key, value] : json::object_or_empty(secret->get_object(), {"data"})) {
    const auto* text = value.if_string();
    if (text != nullptr && !text->empty()) facts.keys.emplace_back(key);
  }
  return facts;
}

std::vector<net::Request> gets(const std::string& ns, std::span<const std::string> secrets,
                               base::Clock::time_point deadline) {
  using std::chrono::milliseconds;
  const auto left = std::chrono::ceil<milliseconds>(deadline - base::Clock::now());
  std::vector<net::Request> requests;
  for (const auto& name : secrets) {
    requests.push_back(kube::get(capp::kSecret, {.ns = ns, .name = name}));
    requests.back().timeout = std::max(left, milliseconds(1));
  }
  return requests;
}

AdmissionReply try_again(std::string_view why) {
  return AdmissionReply::refuse(503, "ServiceUnavailable",
                                fmt::format("{}; try again in some seconds", why));
}

}  // namespace

capp::admission::Resolution resolve(const std::string& host) {
  using capp::admission::Resolution;
  const auto state = net::look_up(host);
  if (!state) return Resolution::kUnknown;
  return *state == net::NameState::kInUse ? Resolution::kInUse : Resolution::kFree;
}

Admission::Admission(runtime::Manager& manager, kube::Client& client,
                     const Configuration& configuration, const runtime::Store& capps,
                     AdmissionOptions options)
    : manager_(manager),
      client_(client),
      configuration_(configuration),
      capps_(capps),
      options_(std::move(options)),
      own_user_(client),
      refusals_(manager.metrics().counters("capp_admission_refusals_total",
                                           "Refusals of Capps, by the rule they broke.",
                                           {"rule"})) {}

runtime::AdmissionHandlers Admission::handlers() {
  return {{"/validate-capp", [this](const AdmissionRequest& request) { return validate(request); }},
          {"/mutate-capp", [this](const AdmissionRequest& request) { return mutate(request); }}};
}

AdmissionReply Admission::validate(const AdmissionRequest& request) const {
  if (!is_about_a_capp(request)) return AdmissionReply::allow();
  const auto& capp = request.object.get_object();
  const auto* stored = object_of(request.old_object);
  if (!capp::admission::is_judged(capp, stored)) return AdmissionReply::allow();
  // Readiness keeps the API server away meanwhile; who comes nevertheless may try again.
  if (!manager_.working()) {
    return try_again("the operator has just started and does not know all Capps yet");
  }
  const auto in_force = configuration_.current();
  const auto submission = capp::admission::read_submission({.ns = request.ns, .name = request.name},
                                                           capp, stored, in_force->config);
  return reply(capp::admission::judge(submission, find_out(submission)));
}

AdmissionReply Admission::reply(const capp::admission::Judgement& judgement) const {
  for (const auto& refusal : judgement.refusals) {
    refusals_.with({refusal.rule}).increment();
  }
  auto reply = AdmissionReply::allow();
  if (!judgement.refusals.empty()) {
    reply = AdmissionReply::refuse(422, "Invalid", capp::admission::message(judgement));
  } else if (!judgement.undecided.empty()) {
    reply = try_again(fmt::format("these Secrets could not be looked at: {}",
                                  fmt::join(judgement.undecided, ", ")));
  }
  reply.warnings = judgement.warnings;
  return reply;
}

AdmissionReply Admission::mutate(const AdmissionRequest& request) {
  if (!is_about_a_capp(request)) return AdmissionReply::allow();
  if (own_user_.is(request.username, base::Clock::now())) return AdmissionReply::allow();
  auto reply = AdmissionReply::allow();
  reply.patch =
      capp::admission::mutate(request.object.get_object(), object_of(request.old_object),
                              request.username, configuration_.current()->config.default_resources);
  return reply;
}

Facts Admission::find_out(const capp::admission::Submission& submission) const {
  const auto questions = capp::admission::questions(submission);
  Facts facts{.cluster_domain = options_.cluster_domain,
              .served_by = served_by(submission.key, questions.spellings)};
  if (options_.resolve && !questions.host.empty()) {
    facts.resolution = options_.resolve(questions.host);
  }
  facts.secrets = look_at_secrets(submission.key.ns, questions.secrets);
  return facts;
}

// One that is being deleted does not count: its hostname goes with it.
std::optional<object::Key> Admission::served_by(const object::Key& self,
                                                const std::vector<std::string>& names) const {
  for (const auto& name : names) {
    for (const auto& record : capps_.by_index(name)) {
      if (record->key != self && !record->terminating) return record->key;
    }
  }
  return std::nullopt;
}

// As many at a time as the client sends: a Secret has up to a megabyte, of which little is kept.
std::map<std::string, SecretFacts, std::less<>> Admission::look_at_secrets(
    const std::string& ns, std::span<const std::string> names) const {
  const auto deadline = base::Clock::now() + kSecretsTimeout;
  std::map<std::string, SecretFacts, std::less<>> facts;
  while (!names.empty()) {
    const auto some = names.first(std::min(names.size(), kMaxInFlight));
    names = names.subspan(some.size());
    const auto answers = client_.send_all(gets(ns, some, deadline));
    for (std::size_t i = 0; i < some.size(); ++i) {
      facts.emplace(some[i], facts_of({.ns = ns, .name = some[i]}, answers[i]));
    }
  }
  return facts;
}

// Why it could not be read is for the log: the person who asked cannot mend it.
SecretFacts Admission::facts_of(const object::Key& secret,
                                const base::Result<net::Response>& answer) const {
  if (!answer && answer.error().reason == base::Reason::kNotFound) return {};
  const auto facts = answer ? read_secret(answer->body) : std::unexpected(answer.error());
  if (facts) return *facts;
  const auto& error = facts.error();
  if (const auto held_back = failures_told_.admit(to_string(error.reason), base::Clock::now())) {
    manager_.log().warn("cannot look at a Secret that a Capp names", error,
                        {{"secret", secret.to_string()}, {"heldBack", *held_back}});
  }
  return {.unknown = true};
}

}  // namespace op
