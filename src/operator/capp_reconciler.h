#pragma once
// One pass over one Capp: observe, plan, write, report. What is decided stands in the domain
// (capp/plan.h, capp/report.h).

#include <optional>
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
  // Only what runs the application, while other Capps wait for theirs: its history, finalizer and
  // status follow in a pass of lower priority.
  runtime::Requeue write_children_first(const capp::World& world, capp::Plan& plan,
                                        const std::stop_token& stop);
  // What can be written side by side; then what waits for the Capp's finalizer, and once a new
  // revision is stored, the removal of old ones. Takes the bodies out of the plan. `version` is the
  // Capp's resourceVersion.
  capp::Results write(capp::Plan& plan, const object::Key& capp, std::uint64_t version,
                      runtime::Requeue& requeue, const std::stop_token& stop);
  // False where the status could not be stored.
  bool write_status(const capp::World& world, boost::json::object status, runtime::Requeue& requeue,
                    const std::stop_token& stop);
  void tell(const capp::World& world, const std::vector<capp::Event>& events, bool status_stored);

  runtime::Manager& manager_;
  const Configuration& configuration_;
  capp::DnsApi dns_api_;
  Inquiries inquiries_;
};

}  // namespace op
