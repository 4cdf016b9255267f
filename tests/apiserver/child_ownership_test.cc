// An object of the wanted name that is not ours (behaviour 2, rule 4; ecosystem 4.3.14: it was
// taken over silently). Of Services: ownership_test.cc.

#include <ostream>

#include <fmt/format.h>

#include "capp/kinds.h"
#include "tests/support/all_children.h"

namespace test {
namespace {

struct Foreign {
  std::string_view child;  // label of its ChildCase
  std::string_view spec;   // of somebody else, valid for its schema
  // Where it shows that it is as the Capp wants it.
  std::string_view pointer;
  std::string_view wanted;
};

std::ostream& operator<<(std::ostream& out, const Foreign& foreign) {
  return out << foreign.child;
}

class ForeignChild : public AllChildren, public testing::WithParamInterface<Foreign> {
 protected:
  void create(const std::string& metadata) {
    auto object =
        parse_object(fmt::format(R"({{"metadata": {}, "spec": {}}})", metadata, GetParam().spec));
    object["apiVersion"] = child.kind->api_version();
    object["kind"] = child.kind->kind;
    object["metadata"].as_object()["name"] = child.name;
    api.create(*child.kind, cluster.ns, object);
  }
  testing::AssertionResult refused(const std::string& words) {
    const auto capp = cluster.capp("web");
    for (const auto& type : {std::string("Ready"), child.ready()}) {
      const auto seen = has_condition(capp, type, "False", "ResourceSyncFailed");
      if (!seen) return seen;
      const std::string message = condition(capp, type).message;
      if (!message.contains(words)) return testing::AssertionFailure() << message;
    }
    return testing::AssertionSuccess();
  }
  std::string version() { return at(live(child), "/metadata/resourceVersion"); }

  const ChildCase& child = *std::ranges::find(child_cases(), GetParam().child, &ChildCase::label);
};

TEST_P(ForeignChild, IsLeftAloneUntilItIsHandedOver) {
  create("{}");
  const std::string before = version();
  cluster.create_settled(a_capp_with_all_children("web"));
  EXPECT_TRUE(refused("rcs.dana.io/adopt"));
  EXPECT_TRUE(refused(cluster.ns + "/" + std::string(child.name)));
  EXPECT_EQ(version(), before);

  api.merge_patch(*child.kind, cluster.key(child.name),
                  R"({"metadata": {"annotations": {"rcs.dana.io/adopt": "true"}}})");
  EXPECT_TRUE(eventually(
      [&] { return is("content", at(live(child), GetParam().pointer), GetParam().wanted); }));
  EXPECT_EQ(at(live(child), "/metadata/ownerReferences/0/uid"),
            at(cluster.capp("web"), "/metadata/uid"));
  EXPECT_TRUE(eventually([&] { return web_has("Ready", "False", "LoggingNotReady"); }));
}

TEST_P(ForeignChild, OfAnotherControllerIsNeverTakenOver) {
  const auto owner = api.create(capp::kConfigMap, cluster.ns, parse_object(R"({
    "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "their-owner"}})"));
  create(fmt::format(R"({{"annotations": {{"rcs.dana.io/adopt": "true"}}, "ownerReferences": [
    {{"apiVersion": "v1", "kind": "ConfigMap", "name": "their-owner", "controller": true,
      "uid": "{}"}}]}})",
                     at(owner, "/metadata/uid")));
  const std::string before = version();
  cluster.create_settled(a_capp_with_all_children("web"));
  EXPECT_TRUE(refused("ConfigMap their-owner"));
  EXPECT_EQ(version(), before);
}

INSTANTIATE_TEST_SUITE_P(
    Each, ForeignChild,
    testing::Values(
        Foreign{.child = "SyslogNGOutput",
                .spec = R"({"elasticsearch": {"index": "theirs"}})",
                .pointer = "/spec/elasticsearch/index",
                .wanted = "main"},
        Foreign{.child = "PingSource",
                .spec = R"({"schedule": "1 1 1 1 1"})",
                .pointer = "/spec/schedule",
                .wanted = "0 * * * *"},
        Foreign{.child = "DomainMapping",
                .spec = R"({"ref": {"apiVersion": "serving.knative.dev/v1", "kind": "Service",
                                    "name": "theirs"}})",
                .pointer = "/spec/ref/name",
                .wanted = "web"},
        Foreign{.child = "Certificate",
                .spec = R"({"secretName": "theirs", "dnsNames": ["web.capp.dev"],
                            "issuerRef": {"name": "theirs"}})",
                .pointer = "/spec/secretName",
                .wanted = "web.capp.dev-tls"}),
    [](const auto& tested) { return std::string(tested.param.child); });

}  // namespace
}  // namespace test
