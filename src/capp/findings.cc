#include "capp/findings.h"

#include <algorithm>
#include <utility>

#include "capp/children/table.h"
#include "capp/messages.h"

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

Health health_after(const World& world, const Plan& plan, const ChildWanted& wanted,
                    const object::Outcome& outcome) {
  if (const auto live = live_after(world, plan, wanted.object, outcome)) {
    return wanted.child->health(world, *live);
  }
  // Not seen yet: told in the same words as an object that has no status yet, since that is what
  // the next pass will see.
  object::Record unseen;
  unseen.key = wanted.object.key;
  return wanted.child->health(world, unseen);
}

Finding written(const World& world, const Plan& plan, const ChildWanted& wanted,
                const object::Outcome& outcome) {
  Finding finding{.concern = &wanted.child->concern()};
  if (waits_for_deletion(outcome)) {
    finding.verdict = Verdict::kTerminating;
    finding.message = terminating_text(wanted.object);
    return finding;
  }
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

void add_remarks(Findings& findings, const World& world) {
  for (const Child* child : children()) {
    if (auto remark = child->remark(world)) findings.push_back(std::move(*remark));
  }
}

}  // namespace

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
  for (const auto& held : plan.held) {
    findings.push_back(
        {.concern = &held.child->concern(), .verdict = held.verdict, .message = held.message});
  }
  for (const Child* child : plan.unseen) {
    findings.push_back({.concern = &child->concern(),
                        .verdict = Verdict::kMissing,
                        .message = unread_text(child->kind())});
  }
  for (std::size_t i = 0; i < plan.unwanted.size(); ++i) {
    add_failure(findings, &plan.unwanted[i].child->concern(), results.unwanted[i]);
  }
  for (const auto& outcome : results.tls_secrets) add_failure(findings, &kTls, outcome);
  if (results.revision) add_failure(findings, nullptr, *results.revision);
  for (const auto& outcome : results.pruned) add_failure(findings, nullptr, outcome);
  // A conflict is no failure: the Capp changed meanwhile, and is looked at again for that.
  if (results.finalizers && results.finalizers->error &&
      results.finalizers->error->reason != base::Reason::kConflict) {
    add_failure(findings, nullptr, *results.finalizers);
  }
  if (!world.capp.terminating) add_remarks(findings, world);
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
