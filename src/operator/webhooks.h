#pragma once
// The webhook server of the operator: which handlers, where, and with which certificate.

#include "kube/config/environment.h"
#include "operator/webhook_flags.h"
#include "runtime/manager.h"

namespace op {

// ENABLE_WEBHOOKS=false turns them off, as in every project that kubebuilder made.
bool webhooks_enabled(const kube::Environment& environment);

// Before Manager::run.
void serve_webhooks(runtime::Manager& manager, const WebhookFlags& flags,
                    runtime::AdmissionHandlers handlers);

}  // namespace op
