#include "operator/cluster_domain.h"

#include <gtest/gtest.h>

namespace op {
namespace {

TEST(ClusterDomain, IsThatOfTheSearchListForServices) {
  EXPECT_EQ(cluster_domain_of("# made by kubelet\n"
                              "nameserver 10.96.0.10\n"
                              "search web.svc.k8s.corp svc.k8s.corp k8s.corp\n"
                              "options ndots:5\n"),
            "k8s.corp");
  EXPECT_EQ(cluster_domain_of("search\tsvc.k8s.corp."), "k8s.corp");
}

TEST(ClusterDomain, IsTheDefaultOutsideAPod) {
  for (const char* content :
       {"", "search example.com\n", "nameserver svc.k8s.corp\n", "search\n"}) {
    EXPECT_EQ(cluster_domain_of(content), "cluster.local") << content;
  }
}

}  // namespace
}  // namespace op
