#pragma once
// One pass over one Capp: observe, plan, write, report. What is decided stands in the domain
// (capp/plan.h, capp/report.h).

#include <cstdint>
#include <string>
#include <vector>

#include "capp/plan.h"
#include "capp/report.h"
#include "capp/world.h"
#include "operator/configuration.h"
#include "operator/inquiries.h"
#include "runtime/applier.h"
#include "runtime/controller.h"
#include "runtime/manager.h"
#include "telemetry/log/repeat_limiter.h"

namespace op {

class CappReconciler final : public runtime::Reconciler {
 public:
  // All outlive the reconciler.
  CappReconciler(runtime::Manager& manager, const Configuration& configuration,
                 capp::DnsApi dns_api);

  base::Result<runtime::Requeue> reconcile(const runtime::QueueItem& item,
                                           const telemetry::log::Logger& log,
                                           std::stop_token stop) override;

 private:
  base::Result<capp::World> observe(const object::Record& record) const;
  // The objects of one kind.
  void observe(const runtime::WatchedKind& kind, capp::World& world) const;
  // Only what runs the application, while other Capps wait for theirs: its history, finalizer and
  // status follow in a pass of lower priority. `version` is the Capp's resourceVersion.
  runtime::Requeue write_children_first(const capp::World& world, capp::Plan& plan,
                                        std::uint64_t version, const std::stop_token& stop);
  // True where the API server has the status, whole.
  bool store_status(const capp::World& world, boost::json::object status, runtime::Requeue& requeue,
                    const std::stop_token& stop);
  void warn_of_dropped_fields(const object::Key& capp);
  void tell(const capp::World& world, const std::vector<capp::Event>& events, bool status_stored);

  runtime::Manager& manager_;
  const Configuration& configuration_;
  capp::DnsApi dns_api_;
  Inquiries inquiries_;
  telemetry::log::RepeatLimiter warnings_;
};

}  // namespace op
