#pragma once
// The configuration that a pod's service account gives.

#include <string>

#include "base/error.h"
#include "kube/config/config.h"
#include "kube/config/environment.h"

namespace kube {

// KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are set, and `service_account_dir` holds a
// token: a pod without one may still bring a kubeconfig.
bool in_cluster(const std::string& service_account_dir, const Environment& environment);

// The API server as the pod sees it, trusted by `ca.crt` (the system's store where that is
// missing), as the service account of `token`. kBadInput when the variables are no address.
base::Result<Config> in_cluster_config(const std::string& service_account_dir,
                                       const Environment& environment);

}  // namespace kube
