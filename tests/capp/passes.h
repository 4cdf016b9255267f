#pragma once
// Plans and reports as lines of text, so that a test asserts all of one; and what becomes of a
// plan.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "capp/plan.h"
#include "capp/report.h"
#include "tests/capp/builders.h"

namespace capp {

using What = object::Outcome::What;

inline object::Outcome became(What what) {
  return {.what = what, .record = nullptr, .error = {}, .retry_after = {}};
}

inline object::Outcome became(What what, const ObjectBuilder& live) {
  return {.what = what, .record = read(live), .error = {}, .retry_after = {}};
}

inline object::Outcome failed(std::string message, What what = What::kFailed,
                              base::Reason reason = base::Reason::kInvalid) {
  return {.what = what,
          .record = nullptr,
          .error = base::Error{.reason = reason, .message = std::move(message)},
          .retry_after = {}};
}

// What a test says of a pass; the rest went as on a quiet day.
struct Pass {
  std::optional<object::Outcome> service{};
  std::optional<object::Outcome> deletion{};  // each of them
  std::optional<object::Outcome> revision{};
  std::optional<object::Outcome> prune{};
  std::optional<object::Outcome> tls_secret{};  // each of them
  std::optional<object::Outcome> finalizers{};
  // Of other kinds than the Service.
  std::vector<std::pair<object::Kind, object::Outcome>> writes{};
};

inline object::Outcome outcome_of(const Pass& pass, const object::Kind& kind) {
  if (kind == kKnativeService && pass.service) return *pass.service;
  for (const auto& [written, outcome] : pass.writes) {
    if (written == kind) return outcome;
  }
  return became(What::kUnchanged);
}

inline Results results_of(const Plan& plan, const Pass& pass) {
  Results results;
  for (const auto& wanted : plan.wanted) {
    results.wanted.push_back(outcome_of(pass, *wanted.object.kind));
  }
  results.unwanted.assign(plan.unwanted.size(), pass.deletion.value_or(became(What::kDeleted)));
  results.tls_secrets.assign(plan.tls_secrets.size(),
                             pass.tls_secret.value_or(became(What::kDeleted)));
  if (plan.history.create) results.revision = pass.revision.value_or(became(What::kCreated));
  results.pruned.assign(plan.history.prune.size(), pass.prune.value_or(became(What::kDeleted)));
  if (plan.finalizers) results.finalizers = pass.finalizers.value_or(became(What::kUpdated));
  return results;
}

inline Report report_of(const World& world, const Pass& pass = {}) {
  const Plan planned = plan(world);
  return report(world, planned, results_of(planned, pass));
}

// "Ready=False KnativeServiceNotReady: message", in the order of the array.
inline std::vector<std::string> conditions(const boost::json::object& status) {
  std::vector<std::string> lines;
  for (const auto& value : status.at("conditions").as_array()) {
    const auto text = [&](std::string_view key) {
      return std::string(json::string_at(value, {key}));
    };
    lines.push_back(text("type") + "=" + text("status") + " " + text("reason") +
                    (text("message").empty() ? "" : ": " + text("message")));
  }
  return lines;
}

inline std::vector<std::string> conditions(const Report& report) {
  return conditions(report.status);
}

inline std::vector<std::string> events(const Report& report) {
  std::vector<std::string> lines;
  for (const auto& event : report.events) {
    lines.push_back((event.type == Event::Type::kNormal ? "Normal " : "Warning ") + event.reason +
                    " " + event.action + ": " + event.note);
  }
  return lines;
}

inline std::string_view held_as(Verdict verdict) {
  switch (verdict) {
    case Verdict::kMissing:
      return "missing";
    case Verdict::kTerminating:
      return "await";
    default:
      return "hold";
  }
}

// "write Service shop/web": each thing that a plan asks for. A record of the DNS provider is told
// with its API group, since there are two.
inline std::vector<std::string> lines(const Plan& plan) {
  std::vector<std::string> lines;
  const auto add = [&](std::string_view what, const object::Kind& kind, const object::Key& key) {
    const bool is_record = kind.kind == kCnameRecord.kind;
    lines.push_back(std::string(what) + " " + std::string(kind.kind) +
                    (!is_record                              ? ""
                     : kind.scope == object::Scope::kCluster ? "(G1)"
                                                             : "(G2)") +
                    " " + key.to_string());
  };
  for (const auto& wanted : plan.wanted) {
    add(wanted.after_finalizer ? "write later" : "write", *wanted.object.kind, wanted.object.key);
  }
  for (const auto& [child, object] : plan.unwanted) add("delete", *object.kind, object.key);
  for (const auto& held : plan.held) {
    add(held_as(held.verdict), *held.object.kind, held.object.key);
  }
  for (const auto& secret : plan.tls_secrets) add("delete", *secret.kind, secret.key);
  const auto& [create, prune] = plan.history;
  if (create) add("create", *create->kind, create->key);
  for (const auto& object : prune) add("prune", *object.kind, object.key);
  if (plan.finalizers) {
    std::string list = "finalizers";
    for (const auto& finalizer : *plan.finalizers) list += " " + finalizer;
    lines.push_back(list);
  }
  return lines;
}

// The lines that concern the address of a Capp, and no other part of it.
inline std::vector<std::string> address_lines(const Plan& plan) {
  auto all = lines(plan);
  std::erase_if(all, [](const std::string& line) {
    return line.find(" Service ") != std::string::npos || line.starts_with("create CappRevision");
  });
  return all;
}

}  // namespace capp
