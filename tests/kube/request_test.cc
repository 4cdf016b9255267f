#include "kube/request.h"

#include <gtest/gtest.h>

namespace kube {
namespace {

using namespace std::chrono_literals;

constexpr object::Kind kService{"serving.knative.dev", "v1", "Service", "services"};
constexpr object::Kind kConfigMap{"", "v1", "ConfigMap", "configmaps"};
constexpr object::Kind kRecord{"record.dns.crossplane.io", "v1alpha1", "CNAMERecord",
                               "cnamerecords", object::Scope::kCluster};
const object::Key kKey{.ns = "web", .name = "capp"};

constexpr std::string_view kObject = "/apis/serving.knative.dev/v1/namespaces/web/services/capp";

// What goes on the wire, as text.
std::string wire(const net::Request& request) {
  std::string text = std::string(to_string(request.method)) + " " + request.target + "\n";
  for (const auto& header : request.headers) text += header.name + ": " + header.value + "\n";
  return text + request.body;
}

std::string target(const net::Request& request) {
  return request.target;
}

TEST(KubeRequest, GetsAnObjectOrItsMetadata) {
  EXPECT_EQ(wire(get(kService, kKey)),
            "GET " + std::string(kObject) + "\nAccept: application/json\n");
  EXPECT_EQ(wire(get(kService, kKey, View::kMetadata)),
            "GET " + std::string(kObject) +
                "\nAccept: application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,"
                "application/json\n");
}

TEST(KubeRequest, ListsASelection) {
  EXPECT_EQ(wire(list(kService, {}, {})),
            "GET /apis/serving.knative.dev/v1/services\nAccept: application/json\n");
  EXPECT_EQ(
      target(list(
          kConfigMap,
          {.ns = "web", .label_selector = "app in (a,b),!c", .field_selector = "metadata.name=x"},
          {})),
      "/api/v1/namespaces/web/configmaps?labelSelector=app%20in%20%28a%2Cb%29%2C%21c"
      "&fieldSelector=metadata.name%3Dx");
  EXPECT_TRUE(list(kService, {}, {}).accept_gzip);
}

TEST(KubeRequest, ListsMetadataAsMetadata) {
  Selection metadata;
  metadata.view = View::kMetadata;
  EXPECT_EQ(list(kService, metadata, {}).header("Accept"),
            "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json");
}

TEST(KubeRequest, ListsByPagesFromAVersion) {
  EXPECT_EQ(target(list(kService, {}, {.limit = 500, .continue_token = "", .at_least = 0})),
            "/apis/serving.knative.dev/v1/services?limit=500&resourceVersion=0"
            "&resourceVersionMatch=NotOlderThan");
}

// The API server refuses a resourceVersion beside a continue token.
TEST(KubeRequest, ContinuesAListWithoutAVersion) {
  EXPECT_EQ(target(list(kService, {}, {.limit = 500, .continue_token = "a+b=", .at_least = 7})),
            "/apis/serving.knative.dev/v1/services?limit=500&continue=a%2Bb%3D");
}

TEST(KubeRequest, WatchesFromAVersion) {
  const auto request = watch(kService, {.ns = "", .label_selector = "a=b", .field_selector = ""},
                             {.resource_version = 7, .timeout = 300s});
  EXPECT_EQ(wire(request),
            "GET /apis/serving.knative.dev/v1/services?labelSelector=a%3Db&watch=1"
            "&allowWatchBookmarks=true&timeoutSeconds=300&resourceVersion=7\n"
            "Accept: application/json\n");
  EXPECT_EQ(request.timeout, 0ms) << "the reflector ends a stream";
}

TEST(KubeRequest, WatchesWithTheWholeStateFirst) {
  EXPECT_EQ(
      target(watch(kRecord, {}, {.resource_version = {}, .initial_events = true, .timeout = 300s})),
      "/apis/record.dns.crossplane.io/v1alpha1/cnamerecords?watch=1&allowWatchBookmarks=true"
      "&timeoutSeconds=300&sendInitialEvents=true&resourceVersionMatch=NotOlderThan");
}

TEST(KubeRequest, CreatesInTheCollection) {
  EXPECT_EQ(
      wire(create(kService, "web", "{}", "capp operator")),
      "POST /apis/serving.knative.dev/v1/namespaces/web/services?fieldManager=capp%20operator\n"
      "Accept: application/json\nContent-Type: application/json\n{}");
  EXPECT_EQ(target(create(kRecord, "", "{}", "m")),
            "/apis/record.dns.crossplane.io/v1alpha1/cnamerecords?fieldManager=m");
}

TEST(KubeRequest, AppliesWithForce) {
  EXPECT_EQ(wire(apply(kService, kKey, "{}", "capp-operator")),
            "PATCH " + std::string(kObject) +
                "?fieldManager=capp-operator&force=true\n"
                "Accept: application/json\nContent-Type: application/apply-patch+yaml\n{}");
}

TEST(KubeRequest, PatchesAnObjectOrASubresource) {
  EXPECT_EQ(wire(merge_patch(kService, kKey, "{}", "m")),
            "PATCH " + std::string(kObject) +
                "?fieldManager=m\n"
                "Accept: application/json\nContent-Type: application/merge-patch+json\n{}");
  EXPECT_EQ(wire(json_patch(kService, kKey, "[]", "m", "status")),
            "PATCH " + std::string(kObject) +
                "/status?fieldManager=m\n"
                "Accept: application/json\nContent-Type: application/json-patch+json\n[]");
}

TEST(KubeRequest, RemovesTheObjectOfAUid) {
  EXPECT_EQ(wire(remove(kService, kKey, {.uid = "u-1"})),
            "DELETE " + std::string(kObject) +
                "\nAccept: application/json\nContent-Type: application/json\n"
                R"({"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Background",)"
                R"("preconditions":{"uid":"u-1"}})");
}

TEST(KubeRequest, RemovesWhicheverHasTheNameWithoutAUid) {
  EXPECT_EQ(remove(kService, kKey, {.uid = "", .propagation = Propagation::kForeground}).body,
            R"({"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Foreground"})");
  EXPECT_EQ(remove(kService, kKey, {.uid = "", .propagation = Propagation::kOrphan}).body,
            R"({"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Orphan"})");
}

}  // namespace
}  // namespace kube
