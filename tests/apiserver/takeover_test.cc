// This operator in the place of the Go operator, of both generations: what that one wrote is taken
// over as it is (design 3.2).

#include <map>
#include <string>
#include <vector>

#include <boost/json/serialize.hpp>

#include "capp/kinds.h"
#include "capp/names.h"
#include "json/canonical.h"
#include "json/value.h"
#include "tests/support/cluster.h"
#include "tests/support/go_operator.h"

namespace test {
namespace {

using capp::kCapp;
using capp::kCappRevision;
using capp::kKnativeService;

using Requested = std::map<std::string, std::size_t>;  // "patch services" and how often

bool is_child(const object::Kind& kind) {
  return kind != kCapp && kind != kCappRevision && kind != capp::kSecret;
}

class GoOperatorReplaced : public testing::Test {
 protected:
  void write(const std::string& file) {
    for (auto& object : go.write(file)) {
      if (*object.kind == kCapp) capps.push_back(object.key.name);
      objects.push_back(std::move(object));
    }
  }

  void start() {
    cluster.audit.restart();
    cluster.start_operator();
    for (const auto& name : capps) {
      ASSERT_TRUE(eventually([&] { return cluster.settled(name); }));
    }
  }

  // In the namespace and, of the cluster-scoped record, outside of it.
  Requested requested() const {
    Requested counts;
    for (const auto& write : cluster.audit.of_operator().writes()) {
      ++counts[write.verb + " " + write.resource +
               (write.subresource.empty() ? "" : "/" + write.subresource)];
    }
    return counts;
  }

  // Now and a moment later.
  testing::AssertionResult requests_stay_at(const Requested& expected) {
    const auto check = [&] {
      const auto seen = requested();
      return seen == expected ? testing::AssertionSuccess()
                              : testing::AssertionFailure()
                                    << "seen " << testing::PrintToString(seen) << ", expected "
                                    << testing::PrintToString(expected);
    };
    const auto reached = eventually(check);
    return reached ? throughout(kMoment, check) : reached;
  }

  Api::Object live(const StoredObject& before) { return api.get(*before.kind, before.key); }

  // nfspvc-operator's part, which holds a claim until its volume is gone.
  void let_go_of_claims() {
    for (const auto& claim : api.list(capp::kNfsPvc, cluster.ns)) {
      api.merge_patch(capp::kNfsPvc, cluster.key(at(claim, "/metadata/name")),
                      R"({"metadata": {"finalizers": null}})");
    }
  }
  void TearDown() override { let_go_of_claims(); }

