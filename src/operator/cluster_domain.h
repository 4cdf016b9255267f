#pragma once
// The domain of the cluster's own DNS names.

#include <string>
#include <string_view>

namespace op {

inline constexpr std::string_view kDefaultClusterDomain = "cluster.local";

// From the content of a pod's /etc/resolv.conf, where kubelet writes it into the search list
// ("search web.svc.cluster.local svc.cluster.local cluster.local"); the default where it is not
// there.
[[nodiscard]] std::string cluster_domain_of(std::string_view resolv_conf);

// That of this process.
[[nodiscard]] std::string cluster_domain();

}  // namespace op
