#include "operator/capp_reconciler.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "capp/kinds.h"
#include "json/canonical.h"
#include "json/value.h"

namespace op {
namespace {

using object::Outcome;

// Below everything that a queue has by itself (runtime::kLowPriority).
constexpr int kBookkeepingPriority = -200;

// When to come back for this write: the earliest of all counts.
void note(const Outcome& outcome, runtime::Requeue& requeue) {
  if (outcome.what == Outcome::What::kFailed) requeue.failed = true;
  if (!outcome.retry_after) return;
  requeue.after = std::min(requeue.after.value_or(*outcome.retry_after), *outcome.retry_after);
}

// A Capp of which nothing is there yet, and something is wanted.
bool brings_first_children(const capp::World& world, const capp::Plan& plan) {
  return !plan.wanted.empty() && std::ranges::none_of(plan.wanted, [&](const auto& wanted) {
    return world.find(*wanted.object.kind, wanted.object.key.name) != nullptr;
  });
}

// Whether the object of a deletion is gone by now.
bool gone(const Outcome& outcome) {
  return outcome.record == nullptr &&
         (outcome.what == Outcome::What::kDeleted || outcome.what == Outcome::What::kUnchanged);
}

// What identifies a status apart from the times in it that are new.
std::string content_of(const boost::json::object& status, const std::string& now) {
  std::string text = json::canonical(status);
  for (auto at = text.find(now); at != std::string::npos; at = text.find(now, at)) {
    text.erase(at, now.size());
  }
  return base::sha256_hex128(text);
}

runtime::EventSubject subject(const capp::Capp& capp) {
  return {.api_version = capp::kCapp.api_version(),
          .kind = std::string(capp::kCapp.kind),
          .ns = capp.key.ns,
          .name = capp.key.name,
          .uid = capp.uid};
}

}  // namespace

CappReconciler::CappReconciler(runtime::Manager& manager, const Configuration& configuration)
    : manager_(manager), configuration_(configuration) {}

base::Result<runtime::Requeue> CappReconciler::reconcile(const runtime::QueueItem& item,
                                                         const telemetry::log::Logger& log,
                                                         std::stop_token stop) {
  const object::Key& key = item.key;
  const auto record = manager_.catalog().find(capp::kCapp)->store.get(key);
  if (!record) {
    manager_.applier().forget(key);
    return runtime::Requeue{};
  }
  auto world = observe(*record);
  if (!world) return std::unexpected(world.error().wrap("reading " + key.to_string()));

  capp::Plan plan = capp::plan(*world);
  if (item.others_wait && item.priority > kBookkeepingPriority &&
      brings_first_children(*world, plan)) {
    return write_children_first(*world, plan, stop);
  }
  runtime::Requeue requeue;
  const capp::Results results = write(plan, key, record->resource_version, requeue, stop);
  if (stop.stop_requested()) return base::fail(base::Reason::kCancelled, "stopping");
  // Our finalizer has gone, and perhaps the Capp with it.
  if (world->capp.terminating && results.finalizers && !results.finalizers->error) return requeue;
  // The echo of a deletion wakes nobody, and what comes after it must not wait for other news.
  if (world->capp.terminating &&
      (std::ranges::any_of(results.unwanted, gone) || std::ranges::any_of(results.pruned, gone))) {
    requeue.after = std::chrono::milliseconds(0);
  }

  capp::Report report = capp::report(*world, plan, results);
  const bool stored = write_status(*world, std::move(report.status), requeue, stop);
  tell(*world, report.events, stored);
  log.debug("reconciled");
  return requeue;
}

runtime::Requeue CappReconciler::write_children_first(const capp::World& world, capp::Plan& plan,
                                                      const std::stop_token& stop) {
  plan.history = {};
  plan.finalizers.reset();
  runtime::Requeue requeue{.after = std::chrono::milliseconds(0), .priority = kBookkeepingPriority};
  const capp::Results results = write(plan, world.capp.key, 0, requeue, stop);
  tell(world, capp::report(world, plan, results).events, /*status_stored=*/false);
  return requeue;
}

base::Result<capp::World> CappReconciler::observe(const object::Record& record) const {
  auto capp = capp::read_capp(record);
  if (!capp) return std::unexpected(std::move(capp.error()));
  capp::World world{.capp = std::move(*capp),
                    .config = *configuration_.current(),
                    .now = base::rfc3339(base::WallClock::now()),
                    .absent = {},
                    .observed = {}};
  const std::string id = record.key.to_string();
  for (const auto& kind : manager_.catalog().kinds()) {
    if (kind->kind == capp::kCapp || kind->kind == capp::kConfigMap) continue;
    if (manager_.availability(kind->kind) != runtime::Availability::kReady) {
      world.absent.push_back(&kind->kind);
    }
    world.observed.emplace_back(&kind->kind, kind->store.by_index(id));
  }
  return world;
}

capp::Results CappReconciler::write(capp::Plan& plan, const object::Key& capp,
                                    std::uint64_t version, runtime::Requeue& requeue,
                                    const std::stop_token& stop) {
  std::vector<object::Write> writes;
  for (auto& wanted : plan.wanted) {
    writes.emplace_back(object::Wanted{.kind = wanted.object.kind,
                                       .key = wanted.object.key,
                                       .body = std::move(wanted.object.body)});
  }
  for (const auto& unwanted : plan.unwanted) writes.emplace_back(unwanted.object);
  if (plan.history.create) {
    writes.emplace_back(object::Create{.kind = plan.history.create->kind,
                                       .key = plan.history.create->key,
                                       .body = std::move(plan.history.create->body)});
  }
  if (plan.finalizers) {
    writes.emplace_back(object::SetFinalizers{.kind = &capp::kCapp,
                                              .key = capp,
                                              .resource_version = version,
                                              .finalizers = *plan.finalizers});
  }
  std::vector<Outcome> outcomes =
      manager_.applier().run(capp, std::move(writes), plan.ownership, stop);
  for (const auto& outcome : outcomes) note(outcome, requeue);

  capp::Results results;
  auto next = outcomes.begin();
  const auto take = [&](std::size_t count) {
    const auto first = std::exchange(next, next + static_cast<std::ptrdiff_t>(count));
    return std::vector<Outcome>(std::make_move_iterator(first), std::make_move_iterator(next));
  };
  results.wanted = take(plan.wanted.size());
  results.unwanted = take(plan.unwanted.size());
  if (plan.history.create) results.revision = std::move(*next++);
  if (plan.finalizers) results.finalizers = std::move(*next);

  const bool stored = !results.revision || results.revision->what == Outcome::What::kCreated;
  if (stored && !plan.history.prune.empty()) {
    std::vector<object::Write> prune(plan.history.prune.begin(), plan.history.prune.end());
    results.pruned = manager_.applier().run(capp, std::move(prune), plan.ownership, stop);
    for (const auto& outcome : results.pruned) note(outcome, requeue);
  }
  return results;
}

bool CappReconciler::write_status(const capp::World& world, boost::json::object status,
                                  runtime::Requeue& requeue, const std::stop_token& stop) {
  if (json::equal(status, world.capp.status)) return true;
  std::string content = content_of(status, world.now);
  std::vector<object::Write> writes;
  writes.emplace_back(object::SetStatus{.kind = &capp::kCapp,
                                        .key = world.capp.key,
                                        .uid = world.capp.uid,
                                        .status = std::move(status),
                                        .content = std::move(content)});
  const auto outcomes = manager_.applier().run(world.capp.key, std::move(writes),
                                               capp::child_ownership(world.capp), stop);
  note(outcomes.front(), requeue);
  return !outcomes.front().error;
}

void CappReconciler::tell(const capp::World& world, const std::vector<capp::Event>& events,
                          bool status_stored) {
  for (const auto& event : events) {
    // Told again with the next pass otherwise, since the status does not show it yet.
    if (event.transition && !status_stored) continue;
    manager_.events().record({.type = event.type == capp::Event::Type::kNormal
                                          ? runtime::ObjectEvent::Type::kNormal
                                          : runtime::ObjectEvent::Type::kWarning,
                              .reason = event.reason,
                              .action = event.action,
                              .note = event.note,
                              .regarding = subject(world.capp)});
  }
}

}  // namespace op
