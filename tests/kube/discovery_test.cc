#include "kube/discovery.h"

#include <gmock/gmock.h>

namespace kube {
namespace {

using ::testing::HasSubstr;

constexpr object::Kind kService{"serving.knative.dev", "v1", "Service", "services"};
constexpr object::Kind kConfigMap{"", "v1", "ConfigMap", "configmaps"};

constexpr std::string_view kGroups = R"({
  "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {},
  "items": [
    {"metadata": {"name": "serving.knative.dev", "creationTimestamp": null},
     "versions": [
       {"version": "v1", "freshness": "Current", "resources": [
         {"resource": "services", "responseKind": {"group": "", "version": "", "kind": "Service"},
          "scope": "Namespaced", "verbs": ["get"], "subresources": [{"subresource": "status"}]},
         {"resource": "routes"}]},
       {"version": "v1beta1", "freshness": "Stale", "resources": [{"resource": "domainmappings"}]}]},
    {"metadata": {"name": "empty.example"}, "versions": [{"version": "v1", "freshness": "Stale"}]}]
})";

TEST(Discovery, AsksForTheAggregatedForm) {
  EXPECT_EQ(discover_core().target, "/api");
  EXPECT_EQ(discover_groups().target, "/apis");
  EXPECT_EQ(discover_groups().header("Accept"),
            "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
}

TEST(Discovery, KnowsWhatEachAnswerLists) {
  ServedKinds served;
  ASSERT_TRUE(served.read(kGroups));
  EXPECT_TRUE(served.contains(kService));
  EXPECT_TRUE(
      served.contains({"serving.knative.dev", "v1beta1", "DomainMapping", "domainmappings"}));
  EXPECT_FALSE(served.contains({"serving.knative.dev", "v1", "DomainMapping", "domainmappings"}));
  EXPECT_FALSE(served.contains(kConfigMap));
  EXPECT_EQ(served.size(), 3U);
  ASSERT_TRUE(served.read(R"({"kind": "APIGroupDiscoveryList", "items": [{"metadata": {},
      "versions": [{"version": "v1", "resources": [{"resource": "configmaps"}]}]}]})"));
  EXPECT_TRUE(served.contains(kConfigMap)) << "the core group has no name";
  EXPECT_TRUE(served.contains(kService));
}

TEST(Discovery, KnowsOfWhichVersionsNothingIsKnownNow) {
  ServedKinds served;
  ASSERT_TRUE(served.read(kGroups));
  EXPECT_FALSE(served.is_stale(kService));
  EXPECT_TRUE(served.is_stale({"serving.knative.dev", "v1beta1", "Domain", "domainmappings"}));
  EXPECT_TRUE(served.is_stale({"empty.example", "v1", "Thing", "things"}));
  EXPECT_FALSE(served.is_stale({"empty.example", "v2", "Thing", "things"}));
}

TEST(Discovery, SaysWhichServerIsTooOld) {
  ServedKinds served;
  const auto read = served.read(R"({"kind": "APIGroupList", "groups": []})");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().reason, base::Reason::kProtocol);
  EXPECT_THAT(read.error().message, HasSubstr("Kubernetes 1.30"));
}

TEST(Discovery, SurvivesAnAnswerOfAnotherForm) {
  ServedKinds served;
  EXPECT_FALSE(served.read("{"));
  EXPECT_FALSE(served.read("[]"));
  EXPECT_TRUE(served.read(R"({"kind": "APIGroupDiscoveryList", "items": [1, {"versions": 2},
      {"metadata": 3, "versions": [4, {"version": 5, "resources": [6]}]}]})"));
  EXPECT_FALSE(served.contains(kService));
}

}  // namespace
}  // namespace kube