  Cluster cluster{ControlPlane::shared()};
  Api& api = cluster.api;
  GoOperator go{api, cluster.ns};
  std::vector<std::string> capps;
  std::vector<StoredObject> objects;
};

// Of one generation, all Capps of which no child is to change.
struct Generation {
  std::string folder;
  std::vector<std::string> capps;
};

std::ostream& operator<<(std::ostream& out, const Generation& generation) {
  return out << generation.folder;
}

std::string generation_name(const testing::TestParamInfo<Generation>& info) {
  return info.param.folder;
}

class TakeOverOf : public GoOperatorReplaced, public testing::WithParamInterface<Generation> {
 protected:
  void SetUp() override {
    write(GetParam().folder + "/config.yaml");
    objects.clear();
    for (const auto& capp : GetParam().capps) write(GetParam().folder + "/" + capp + ".yaml");
    start();
  }
};

// Into `spec`, where it does not say so itself.
void take_for_granted(boost::json::object& spec, const boost::json::object& defaults) {
  for (const auto& [key, value] : defaults) {
    auto& slot = spec[key];
    if (slot.is_null()) {
      slot = value;
    } else if (slot.is_object() && value.is_object()) {
      take_for_granted(slot.get_object(), value.get_object());
    }
  }
}

void understand_service(boost::json::object& spec) {
  take_for_granted(spec, parse_object(R"({
    "template": {"spec": {"containerConcurrency": 0, "timeoutSeconds": 300}},
    "traffic": [{"latestRevision": true, "percent": 100}]})"));
  auto& pod = spec.at("template").at("spec").as_object();
  for (auto& container : pod.at("containers").as_array()) {
    auto& fields = container.as_object();
    take_for_granted(fields, parse_object(R"({
      "readinessProbe": {"successThreshold": 1, "tcpSocket": {"port": 0}}})"));
    // As Knative's webhook writes them.
    if (at(fields, "/resources/limits/cpu") == "1000m") {
      fields["resources"] = parse_object(R"({"limits": {"cpu": "1", "memory": "1Gi"}})");
    }
  }
}

// The spec as its controllers understand it: two specs of which this is equal are one to them.
std::string understood(const StoredObject& object, const Api::Object& live) {
  boost::json::object spec = json::object_or_empty(live, {"spec"});
  if (*object.kind == kKnativeService) {
    understand_service(spec);
  } else if (*object.kind == capp::kCertificate) {
    // The label is given to the Secret that is there.
    take_for_granted(spec, parse_object(R"({"isCA": false, "secretTemplate": {"labels":
      {"networking.internal.knative.dev/certificate-uid": ""}}})"));
  } else if (*object.kind == capp::kKafkaSource) {
    take_for_granted(spec, parse_object(R"({"net": {"tls": {"enable": false}}})"));
  }
  return json::canonical(json::significant(spec));
}

TEST_P(TakeOverOf, MeansTheSameToEveryController) {
  for (const auto& before : objects) {
    if (!is_child(*before.kind)) continue;
    EXPECT_EQ(understood(before, live(before)), understood(before, before.object))
        << before.kind->kind << " " << before.key.to_string();
  }
}

// Of these kinds we say exactly what the Go operator said: not even the generation moves. A
// DomainMapping without its TLS Secret for a moment would be an outage.
TEST_P(TakeOverOf, LeavesTheGenerationOfWhatIsWrittenAlike) {
  for (const auto& before : objects) {
    const auto& kind = *before.kind;
    if (kind != capp::kDomainMapping && kind != capp::kSyslogNgFlow &&
        kind != capp::kSyslogNgOutput && kind != capp::kNfsPvc && kind != capp::kPingSource) {
      continue;
    }
    EXPECT_EQ(at(live(before), "/metadata/generation"), at(before.object, "/metadata/generation"))
        << kind.kind;
  }
}

// Also: no event, no CappRevision made or removed, no finalizer set.
TEST_P(TakeOverOf, CostsTwoWritesForEachChildAndOneStatus) {
  Requested expected;
  for (const auto& before : objects) {
    if (is_child(*before.kind)) expected["patch " + std::string(before.kind->plural)] += 2;
  }
  expected["patch capps/status"] = capps.size();
  // The configuration, as the last good one.
  expected["patch configmaps"] = 1;
  EXPECT_TRUE(requests_stay_at(expected));

  cluster.audit.restart();
  cluster.start_operator();
  EXPECT_TRUE(eventually([&] {
    const auto done = cluster.op().reconciles();
    return done < static_cast<double>(capps.size())
               ? testing::AssertionFailure() << done << " reconciles"
               : cluster.idle();
  }));
  EXPECT_TRUE(requests_stay_at({}));
}

TEST_P(TakeOverOf, MovesLabelsOwnersAndSpecToUsAndLeavesTheRest) {
  for (const auto& before : objects) {
    if (!is_child(*before.kind)) continue;
    const auto now = live(before);
    bool ours = false;
    for (const auto& entry : now.at("metadata").at("managedFields").as_array()) {
      const auto& fields = json::object_or_empty(entry.as_object(), {"fieldsV1"});
      if (json::string_at(entry, {"manager"}) == capp::kFieldManager) {
        ours |= json::string_at(entry, {"operation"}) == "Apply" && fields.contains("f:spec");
        continue;
      }
      EXPECT_FALSE(fields.contains("f:spec")) << entry;
      for (const char* part : {"f:labels", "f:annotations", "f:ownerReferences"}) {
        EXPECT_EQ(json::find(fields, {"f:metadata", part}), nullptr) << entry;
      }
    }
    EXPECT_TRUE(ours) << before.kind->kind;
    EXPECT_EQ(at(now, "/metadata/finalizers"), at(before.object, "/metadata/finalizers"));
  }
}

TEST_P(TakeOverOf, GivesEveryChildItsOwner) {
  for (const auto& before : objects) {
    if (!is_child(*before.kind) || before.kind->scope == object::Scope::kCluster) continue;
    const auto now = live(before);
    const auto owner = cluster.capp(label(now, capp::kParentCappLabel));
    EXPECT_EQ(json::array_at(now, {"metadata", "ownerReferences"})->size(), 1U);
    EXPECT_EQ(at(now, "/metadata/ownerReferences/0/uid"), at(owner, "/metadata/uid"));
    EXPECT_EQ(at(now, "/metadata/ownerReferences/0/controller"), "true");
  }
}

TEST_P(TakeOverOf, RemembersSinceWhenTheCappIsEnabled) {
  for (const auto& before : objects) {
    const auto since = at(before.object, "/status/stateStatus/lastChange");
    if (since.empty()) continue;
    EXPECT_EQ(at(live(before), "/status/stateStatus/lastChange"), since);
  }
}

TEST_P(TakeOverOf, DeletedCappsLeaveNothingBehind) {
  let_go_of_claims();
  for (const auto& name : capps) api.remove(kCapp, cluster.key(name));
  for (const auto& before : objects) {
    EXPECT_TRUE(eventually([&] {
      return api.find(*before.kind, before.key)
                 ? testing::AssertionFailure() << before.kind->kind << " is there"
                 : testing::AssertionSuccess();
    }));
  }
}

INSTANTIATE_TEST_SUITE_P(GoOperator, TakeOverOf,
                         testing::Values(Generation{"older", {"plain", "shop"}},
                                         Generation{"newer", {"scaled", "shop"}}),
                         generation_name);

TEST_F(GoOperatorReplaced, AnnotationsOfTheOlderOnesCappsChangeTheServiceOnce) {
  write("older/annotated.yaml");
  start();
  EXPECT_TRUE(requests_stay_at({{"patch services", 2}, {"patch capps/status", 1}}));
  const auto service = cluster.service("annotated");
  EXPECT_EQ(at(service, "/metadata/generation"), "2");
  for (const char* annotations : {"/metadata/annotations", "/spec/template/metadata/annotations"}) {
    const std::string path(annotations);
    EXPECT_EQ(at(service, path + "/example.com~1owner"), "blue");
    EXPECT_EQ(at(service, path + "/rcs.dana.io~1has-placement"), "here");
    EXPECT_EQ(at(service, path + "/rcs.dana.io~1last-updated-by"), "");
  }
}

TEST_F(GoOperatorReplaced, WhatNobodyWantsAnyMoreGoes) {
  write("older/config.yaml");
  write("older/plain.yaml");
  write("older/shop.yaml");
  // While nobody minds the Capp.
  api.merge_patch(kCapp, cluster.key("plain"), R"({"metadata": {"labels": null}})");
  start();
  EXPECT_EQ(at(cluster.service("plain"), "/spec/template/metadata/labels"),
            R"({"rcs.dana.io/parent-capp":"plain"})");
  EXPECT_EQ(api.list(kCappRevision, cluster.ns).size(), 4U);

  api.json_patch(kCapp, cluster.key("shop"), R"([
    {"op": "remove", "path": "/spec/routeSpec/routeTimeoutSeconds"},
    {"op": "remove", "path": "/spec/configurationSpec/template/spec/containers/0/env"}])");
  EXPECT_TRUE(eventually([&] {
    return is("timeout", at(cluster.service("shop"), "/spec/template/spec/timeoutSeconds"), "");
  }));
  EXPECT_EQ(at(cluster.service("shop"), "/spec/template/spec/containers/0/env"), "");
}

}  // namespace
}  // namespace test
