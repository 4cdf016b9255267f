// Deletion, and who may be in its way (behaviour 2, "Deletion").

#include <fmt/format.h>

#include "tests/support/all_children.h"
#include "tests/support/audit_checks.h"
#include "tests/support/route_cluster.h"

namespace test {
namespace {

using capp::kCapp;
using capp::kCappRevision;
using capp::kCertificate;
using capp::kClusterCnameRecord;
using capp::kCnameRecord;
using capp::kConfigMap;
using capp::kDomainMapping;
using capp::kKnativeService;
using capp::kSecret;

// Of a Capp that has a child of each kind, and a TLS Secret.
class Deletion : public RouteCluster {
 protected:
  void SetUp() override {
    RouteCluster::SetUp();
    cluster.create_settled(a_capp_with_all_children("web"));
    serve("web", address);
    for (const auto& child : child_cases()) {
      ASSERT_TRUE(eventually([&] {
        return is(std::string(child.label), api.list(*child.kind, cluster.ns).size(), 1U);
      }));
    }
    cluster.audit.restart();
  }

  testing::AssertionResult nothing_of(const object::Kind& kind) {
    return is(std::string(kind.plural), api.list(kind, cluster.ns).size(), 0U);
  }
  void expect_all_gone() {
    EXPECT_TRUE(eventually([&] { return nothing_of(kCapp); }));
    for (const auto& child : child_cases()) {
      EXPECT_TRUE(eventually([&] { return nothing_of(*child.kind); }));
    }
    EXPECT_TRUE(eventually([&] { return nothing_of(kCappRevision); }));
    EXPECT_TRUE(eventually([&] { return nothing_of(kSecret); }));
  }
  testing::AssertionResult finalizers_are(std::string_view expected) {
    return is("finalizers", at(cluster.capp("web"), "/metadata/finalizers"), expected);
  }
  // What was learnt of the configuration is forgotten with the process and the ConfigMap.
  void restart_with_dns(const std::string& data) {
    cluster.stop_operator();
    api.remove(kConfigMap, cluster.key("capp-operator-last-good"));
    configure_dns(data);
    cluster.start_operator();
  }

  const object::Key web = cluster.key("web");
  const std::string address = host("web");
};

TEST_F(Deletion, TakesTheChildrenWithItAndTheCertificateBeforeItsSecret) {
  EXPECT_TRUE(finalizers_are(R"(["dana.io/capp-cleanup"])"));
  api.remove(kCapp, web);
  expect_all_gone();
  EXPECT_TRUE(eventually([&] {
    const auto deletions = cluster.writes();
    return comes_after(deletions.of("delete", "certificates"), deletions.of("delete", "secrets"));
  }));
}

TEST_F(Deletion, InTheForegroundToo) {
  api.remove(kCapp, web, "Foreground");
  expect_all_gone();
}

TEST_F(Deletion, WithOrphansTakesWhatTheOperatorAnswersFor) {
  api.remove(kCapp, web, "Orphan");
  EXPECT_TRUE(eventually([&] { return nothing_of(kCapp); }));
  EXPECT_TRUE(eventually([&] { return nothing_of(kSecret); }));
  EXPECT_TRUE(eventually([&] { return nothing_of(kCertificate); }));
}

TEST_F(Deletion, OfADisabledCappToo) {
  api.merge_patch(kCapp, web, R"({"spec": {"state": "disabled"}})");
  ASSERT_TRUE(eventually([&] { return nothing_of(kKnativeService); }));
  api.remove(kCapp, web);
  expect_all_gone();
}

// ecosystem 4.2 F4: the Go operator looked for one hostname, and cleaned up nothing else.
TEST_F(Deletion, WhileTheHostnameChangesTakesBothAddresses) {
  const std::string moved = host("moved");
  set_hostname("web", moved);
  ASSERT_TRUE(eventually([&] { return exists(kCertificate, moved); }));
  issue(moved);
  ASSERT_TRUE(whole_address(address));
  api.remove(kCapp, web);
  expect_all_gone();
}

// ecosystem 4.2 F4: a first object that was gone already ended the clean-up.
TEST_F(Deletion, OfChildrenThatAreGoneAlreadyIsDone) {
  cluster.stop_operator();
  for (const auto* kind : {&kDomainMapping, &kCnameRecord, &kCertificate}) {
    api.remove(*kind, cluster.key(address));
  }
  api.remove(kCapp, web);
  cluster.start_operator();
  expect_all_gone();
  EXPECT_EQ(cluster.writes().of("patch", "domainmappings").size(), 0U);
}

TEST_F(Deletion, WaitsForTheCertificateBeforeItsSecret) {
  hold(kCertificate, address);
  api.remove(kCapp, web);
  ASSERT_TRUE(eventually([&] { return is_terminating(kCertificate, address); }));
  EXPECT_TRUE(throughout(kMoment, [&] { return exists(kSecret, tls_secret(address)); }));
  EXPECT_TRUE(exists(kCapp, "web"));
  release(kCertificate, address);
  expect_all_gone();
}

TEST_F(Deletion, LeavesNoSecretBehindWhenKilledBeforeTheCertificateIsGone) {
  hold(kCertificate, address);
  api.remove(kCapp, web);
  ASSERT_TRUE(eventually([&] { return is_terminating(kCertificate, address); }));
  cluster.op().kill();
  release(kCertificate, address);
  EXPECT_TRUE(exists(kSecret, tls_secret(address)));

  cluster.start_operator();
  expect_all_gone();
}

// ecosystem 4.3.4: every Capp was stuck without a configuration.
TEST_F(Deletion, NeedsNoConfiguration) {
  restart_with_dns("{}");
  api.remove(kConfigMap, cluster.key("dns-config"));
  ASSERT_TRUE(eventually([&] { return told("web", "Ready", "False", "DNSConfigInvalid"); }));
  api.remove(kCapp, web);
  expect_all_gone();
}

TEST_F(Deletion, NeedsNoGoodConfiguration) {
  restart_with_dns(R"({"zone": "no zone", "cname": ""})");
  ASSERT_TRUE(eventually([&] { return told("web", "Ready", "False", "DNSConfigInvalid"); }));
  api.remove(kCapp, web);
  expect_all_gone();
}

// ecosystem 4.3.5: the Go operator tried to add its finalizer again, which the API forbids.
TEST_F(Deletion, AddsNothingWhileAnotherFinalizerHoldsTheCapp) {
  api.json_patch(kCapp, web, R"([{"op": "add", "path": "/metadata/finalizers/-",
    "value": "example.com/hold"}])");
  api.remove(kCapp, web);
  EXPECT_TRUE(eventually([&] { return finalizers_are(R"(["example.com/hold"])"); }));
  ASSERT_TRUE(eventually([&] { return nothing_of(kSecret); }));
  ASSERT_TRUE(eventually([&] { return nothing_of(kCertificate); }));

