#include "operator/plan_writer.h"

#include <functional>
#include <utility>
#include <vector>

#include "capp/kinds.h"

namespace op {
namespace {

using object::Outcome;

// Writes that go side by side, each with the place of its outcome.
class Batch {
 public:
  void add(object::Write write, Outcome& outcome) {
    writes_.push_back(std::move(write));
    outcomes_.push_back(&outcome);
  }

  void run(runtime::Applier& applier, const object::Key& owner, const object::Ownership& ownership,
           const std::stop_token& stop) {
    if (writes_.empty()) return;
    auto outcomes = applier.run(owner, std::move(writes_), ownership, stop);
    for (std::size_t i = 0; i < outcomes.size(); ++i) *outcomes_[i] = std::move(outcomes[i]);
  }

 private:
  std::vector<object::Write> writes_;
  std::vector<Outcome*> outcomes_;
};

void add_wanted(Batch& batch, capp::Plan& plan, capp::Results& results, bool after_finalizer) {
  for (std::size_t i = 0; i < plan.wanted.size(); ++i) {
    auto& [child, object, waits] = plan.wanted[i];
    if (waits != after_finalizer) continue;
    batch.add(
        object::Wanted{.kind = object.kind, .key = object.key, .body = std::move(object.body)},
        results.wanted[i]);
  }
}

template <class Removal, class ToWrite = std::identity>
void add_removals(Batch& batch, const std::vector<Removal>& removals,
                  std::vector<Outcome>& outcomes, ToWrite to_write = {}) {
  outcomes.resize(removals.size());
  for (std::size_t i = 0; i < removals.size(); ++i) {
    batch.add(std::invoke(to_write, removals[i]), outcomes[i]);
  }
}

}  // namespace

capp::Results write(runtime::Applier& applier, capp::Plan& plan, const object::Key& capp,
                    std::uint64_t version, const std::stop_token& stop) {
  capp::Results results;
  results.wanted.resize(plan.wanted.size());
  Batch first;
  add_wanted(first, plan, results, /*after_finalizer=*/false);
  add_removals(first, plan.unwanted, results.unwanted, &capp::ChildUnwanted::object);
  add_removals(first, plan.tls_secrets, results.tls_secrets);
  if (plan.history.create) {
    auto& create = *plan.history.create;
    first.add(
        object::Create{.kind = create.kind, .key = create.key, .body = std::move(create.body)},
        results.revision.emplace());
  }
  if (plan.finalizers) {
    first.add(object::SetFinalizers{.kind = &capp::kCapp,
                                    .key = capp,
                                    .resource_version = version,
                                    .finalizers = *plan.finalizers},
              results.finalizers.emplace());
  }
  first.run(applier, capp, plan.ownership, stop);

  Batch then;
  if (results.finalizers && !results.finalizers->error) {
    add_wanted(then, plan, results, /*after_finalizer=*/true);
  }
  if (!results.revision || results.revision->what == Outcome::What::kCreated) {
    add_removals(then, plan.history.prune, results.pruned);
  }
  then.run(applier, capp, plan.ownership, stop);
  return results;
}

}  // namespace op
