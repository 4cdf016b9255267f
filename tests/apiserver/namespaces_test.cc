// Capps of the same name in different namespaces never touch each other's children (behaviour 2,
// rule 5; ecosystem 4.2 F1: the Go operator looked for previous hostnames in all namespaces).

#include <map>
#include <ostream>

#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "tests/support/all_children.h"
#include "tests/support/route_cluster.h"

namespace test {
namespace {

using capp::kCapp;
using capp::kCertificate;
using capp::kClusterCnameRecord;
using capp::kCnameRecord;
using capp::kDomainMapping;
using capp::kKnativeService;
using capp::kSecret;

struct RecordApi {
  const char* name;
  const char* flag;
  const object::Kind* kind;
};

std::ostream& operator<<(std::ostream& out, const RecordApi& api) {
  return out << api.name;
}

class SameName : public RouteCluster, public testing::WithParamInterface<RecordApi> {
 protected:
  void SetUp() override {
    configure_zone(zone());
    cluster.start_operator({}, {GetParam().flag});
    create_capp(cluster.ns, here);
    create_capp(elsewhere, there);
    ASSERT_TRUE(eventually([&] { return silent(); }));
    before = versions_elsewhere();
    ASSERT_TRUE(before.contains(tls_secret(there))) << before.size();
    ASSERT_TRUE(before.contains(there)) << before.size();
    cluster.audit.restart();
  }

  void create_capp(const std::string& ns, const std::string& host) {
    // So that nobody asks for it again and again.
    api.create(kSecret, ns, a_tls_secret(host));
    boost::json::value capp = a_capp_with_all_children("web");
    capp.at_pointer("/spec/routeSpec/hostname") = host;
    api.create(kCapp, ns, capp.as_object());
  }
  testing::AssertionResult silent() {
    cluster.audit.restart();
    return throughout(kMoment, [&] {
      const auto writes = cluster.audit.of_operator().writes();
      return writes.empty() ? testing::AssertionSuccess()
                            : testing::AssertionFailure() << writes.describe();
    });
  }

  // Of all that the other Capp has, by name and kind.
  std::map<std::string, std::string> versions_elsewhere() {
    std::map<std::string, std::string> versions;
    const auto add = [&](const object::Kind& kind, const Api::Object& object) {
      const auto name = at(object, "/metadata/name");
      if (kind.scope == object::Scope::kCluster && name != there) return;
      versions[name] += fmt::format("{}@{} ", kind.kind, at(object, "/metadata/resourceVersion"));
    };
    for (const auto& child : child_cases()) {
      for (const auto& object : api.list(*child.kind, elsewhere)) add(*child.kind, object);
    }
    for (const auto& object : api.list(kSecret, elsewhere)) add(kSecret, object);
    for (const auto& object : api.list(kClusterCnameRecord, "")) add(kClusterCnameRecord, object);
    return versions;
  }
  void expect_untouched_elsewhere() {
    EXPECT_TRUE(throughout(kMoment, [&] {
      const auto asked = cluster.audit.of_operator().only([&](const AuditRequest& request) {
        return request.ns == elsewhere || request.name == there;
      });
      return asked.empty() ? testing::AssertionSuccess()
                           : testing::AssertionFailure() << asked.describe();
    }));
    EXPECT_EQ(versions_elsewhere(), before);
  }
  void change(std::string_view patch) { api.merge_patch(kCapp, cluster.key("web"), patch); }

  const object::Kind& record_kind = *GetParam().kind;
  const std::string elsewhere = cluster.another_namespace();
  const std::string here = host("here");
  const std::string there = host("there");
  std::map<std::string, std::string> before;
};

TEST_P(SameName, AHostnameThatChangesHereTakesNothingElsewhere) {
  const auto moved = host("moved");
  make_ready(record_kind, here);
  change(with_hostname(moved));
  ASSERT_TRUE(eventually([&] { return exists(record_kind, moved); }));
  make_ready(record_kind, moved);
  ASSERT_TRUE(eventually([&] { return absent(kDomainMapping, here); }));
  ASSERT_TRUE(eventually([&] { return absent(record_kind, here); }));
  ASSERT_TRUE(eventually([&] { return absent(kSecret, tls_secret(here)); }));
  expect_untouched_elsewhere();
}

TEST_P(SameName, WhatIsNoLongerWantedHereStaysElsewhere) {
  change(R"({"spec": {"routeSpec": null, "logSpec": null, "volumesSpec": null,
                      "eventSourcesSpec": null}})");
  for (const auto& child : child_cases()) {
    if (*child.kind == kKnativeService) continue;
    ASSERT_TRUE(eventually([&] {
      return is(std::string(child.label), api.list(*child.kind, cluster.ns).size(), 0U);
    }));
  }
  ASSERT_TRUE(eventually([&] { return absent(record_kind, here); }));
  ASSERT_TRUE(eventually([&] { return absent(kSecret, tls_secret(here)); }));
  expect_untouched_elsewhere();
}

TEST_P(SameName, DisabledHereIsEnabledElsewhere) {
  change(R"({"spec": {"state": "disabled"}})");
  ASSERT_TRUE(eventually([&] { return absent(kKnativeService, "web"); }));
  expect_untouched_elsewhere();
}

TEST_P(SameName, DeletedHereStaysElsewhere) {
  api.remove(kCapp, cluster.key("web"));
  ASSERT_TRUE(eventually([&] { return absent(kCapp, "web"); }));
  ASSERT_TRUE(eventually([&] { return absent(record_kind, here); }));
  ASSERT_TRUE(eventually([&] { return absent(kSecret, tls_secret(here)); }));
  expect_untouched_elsewhere();
}

TEST_P(SameName, RepairedHereIsNotTouchedElsewhere) {
  for (const auto* kind : {&record_kind, &kDomainMapping, &kCertificate}) {
    api.remove(*kind, key_of(*kind, here));
    EXPECT_TRUE(eventually([&] { return exists(*kind, here); }));
  }
  expect_untouched_elsewhere();
}

INSTANTIATE_TEST_SUITE_P(Apis, SameName,
                         testing::Values(RecordApi{"G1", "--dns-api=g1", &kClusterCnameRecord},
                                         RecordApi{"G2", "--dns-api=g2", &kCnameRecord}),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace test
