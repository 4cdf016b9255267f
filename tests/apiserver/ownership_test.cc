// An object in the way that is not ours is left alone until somebody hands it over (behaviour 2,
// rule 4); what an older operator made is taken over whole.

#include <boost/json/serialize.hpp>

#include "capp/kinds.h"
#include "capp/names.h"
#include "tests/support/cluster.h"

namespace test {
namespace {

using capp::kKnativeService;

class InTheWay : public SharedCluster {
 protected:
  // A Service of the Capp's name, with this metadata.
  void create_service(std::string_view metadata) {
    auto service = parse_object(R"({
      "apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": {"name": "web"},
      "spec": {"template": {"spec": {"containers": [{"image": "example.com/theirs"}]}}}})");
    for (const auto& [key, value] : parse_object(metadata)) {
      service.at("metadata").as_object()[key] = value;
    }
    api.create(kKnativeService, cluster.ns, service);
  }
  testing::AssertionResult refused(std::string_view message_part) {
    const auto capp = cluster.capp("web");
    const auto seen = has_condition(capp, "Ready", "False", "ResourceSyncFailed");
    if (!seen) return seen;
    const std::string message = condition(capp, "Ready").message;
    return message.contains(message_part) ? testing::AssertionSuccess()
                                          : testing::AssertionFailure() << message;
  }
  std::string image() {
    return at(cluster.service("web"), "/spec/template/spec/containers/0/image");
  }

  object::Key web = cluster.key("web");
};

TEST_F(InTheWay, SomebodysServiceIsNotTouchedUntilItIsHandedOver) {
  create_service("{}");
  const auto before = at(cluster.service("web"), "/metadata/resourceVersion");
  api.create(capp::kCapp, cluster.ns, a_capp("web"));
  EXPECT_TRUE(eventually([&] { return refused("rcs.dana.io/adopt"); }));
  EXPECT_EQ(at(cluster.service("web"), "/metadata/resourceVersion"), before);

  api.merge_patch(kKnativeService, web,
                  R"({"metadata": {"annotations": {"rcs.dana.io/adopt": "true"}}})");
  EXPECT_TRUE(
      eventually([&] { return is("image", image(), "ghcr.io/dana-team/capp-gin-app:v0.2.0"); }));
  EXPECT_TRUE(eventually([&] {
    return has_condition(cluster.capp("web"), "Ready", "False", "KnativeServiceNotReady");
  }));
  EXPECT_EQ(at(cluster.service("web"), "/metadata/ownerReferences/0/uid"),
            at(cluster.capp("web"), "/metadata/uid"));
}

TEST_F(InTheWay, AnotherControllersServiceIsNeverTakenOver) {
  const auto owner = api.create(capp::kConfigMap, cluster.ns, parse_object(R"({
    "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "their-owner"}})"));
  create_service(R"({"annotations": {"rcs.dana.io/adopt": "true"}, "ownerReferences": [
    {"apiVersion": "v1", "kind": "ConfigMap", "name": "their-owner", "controller": true,
     "uid": ")" + at(owner, "/metadata/uid") +
                 R"("}]})");
  const auto before = at(cluster.service("web"), "/metadata/resourceVersion");
  api.create(capp::kCapp, cluster.ns, a_capp("web"));
  EXPECT_TRUE(eventually([&] { return refused("ConfigMap their-owner"); }));
  EXPECT_EQ(at(cluster.service("web"), "/metadata/resourceVersion"), before);

  api.remove(capp::kCapp, web);
  EXPECT_TRUE(
      eventually([&] { return is("Capps", api.list(capp::kCapp, cluster.ns).size(), 0U); }));
  EXPECT_EQ(at(cluster.service("web"), "/metadata/resourceVersion"), before);
}

using TakeOver = SharedCluster;

TEST_F(TakeOver, RemovesWhatTheOlderOperatorSetAndLeavesFinalizersAlone) {
  const auto theirs = parse_object(R"({
    "apiVersion": "serving.knative.dev/v1", "kind": "Service",
    "metadata": {"name": "web", "finalizers": ["example.com/theirs"],
                 "annotations": {"example.com/old": "yes"},
                 "labels": {"rcs.dana.io/managed-by": "capp", "rcs.dana.io/parent-capp": "web"}},
    "spec": {"template": {"spec": {"timeoutSeconds": 60,
                                   "containers": [{"image": "example.com/old"}]}}}})");
  api.send(kube::create(kKnativeService, cluster.ns, boost::json::serialize(theirs),
                        capp::kLegacyFieldManager));
  api.create(capp::kCapp, cluster.ns, a_capp("web"));
  EXPECT_TRUE(eventually([&] {
    return is("image", at(cluster.service("web"), "/spec/template/spec/containers/0/image"),
              "ghcr.io/dana-team/capp-gin-app:v0.2.0");
  }));
  const auto service = cluster.service("web");
  EXPECT_EQ(at(service, "/spec/template/spec/timeoutSeconds"), "");
  EXPECT_EQ(annotation(service, "example.com/old"), "");
  EXPECT_EQ(at(service, "/metadata/finalizers"), R"(["example.com/theirs"])");
  // One patch of the managed fields, one apply.
  const auto twice = [&] {
    return is("patches", cluster.writes().of("patch", "services").size(), 2U);
  };
  ASSERT_TRUE(eventually(twice));
  EXPECT_TRUE(throughout(kMoment, twice));
  api.merge_patch(kKnativeService, cluster.key("web"), R"({"metadata": {"finalizers": null}})");
}

}  // namespace
}  // namespace test
