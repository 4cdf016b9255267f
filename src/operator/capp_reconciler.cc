#include "operator/capp_reconciler.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "capp/kinds.h"
#include "capp/tls_secrets.h"
#include "json/canonical.h"
#include "json/value.h"
#include "operator/plan_writer.h"

namespace op {
namespace {

using object::Outcome;

// Below everything that a queue has by itself (runtime::kLowPriority).
constexpr int kBookkeepingPriority = -200;

// A Capp of which nothing is there yet, and something is wanted.
bool brings_first_children(const capp::World& world, const capp::Plan& plan) {
  return !plan.wanted.empty() && std::ranges::none_of(plan.wanted, [&](const auto& wanted) {
    return world.find(*wanted.object.kind, wanted.object.key.name) != nullptr;
  });
}

// When to come back: the earliest that anything asks for counts.
void note(const Outcome& outcome, runtime::Requeue& requeue) {
  if (outcome.what == Outcome::What::kFailed) requeue.failed = true;
  if (!outcome.retry_after) return;
  requeue.after = std::min(requeue.after.value_or(*outcome.retry_after), *outcome.retry_after);
}

runtime::Requeue requeue_of(const capp::Results& results,
                            std::optional<std::chrono::milliseconds> ask_again) {
  runtime::Requeue requeue{.after = ask_again};
  for (const auto* outcomes :
       {&results.wanted, &results.unwanted, &results.tls_secrets, &results.pruned}) {
    for (const auto& outcome : *outcomes) note(outcome, requeue);
  }
  for (const auto* outcome : {&results.revision, &results.finalizers}) {
    if (*outcome) note(**outcome, requeue);
  }
  return requeue;
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

  const auto ask_again = inquiries_.answer(*world, stop);
  capp::Plan plan = capp::plan(*world);
  if (item.others_wait && item.priority > kBookkeepingPriority &&
      brings_first_children(*world, plan)) {
    return write_children_first(*world, plan, record->resource_version, stop);
  }
  const capp::Results results =
      write(manager_.applier(), plan, key, record->resource_version, stop);
  if (stop.stop_requested()) return base::fail(base::Reason::kCancelled, "stopping");
  runtime::Requeue requeue = requeue_of(results, ask_again);
  // Our finalizer has gone, and perhaps the Capp with it.
  if (world->capp.terminating && results.finalizers && !results.finalizers->error) return requeue;

  capp::Report report = capp::report(*world, plan, results);
  const bool stored = store_status(*world, std::move(report.status), requeue, stop);
  // Where the status could not be stored, its own retry brings the next pass.
  if (report.continues && stored) requeue.after = std::chrono::milliseconds(0);
  tell(*world, report.events, stored);
  log.debug("reconciled");
  return requeue;
}

runtime::Requeue CappReconciler::write_children_first(const capp::World& world, capp::Plan& plan,
                                                      std::uint64_t version,
                                                      const std::stop_token& stop) {
  plan.history = {};
  plan.finalizers.reset();
  const capp::Results results = write(manager_.applier(), plan, world.capp.key, version, stop);
  tell(world, capp::report(world, plan, results).events, /*status_stored=*/false);
  runtime::Requeue requeue = requeue_of(results, std::chrono::milliseconds(0));
  requeue.priority = kBookkeepingPriority;
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
  for (const auto& kind : manager_.catalog().kinds()) {
    if (kind->kind == capp::kCapp || Configuration::reads(kind->kind)) continue;
    if (kind->kind == capp::kRoute) {
      const auto console = kind->store.all();
      if (!console.empty()) world.console_host = console.front()->body;
    } else {
      observe(*kind, world);
    }
  }
  return world;
}

void CappReconciler::observe(const runtime::WatchedKind& kind, capp::World& world) const {
  switch (manager_.availability(kind.kind)) {
    case runtime::Availability::kReady:
      break;
    case runtime::Availability::kAbsent:
    case runtime::Availability::kLost:
      world.absent.push_back(&kind.kind);
      break;
    case runtime::Availability::kUnknown:
    case runtime::Availability::kSyncing:
      world.unread.push_back(&kind.kind);
      break;
  }
  auto records = kind.store.by_index(world.capp.key.to_string());
  if (kind.kind == capp::kCertificate) {
    // Whose the Certificate of a recorded Secret is now decides about the Secret.
    for (const auto& host : capp::recorded_tls_hosts(world.capp)) {
      const object::Key key{.ns = world.capp.key.ns, .name = host};
      const bool found =
          std::ranges::any_of(records, [&](const auto& record) { return record->key == key; });
      if (auto record = kind.store.get(key); record && !found) records.push_back(std::move(record));
    }
  }
  // An index keeps no order, and what is told of several objects must not change with it.
  std::ranges::sort(records, {},
                    [](const auto& record) -> const auto& { return record->key.name; });
  world.observed.emplace_back(&kind.kind, std::move(records));
}

bool CappReconciler::store_status(const capp::World& world, boost::json::object status,
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
  const Outcome& outcome = outcomes.front();
  note(outcome, requeue);
  if (outcome.what == Outcome::What::kUnchanged) warn_of_dropped_fields(world.capp.key);
  return outcome.what == Outcome::What::kUpdated;
}

void CappReconciler::warn_of_dropped_fields(const object::Key& capp) {
  if (const auto held_back = warnings_.admit("status", base::Clock::now())) {
    manager_.log().warn(
        "the API server drops fields of a Capp's status: is the CRD that belongs to this version "
        "installed?",
        {{"capp", capp.to_string()}, {"heldBack", *held_back}});
  }
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
