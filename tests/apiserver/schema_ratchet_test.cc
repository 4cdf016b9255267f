// Capps that were stored before the schema had its rules: they can be changed, deleted and told of
// as long as what is wrong with them stays as it is (ratcheting, from Kubernetes 1.30 on).

#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "tests/support/cluster.h"
#include "yaml/convert.h"

namespace test {
namespace {

namespace bj = boost::json;

constexpr const char* kRules[] = {"x-kubernetes-validations",
                                  "enum",
                                  "pattern",
                                  "minimum",
                                  "maximum",
                                  "minLength",
                                  "maxLength",
                                  "minItems",
                                  "maxItems"};

void remove_rules(bj::value& schema) {
  if (auto* list = schema.if_array()) {
    for (auto& each : *list) remove_rules(each);
  } else if (auto* object = schema.if_object()) {
    for (const char* rule : kRules) object->erase(rule);
    for (auto& [key, value] : *object) remove_rules(value);
  }
}

bj::object definition_in(const std::string& group) {
  auto definition = yaml::parse(read_file(own_definitions() + "/rcs.dana.io_capps.yaml"));
  auto& made = definition->as_object();
  made["metadata"] = {{"name", "capps." + group}};
  made["spec"].as_object()["group"] = group;
  return made;
}

// Capps of an API group of its own, since the rules come and go.
class Ratchet : public testing::Test {
 protected:
  void SetUp() override {
    bj::value relaxed = definition_in(group_);
    remove_rules(relaxed);
    api_.create(kDefinition, {}, relaxed.as_object());
  }

  void TearDown() override {
    const auto removed = api_.try_remove(kDefinition, definition_);
    EXPECT_TRUE(removed) << removed.error().describe();
  }

  // Before the rules. The API is served a moment after its definition is stored.
  void store(std::string_view name, std::string_view spec) {
    auto capp = a_capp(name, R"({"spec": )" + std::string(spec) + "}");
    capp["apiVersion"] = kind_.api_version();
    EXPECT_TRUE(eventually([&] {
      const auto created = api_.try_create(kind_, cluster_.ns, capp);
      return created ? testing::AssertionSuccess()
                     : testing::AssertionFailure() << created.error().describe();
    }));
  }

  void bring_the_rules() {
    const auto strict = definition_in(group_);
    api_.merge_patch(
        kDefinition, definition_,
        bj::serialize(bj::object{{"spec", {{"versions", strict.at("spec").at("versions")}}}}));
    auto unheard = a_capp("unheard", R"({"spec": {"state": "unheard"}})");
    unheard["apiVersion"] = kind_.api_version();
    EXPECT_TRUE(eventually([&] {
      const auto created = api_.try_send(
          {.method = net::Method::kPost,
           .target = kind_.collection_path(cluster_.ns) + "?dryRun=All",
           .headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}},
           .body = bj::serialize(unheard)});
      return created ? testing::AssertionFailure() << "no rules yet" : testing::AssertionSuccess();
    }));
  }

  testing::AssertionResult refused(std::string_view name, std::string_view patch) {
    try {
      api_.merge_patch(kind_, cluster_.key(name), patch);
    } catch (const std::runtime_error& error) {
      return testing::AssertionSuccess() << error.what();
    }
    return testing::AssertionFailure() << "accepted: " << patch;
  }

  void change(std::string_view name, std::string_view patch, std::string_view subresource = {}) {
    EXPECT_NO_THROW(api_.merge_patch(kind_, cluster_.key(name), patch, subresource)) << patch;
  }

 private:
  Cluster cluster_{ControlPlane::shared()};
  Api& api_ = cluster_.api;
  const std::string group_ = cluster_.ns + ".example.com";
  const object::Kind kind_{group_, "v1alpha1", "Capp", "capps"};
  const object::Key definition_{.ns = {}, .name = "capps." + group_};
};

TEST_F(Ratchet, LeavesAloneWhatAnEarlierSchemaLetIn) {
  store("web", R"({
    "state": "paused",
    "scaleSpec": {"minReplicas": 5, "maxReplicas": 4, "metric": "latency"},
    "routeSpec": {"hostname": "Web.Example.com"},
    "logSpec": {"type": "splunk"},
    "volumesSpec": {"nfsVolumes": [
      {"name": "Data", "server": "", "path": "data", "capacity": {"storage": "plenty"}},
      {"name": "more", "server": "nfs", "path": "/more", "capacity": {"storage": "1Gi"}}]},
    "eventSourcesSpec": {"sources": [
      {"name": "tick", "uri": "tick", "pingSourceConfiguration": {"schedule": "never"}}]}})");
  store("top", R"({"minReplicas": 5, "scaleSpec": {"maxReplicas": 4}})");
  store("name.of-no.label", "{}");
  bring_the_rules();

  for (const char* name : {"web", "top", "name.of-no.label"}) {
    SCOPED_TRACE(name);
    change(name, R"({"metadata": {"labels": {"team": "shop"}}})");
    change(name, R"({"status": {"autoscaleType": "rps"}})", "status");
    change(name, R"({"spec": {"site": "elsewhere"}})");
  }
  change("web", R"({"spec": {"routeSpec": {"tlsEnabled": true}}})");
  EXPECT_TRUE(refused("web", R"({"spec": {"routeSpec": {"hostname": "Shop.Example.com"}}})"));
  EXPECT_TRUE(refused("web", R"({"spec": {"scaleSpec": {"minReplicas": 6}}})"));
  EXPECT_TRUE(refused("top", R"({"spec": {"minReplicas": 6}})"));
  change("top", R"({"spec": {"minReplicas": 4}})");
}

}  // namespace
}  // namespace test
