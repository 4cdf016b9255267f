#include "operator/capp_reconciler.h"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

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

// Writes that go side by side, each with the place of its outcome.
class Batch {
 public:
  void add(object::Write write, Outcome& outcome) {
    writes_.push_back(std::move(write));
    outcomes_.push_back(&outcome);
  }

  void run(runtime::Applier& applier, const object::Key& owner, const object::Ownership& ownership,
           runtime::Requeue& requeue, const std::stop_token& stop) {
    if (writes_.empty()) return;
    auto outcomes = applier.run(owner, std::move(writes_), ownership, stop);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      note(outcomes[i], requeue);
      *outcomes_[i] = std::move(outcomes[i]);
    }
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

CappReconciler::CappReconciler(runtime::Manager& manager, const Configuration& configuration,
                               capp::DnsApi dns_api)
    : manager_(manager),
      configuration_(configuration),
      dns_api_(dns_api),
      inquiries_(manager.client()) {}

base::Result<runtime::Requeue> CappReconciler::reconcile(const runtime::QueueItem& item,
                                                         const telemetry::log::Logger& log,
                                                         std::stop_token stop) {
  const object::Key& key = item.key;
  const auto record = manager_.catalog().find(capp::kCapp)->store.get(key);
  if (!record) {
    manager_.applier().forget(key);
    inquiries_.forget(key);
    return runtime::Requeue{};
  }
  auto world = observe(*record);
  if (!world) return std::unexpected(world.error().wrap("reading " + key.to_string()));

  runtime::Requeue requeue{.after = inquiries_.answer(*world, stop)};
  capp::Plan plan = capp::plan(*world);
  if (item.others_wait && item.priority > kBookkeepingPriority &&
      brings_first_children(*world, plan)) {
    return write_children_first(*world, plan, stop);
  }
  const capp::Results results = write(plan, key, record->resource_version, requeue, stop);
  if (stop.stop_requested()) return base::fail(base::Reason::kCancelled, "stopping");
  // Our finalizer has gone, and perhaps the Capp with it.
  if (world->capp.terminating && results.finalizers && !results.finalizers->error) return requeue;
  capp::Report report = capp::report(*world, plan, results);
  const bool stored = write_status(*world, std::move(report.status), requeue, stop);
  // Where the status could not be stored, its own retry brings the next pass.
  if (report.continues && stored) requeue.after = std::chrono::milliseconds(0);
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
  const auto in_force = configuration_.current();
  capp::World world{.capp = std::move(*capp),
                    .config = in_force->config,
                    .config_problems = in_force->problems,
                    .dns_api = dns_api_,
                    .now = base::rfc3339(base::WallClock::now())};
  const std::string id = record.key.to_string();
  for (const auto& kind : manager_.catalog().kinds()) {
    if (kind->kind == capp::kCapp || Configuration::reads(kind->kind)) continue;
    if (kind->kind == capp::kRoute) {
      const auto console = kind->store.all();
      if (!console.empty()) world.console_host = console.front()->body;
      continue;
    }
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
  capp::Results results;
  results.wanted.resize(plan.wanted.size());
  Batch now;
  add_wanted(now, plan, results, /*after_finalizer=*/false);
  add_removals(now, plan.unwanted, results.unwanted, &capp::ChildUnwanted::object);
  add_removals(now, plan.tls_secrets, results.tls_secrets);
  if (plan.history.create) {
    auto& create = *plan.history.create;
    now.add(object::Create{.kind = create.kind, .key = create.key, .body = std::move(create.body)},
            results.revision.emplace());
  }
  if (plan.finalizers) {
    now.add(object::SetFinalizers{.kind = &capp::kCapp,
                                  .key = capp,
                                  .resource_version = version,
                                  .finalizers = *plan.finalizers},
            results.finalizers.emplace());
  }
  runtime::Applier& applier = manager_.applier();
  now.run(applier, capp, plan.ownership, requeue, stop);

  Batch later;
  if (results.finalizers && !results.finalizers->error) {
    add_wanted(later, plan, results, /*after_finalizer=*/true);
  }
  if (!results.revision || results.revision->what == Outcome::What::kCreated) {
    add_removals(later, plan.history.prune, results.pruned);
  }
  later.run(applier, capp, plan.ownership, requeue, stop);
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