  cluster.audit.restart();
  api.merge_patch(kCapp, web, R"({"metadata": {"labels": {"team": "blue"}}})");
  api.remove(kKnativeService, web);
  api.remove(kDomainMapping, cluster.key(address));
  EXPECT_TRUE(cluster.writes_stay_at(0));
  EXPECT_TRUE(nothing_of(kKnativeService));
  EXPECT_TRUE(nothing_of(kDomainMapping));

  api.merge_patch(kCapp, web, R"({"metadata": {"finalizers": null}})");
  expect_all_gone();
}

// ecosystem 4.3.5: the garbage collector's finalizer stays as long as a child does.
TEST_F(Deletion, InTheForegroundAddsNothingWhileAChildIsHeld) {
  hold(kDomainMapping, address);
  api.remove(kCapp, web, "Foreground");
  ASSERT_TRUE(eventually([&] { return finalizers_are(R"(["foregroundDeletion"])"); }));
  ASSERT_TRUE(eventually([&] { return nothing_of(kKnativeService); }));

  cluster.audit.restart();
  api.merge_patch(kDomainMapping, cluster.key(address),
                  R"({"metadata": {"labels": {"rcs.dana.io/managed-by": null}}})");
  EXPECT_TRUE(cluster.writes_stay_at(0));
  release(kDomainMapping, address);
  expect_all_gone();
}

// Where every creation is refused, and the namespace's own configuration goes before the Capps.
class DeletionOfANamespace : public RouteCluster {
 protected:
  void SetUp() override {
    configure_zone(zone());
    cluster.start_operator({}, {"--dns-api=g1"});
    for (const auto& name : names) {
      boost::json::value capp = a_capp_with_all_children(name);
      capp.at_pointer("/spec/routeSpec/hostname") = name;
      // Volumes are named by the user, and belong to one Capp each.
      capp.at_pointer("/spec/volumesSpec/nfsVolumes/0/name") = name + "-data";
      cluster.create_settled(capp.as_object());
    }
    for (const auto& name : names) {
      ASSERT_TRUE(eventually([&] { return exists(kClusterCnameRecord, host(name)); }));
    }
  }
  void expect_gone() {
    EXPECT_TRUE(eventually([&] {
      const auto left = api.find(kNamespace, ns);
      return left ? testing::AssertionFailure() << at(*left, "/status")
                  : testing::AssertionSuccess();
    }));
    // Not in the namespace, so that only the operator can have deleted them.
    for (const auto& name : names) EXPECT_TRUE(absent(kClusterCnameRecord, host(name)));
  }

  const object::Key ns{.ns = {}, .name = cluster.ns};
  const std::vector<std::string> names{"one", "two", "three"};
};

TEST_F(DeletionOfANamespace, OfLiveCappsCompletes) {
  api.remove(kNamespace, ns);
  expect_gone();
}

TEST_F(DeletionOfANamespace, AfterItsConfigurationCompletes) {
  api.remove(kConfigMap, cluster.key("dns-config"));
  ASSERT_TRUE(eventually([&] { return told("one", "Ready", "False", "DNSConfigInvalid"); }));
  api.remove(kNamespace, ns);
  expect_gone();
}

}  // namespace
}  // namespace test
