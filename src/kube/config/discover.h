#pragma once
// Where the configuration comes from (R56): --kubeconfig, $KUBECONFIG, the pod, ~/.kube/config; the
// first that is there is used, and an error in it is an error.

#include <string>

#include "base/error.h"
#include "kube/config/config.h"
#include "kube/config/environment.h"

namespace kube {

struct ConfigOptions {
  // --kubeconfig: one file, which must exist. Empty: not given.
  std::string kubeconfig{};
  // --context: a context of a kubeconfig, which also rules the pod's service account out. Empty:
  // the kubeconfig's current-context.
  std::string context{};
  // Holds `token`, `ca.crt` and `namespace` in a pod.
  std::string service_account_dir = "/var/run/secrets/kubernetes.io/serviceaccount";
};

// kBadInput when nothing is configured, or what is configured cannot be used; the message names the
// file, the field and the rule, or all the places that were looked at. Blocks on local files.
base::Result<Config> discover_config(const ConfigOptions& options, const Environment& environment);

}  // namespace kube
