#include "capp/findings.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace capp {
namespace {

bool went_wrong(const object::Outcome& outcome) {
  return outcome.what == object::Outcome::What::kFailed ||
         outcome.what == object::Outcome::What::kWaiting;
}

bool waits_for_deletion(const object::Outcome& outcome) {
  return outcome.what == object::Outcome::What::kWaiting && outcome.record != nullptr &&
         outcome.record->terminating;
}

Finding terminating(const ChildWanted& wanted) {
  return {
      .concern = &wanted.child->concern(),
      .verdict = Verdict::kTerminating,
      .message = name_of(wanted.object) + " is being deleted and is created again when it is gone"};
}

Finding missing(const ChildWanted& wanted) {
  return {
      .concern = &wanted.child->concern(),
      .verdict = Verdict::kMissing,
      .message = fmt::format("the CustomResourceDefinition {} is not installed, or the operator "
                             "cannot read its objects",
                             wanted.object.kind->resource())};
}

Health health_after(const World& world, const Plan& plan, const ChildWanted& wanted,
                    const object::Outcome& outcome) {
  if (const auto live = live_after(world, plan, wanted.object, outcome)) {
    return wanted.child->health(*live);
  }
  // Not seen yet: told in the same words as an object that has no status yet, since that is what
  // the next pass will see.
  object::Record unseen;
  unseen.key = wanted.object.key;
  return wanted.child->health(unseen);
}

Finding written(const World& world, const Plan& plan, const ChildWanted& wanted,
                const object::Outcome& outcome) {
  if (waits_for_deletion(outcome)) return terminating(wanted);
  Finding finding{.concern = &wanted.child->concern()};
  if (went_wrong(outcome)) {
    finding.verdict = Verdict::kSyncFailed;
    finding.message = cause_of(outcome);
    return finding;
  }
  const Health health = health_after(world, plan, wanted, outcome);
  finding.verdict = health.ready ? Verdict::kReady : Verdict::kNotReady;
  finding.message = health.message;
  return finding;
}

void add_failure(Findings& findings, const Concern* concern, const object::Outcome& outcome) {
  if (!went_wrong(outcome) || waits_for_deletion(outcome)) return;
  findings.push_back(
      {.concern = concern, .verdict = Verdict::kSyncFailed, .message = cause_of(outcome)});
}

}  // namespace

std::string name_of(const object::Wanted& object) {
  return fmt::format("{} {}", object.kind->kind, object.key.to_string());
}

std::string cause_of(const object::Outcome& outcome) {
  return outcome.error ? outcome.error->describe() : std::string("no cause was given");
}

object::RecordPtr live_after(const World& world, const Plan& plan, const object::Wanted& wanted,
                             const object::Outcome& outcome) {
  if (outcome.record && !went_wrong(outcome)) return outcome.record;
  auto observed = world.find(*wanted.kind, wanted.key.name);
  if (!observed || object::is_ours(*observed, plan.ownership, {}) != object::Ours::kYes) return {};
  return observed;
}

Findings find_all(const World& world, const Plan& plan, const Results& results) {
  Findings findings;
  for (std::size_t i = 0; i < plan.wanted.size(); ++i) {
    findings.push_back(written(world, plan, plan.wanted[i], results.wanted[i]));
  }
  for (const auto& wanted : plan.missing) findings.push_back(missing(wanted));
  for (const auto& wanted : plan.terminating) findings.push_back(terminating(wanted));
  for (std::size_t i = 0; i < plan.unwanted.size(); ++i) {
    add_failure(findings, &plan.unwanted[i].child->concern(), results.unwanted[i]);
  }
  if (results.revision) add_failure(findings, nullptr, *results.revision);
  for (const auto& outcome : results.pruned) add_failure(findings, nullptr, outcome);
  // A conflict is no failure: the Capp changed meanwhile, and is looked at again for that.
  if (results.finalizers && results.finalizers->error &&
      results.finalizers->error->reason != base::Reason::kConflict) {
    add_failure(findings, nullptr, *results.finalizers);
  }
  return findings;
}

Verdict worst_of(const Findings& findings, const Concern& concern) {
  Verdict worst = Verdict::kReady;
  for (const auto& finding : findings) {
    if (finding.concern == &concern) worst = std::max(worst, finding.verdict);
  }
  return worst;
}

}  // namespace capp
