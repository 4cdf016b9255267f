#pragma once
// The configuration in force: read from its sources whenever one of them changes, and the last good
// one kept, also beyond this process.

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "capp/config.h"
#include "capp/config_sources.h"
#include "runtime/catalog.h"
#include "runtime/controller.h"
#include "runtime/manager.h"
#include "telemetry/log/logger.h"

namespace op {

// What is in force is read where a source's change is told, so that it is there before the first
// Capp is reconciled. All that takes requests or time happens on a worker of its own: telling
// people of problems, waking Capps, keeping what is good. Every replica reads; only the one that
// leads keeps, and sends events. Thread-safe.
class Configuration final : public runtime::Reconciler {
 public:
  using Changed = std::function<void(const capp::InForce& before, const capp::InForce& after)>;

  // Adds the sources, objects of the operator's namespace `ns`, to the manager's catalog. Outlives
  // the manager's run().
  Configuration(runtime::Manager& manager, std::string ns);

  // True for kinds of which objects are read only here.
  static bool reads(const object::Kind& kind);

  // Before run(): called on the worker after what is in force has changed, for the Capps that
  // worked by `before`.
  void on_change(Changed changed) { changed_ = std::move(changed); }

  // Never null.
  [[nodiscard]] std::shared_ptr<const capp::InForce> current() const CAPP_EXCLUDES(mutex_);

  base::Result<runtime::Requeue> reconcile(const runtime::QueueItem& item,
                                           const telemetry::log::Logger& log,
                                           std::stop_token stop) override CAPP_EXCLUDES(mutex_);

 private:
  using InForcePtr = std::shared_ptr<const capp::InForce>;

  // One object that is watched by name.
  struct Source {
    runtime::WatchedKind& watched;
    object::Key key;

    [[nodiscard]] object::RecordPtr record() const { return watched.store.get(key); }
  };

  Source watch(const object::Kind& kind, object::Projection projection, std::string_view name);
  void read() CAPP_EXCLUDES(mutex_);
  void tell(const std::vector<capp::ConfigProblem>& problems);
  void record_event(const capp::ConfigProblem& problem);
  base::Result<runtime::Requeue> keep(const capp::LastGood& last_good, const std::stop_token& stop);

  runtime::Manager& manager_;
  std::string ns_;
  telemetry::log::Logger log_;
  Source kept_;  // the first: the applier writes to the first entry of a kind
  Source capp_config_;
  Source autoscale_;
  Source autoscale_fallback_;
  Source dns_;
  runtime::Controller& controller_;
  Changed changed_;
  // Of the worker: what was logged, and what events were recorded about. Only a leader's are sent.
  std::vector<capp::ConfigProblem> logged_;
  std::vector<capp::ConfigProblem> recorded_;
  mutable base::Mutex mutex_;
  InForcePtr current_ CAPP_GUARDED_BY(mutex_);
  InForcePtr spread_ CAPP_GUARDED_BY(mutex_);  // what all Capps work by, or were woken for
  capp::LastGood last_good_ CAPP_GUARDED_BY(mutex_);
};

}  // namespace op
