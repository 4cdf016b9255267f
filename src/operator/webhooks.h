#pragma once
// The webhook server of the operator: which handlers, where, and with which certificate.

#include <string>

#include "kube/config/environment.h"
#include "operator/webhook_flags.h"
#include "runtime/manager.h"

namespace op {

// ENABLE_WEBHOOKS=false turns them off, as in every project that kubebuilder made.
bool webhooks_enabled(const kube::Environment& environment);

// Before Manager::run. `ns` is the operator's namespace.
void serve_webhooks(runtime::Manager& manager, const WebhookFlags& flags, const std::string& ns,
                    runtime::AdmissionHandlers handlers);

}  // namespace op
