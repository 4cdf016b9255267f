#pragma once
// The Capp operator: which kinds it reads, and which change wakes which Capp.

#include <functional>
#include <string>

#include "operator/admission.h"
#include "operator/capp_reconciler.h"
#include "operator/configuration.h"
#include "runtime/manager.h"

namespace op {

struct OperatorOptions {
  std::string ns;  // where its configuration lives
  std::size_t workers = 16;
  capp::DnsApi dns_api = capp::DnsApi::kAuto;
  AdmissionOptions admission{};
};

// Adds itself to a manager; both live until Manager::run has returned.
class Operator {
 public:
  // `admission_client` is for the questions of admission alone; see Admission.
  Operator(runtime::Manager& manager, kube::Client& admission_client,
           const OperatorOptions& options);

  // For Manager::serve_admission.
  [[nodiscard]] runtime::AdmissionHandlers admission_handlers() { return admission_.handlers(); }

 private:
  void read_kinds();
  void wake_on_changes();
  // `owner` is "namespace/name", or empty for nobody.
  void wake(const std::string& owner, int priority);
  void wake_where(const std::function<bool(const object::Record&)>& chosen, int priority);
  void wake_all();
  void wake_waiting_for(const object::Kind& kind);
  // Those for which the configuration asks for something else now.
  void wake_concerned(const capp::InForce& before, const capp::InForce& after);

  runtime::Manager& manager_;
  Configuration configuration_;
  runtime::WatchedKind& capps_;
  Admission admission_;
  CappReconciler reconciler_;
  runtime::Controller& controller_;
};

}  // namespace op
