#include "runtime/applier_decision.h"

#include <utility>

#include <fmt/format.h>

namespace runtime {
namespace {

using What = Decision::What;

// "parent=api, parent-ns=other".
std::string text_of(const object::Labels& labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    if (!text.empty()) text += ", ";
    text += fmt::format("{}={}", name, value);
  }
  return text;
}

}  // namespace

Decision decide(const object::Wanted& wanted, std::string_view hash, const object::Record& live,
                const object::Ownership& ownership, bool settled) {
  if (object::is_ours(live, ownership, hash) == object::Ours::kNo) return {.what = What::kForeign};
  if (live.terminating) return {.what = What::kAwaitDeletion};
  auto gap = object::compare_ownership(wanted.body, live.owned);
  const bool hash_is_there = live.applied_hash == hash;
  if (settled || (hash_is_there && gap.empty())) return {.what = What::kLeave};
  Decision decision{.what = What::kApply, .never_applied = live.owned.set == nullptr};
  // With our hash on it the object was as wanted once: what is not ours any more was taken.
  if (hash_is_there && !gap.not_owned.empty()) decision.taken = std::move(gap.not_owned.front());
  return decision;
}

base::Error foreign_error(const object::Wanted& wanted, const object::Record& live,
                          const object::Ownership& ownership) {
  const std::string name = name_of(*wanted.kind, wanted.key);
  std::string message;
  if (const auto* controller = live.controller()) {
    message = fmt::format("{} exists and is controlled by {} {}; it is not taken over", name,
                          controller->kind, controller->name);
  } else if (const auto labels = object::foreign_identity(live, ownership); !labels.empty()) {
    message =
        fmt::format("{} exists and belongs to {}; it is not taken over", name, text_of(labels));
  } else {
    message =
        fmt::format("{} exists and is not ours; to hand it over, annotate it with {}: \"true\"",
                    name, object::kAdoptAnnotation);
  }
  return {.reason = base::Reason::kAlreadyExists, .message = std::move(message)};
}

std::string name_of(const object::Kind& kind, const object::Key& key) {
  return kind.resource() + " " + key.to_string();
}

}  // namespace runtime
