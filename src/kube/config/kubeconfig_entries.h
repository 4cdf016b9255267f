#pragma once
// What one cluster and one user of a kubeconfig say. Private to kubeconfig*.cc.

#include <string>

#include "base/error.h"
#include "kube/config/config.h"
#include "kube/config/kubeconfig.h"

namespace kube {

struct ClusterEntry {
  net::Url server;
  Pem ca;
  std::string server_name;
  bool insecure_skip_verify = false;
  base::Redacted<std::string> proxy_url;
};
base::Result<ClusterEntry> read_cluster(const Kubeconfig::Entry& entry);

// spec.cluster of client.authentication.k8s.io's ExecCredential, for a plugin that asks for it.
base::Result<boost::json::value> exec_cluster_info(const Kubeconfig::Entry& entry,
                                                   const ClusterEntry& cluster);

struct UserEntry {
  Pem certificate;
  Pem key;
  CredentialsSource credentials;
  Impersonation impersonation;
};
base::Result<UserEntry> read_user(const Kubeconfig::Entry& entry);

// `path` as the kubeconfig at `place` means it; empty stays empty.
std::string resolved_path(const Place& place, const std::string& path);

// The pair `field` (a path) and `field`-data (base64) of `fields`.
Pem read_pem(Fields& fields, std::string_view field);

}  // namespace kube
