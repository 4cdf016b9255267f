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
#include "runtime/applier.h"
#include "runtime/controller.h"
#include "runtime/manager.h"

namespace op {

class CappReconciler final : public runtime::Reconciler {
 public:
  // All outlive the reconciler.
  CappReconciler(runtime::Manager& manager, const Configuration& configuration);

  base::Result<runtime::Requeue> reconcile(const object::Key& key,
                                           const telemetry::log::Logger& log,
                                           std::stop_token stop) override;

 private:
  base::Result<capp::World> observe(const object::Record& record) const;
  // The writes that do not depend on each other; then, once a new revision is stored, the removal
  // of old ones.
  capp::Results write(capp::Plan& plan, const object::Record& record, runtime::Requeue& requeue,
                      const std::stop_token& stop);
  // False where the status could not be stored.
  bool write_status(const capp::World& world, boost::json::object status, runtime::Requeue& requeue,
                    const std::stop_token& stop);
  void tell(const capp::World& world, const std::vector<capp::Event>& events, bool status_stored);

  runtime::Manager& manager_;
  const Configuration& configuration_;
};

}  // namespace op
