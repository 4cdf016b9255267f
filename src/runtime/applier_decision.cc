#include "runtime/applier_decision.h"

#include <algorithm>

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

// What somebody took from us since our last apply; empty where nobody did. Every apply of ours
// carries the hash: where it is there the object was as wanted once, and where its annotation is
// not ours any more somebody wrote the object whole. Then another path tells more than that one.
std::string taken_of(const object::OwnershipGap& gap, const object::Record& live,
                     bool hash_is_there) {
  const auto hash_path = fmt::format(".metadata.annotations.{}", object::kAppliedHashAnnotation);
  const bool hash_is_taken = live.owned.set != nullptr && gap.lacks(hash_path);
  if (gap.not_owned.empty() || (!hash_is_there && !hash_is_taken)) return {};
  const auto other = std::ranges::find_if(
      gap.not_owned, [&](const std::string& path) { return !object::is_within(hash_path, path); });
  return other != gap.not_owned.end() ? *other : gap.not_owned.front();
}

}  // namespace

Decision decide(const object::Wanted& wanted, std::string_view hash, const object::Record& live,
                const object::Ownership& ownership, bool settled) {
  if (object::is_ours(live, ownership, hash) == object::Ours::kNo) return {.what = What::kForeign};
  if (live.terminating) return {.what = What::kAwaitDeletion};
  const auto gap = object::compare_ownership(wanted.body, live.owned);
  const bool hash_is_there = live.applied_hash == hash;
  if (settled || (hash_is_there && gap.empty())) return {.what = What::kLeave};
  return {.what = What::kApply,
          .taken = taken_of(gap, live, hash_is_there),
          .never_applied = live.owned.set == nullptr};
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
