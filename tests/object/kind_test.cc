#include "object/kind.h"

#include <gtest/gtest.h>

namespace object {
namespace {

constexpr Kind kService{"serving.knative.dev", "v1", "Service", "services"};
constexpr Kind kConfigMap{"", "v1", "ConfigMap", "configmaps"};
constexpr Kind kRecord{"record.dns.crossplane.io", "v1alpha1", "CNAMERecord", "cnamerecords",
                       Scope::kCluster};

TEST(Kind, IsNamedAsTheApiNamesIt) {
  EXPECT_EQ(kService.api_version(), "serving.knative.dev/v1");
  EXPECT_EQ(kConfigMap.api_version(), "v1");
  EXPECT_EQ(kService.resource(), "services.serving.knative.dev");
  EXPECT_EQ(kConfigMap.resource(), "configmaps");
}

TEST(Kind, HasTheCollectionPathOfItsGroupAndNamespace) {
  EXPECT_EQ(kService.collection_path("web"),
            "/apis/serving.knative.dev/v1/namespaces/web/services");
  EXPECT_EQ(kService.collection_path(), "/apis/serving.knative.dev/v1/services");
  EXPECT_EQ(kConfigMap.collection_path("web"), "/api/v1/namespaces/web/configmaps");
  EXPECT_EQ(kRecord.collection_path(), "/apis/record.dns.crossplane.io/v1alpha1/cnamerecords");
}

TEST(Kind, HasTheObjectPathOfAKeyAndASubresource) {
  EXPECT_EQ(kService.object_path({.ns = "web", .name = "capp"}),
            "/apis/serving.knative.dev/v1/namespaces/web/services/capp");
  EXPECT_EQ(kService.object_path({.ns = "web", .name = "capp"}, "status"),
            "/apis/serving.knative.dev/v1/namespaces/web/services/capp/status");
  EXPECT_EQ(kRecord.object_path({.ns = "", .name = "x.dev"}),
            "/apis/record.dns.crossplane.io/v1alpha1/cnamerecords/x.dev");
}

TEST(Key, IsWrittenWithItsNamespaceWhereItHasOne) {
  EXPECT_EQ((Key{.ns = "web", .name = "capp"}).to_string(), "web/capp");
  EXPECT_EQ((Key{.ns = "", .name = "x.dev"}).to_string(), "x.dev");
}

TEST(Key, IsNotConfusedByWhereTheNameBegins) {
  EXPECT_NE((Key{.ns = "a", .name = "bc"}), (Key{.ns = "ab", .name = "c"}));
  EXPECT_NE(std::hash<Key>{}({.ns = "a", .name = "b"}), std::hash<Key>{}({.ns = "b", .name = "a"}));
}

}  // namespace
}  // namespace object
