// CNAMERecords of both APIs of the DNS provider, of which one is cluster-scoped (behaviour 2,
// "CNAMERecord").

#include <ostream>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/audit_checks.h"
#include "tests/support/route_cluster.h"

namespace test {
namespace {

using capp::kCapp;
using capp::kClusterCnameRecord;
using capp::kCnameRecord;
using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kRepairLimit = 1000ms * kSlowness;

struct RecordApi {
  const char* name;
  const char* flag;
  const object::Kind& kind;
  const char* provider;  // providerConfigRef
};

std::ostream& operator<<(std::ostream& out, const RecordApi& api) {
  return out << api.name;
}

const RecordApi kG1{.name = "G1",
                    .flag = "--dns-api=g1",
                    .kind = kClusterCnameRecord,
                    .provider = R"({"name": "dns-default"})"};
const RecordApi kG2{.name = "G2",
                    .flag = "--dns-api=g2",
                    .kind = kCnameRecord,
                    .provider = R"({"name": "dns-default", "kind": "ClusterProviderConfig"})"};

class DnsRecords : public RouteCluster {
 protected:
  void SetUp() override { configure_zone(zone()); }

  void start(const RecordApi& record_api) { cluster.start_operator({}, {record_api.flag}); }
  // Of the operator, about records of that name.
  Requests asked(std::string_view verb, const std::string& name) {
    return cluster.audit.of_operator().of(verb, "cnamerecords").named(name);
  }
  // By a person, then by the operator.
  testing::AssertionResult repaired_within_limit(std::string_view verb) {
    const auto edits =
        cluster.audit.all()
            .of(verb, "cnamerecords")
            .named(shop)
            .only([](const AuditRequest& request) { return request.user != kOperatorUser; });
    return follows_within(kRepairLimit, edits, asked("patch", shop));
  }

  const std::string shop = host("shop");
};

class DnsRecord : public DnsRecords, public testing::WithParamInterface<RecordApi> {
 protected:
  void SetUp() override {
    DnsRecords::SetUp();
    start(GetParam());
    cluster.create_settled(a_capp("web", with_hostname(shop)));
  }

  const object::Kind& kind = GetParam().kind;
};

TEST_P(DnsRecord, PointsToTheIngress) {
  auto expected = parse_object(fmt::format(
      R"({{"forProvider": {{"name": "shop", "zone": "{0}.", "cname": "ingress.{0}."}},
           "providerConfigRef": {1}}})",
      zone(), GetParam().provider));
  auto seen = spec(kind, shop);
  // The schema's defaults, which nobody asked for.
  for (const char* defaulted : {"deletionPolicy", "managementPolicies"}) seen.erase(defaulted);
  EXPECT_EQ(seen, expected);

  const auto record = get(kind, shop);
  EXPECT_EQ(label(record, "rcs.dana.io/parent-capp"), "web");
  EXPECT_EQ(label(record, "rcs.dana.io/managed-by"), "capp");
  EXPECT_EQ(label(record, "rcs.dana.io/parent-capp-ns"), cluster.ns);
  // An owner in another scope would make the garbage collector delete it.
  const bool can_have_owner = kind.scope == object::Scope::kNamespaced;
  EXPECT_EQ(at(record, "/metadata/ownerReferences/0/uid"),
            can_have_owner ? at(cluster.capp("web"), "/metadata/uid") : "");
}

TEST_P(DnsRecord, IsOfOneApiOnly) {
  const auto& other = kind == kCnameRecord ? kClusterCnameRecord : kCnameRecord;
  EXPECT_TRUE(absent(other, shop));
}

// ecosystem 4.2 F3: nobody was woken by a cluster-scoped record.
TEST_P(DnsRecord, ThatBecomesReadyIsToldAtOnce) {
  EXPECT_TRUE(told("web", "DNSRecordReady", "False", "DNSRecordNotReady"));
  cluster.audit.restart();
  make_ready(kind, shop);
  EXPECT_TRUE(eventually([&] { return told("web", "DNSRecordReady", "True", "Ready"); }));
  EXPECT_TRUE(eventually([&] {
    return follows_within(kRepairLimit,
                          cluster.audit.all().of("patch", "cnamerecords/status").named(shop),
                          cluster.writes().of("patch", "capps/status"));
  }));
}

TEST_P(DnsRecord, EditedIsRepaired) {
  cluster.audit.restart();
  api.merge_patch(kind, key_of(kind, shop),
                  R"({"spec": {"forProvider": {"cname": "elsewhere.example.com."}}})");
  EXPECT_TRUE(eventually([&] {
    return is("cname", at(get(kind, shop), "/spec/forProvider/cname"), "ingress." + zone() + ".");
  }));
  EXPECT_TRUE(eventually([&] { return repaired_within_limit("patch"); }));
}

TEST_P(DnsRecord, DeletedIsBack) {
  const auto before = uid(kind, shop);
  cluster.audit.restart();
  api.remove(kind, key_of(kind, shop));
  EXPECT_TRUE(eventually([&] { return repaired_within_limit("delete"); }));
  EXPECT_TRUE(eventually([&] { return exists(kind, shop); }));
  EXPECT_NE(uid(kind, shop), before);
}

TEST_P(DnsRecord, WithoutItsLabelsIsLabelledAgain) {
  for (const char* lost : {"managed-by", "parent-capp", "parent-capp-ns"}) {
    const std::string name = std::string("rcs.dana.io/") + lost;
    const auto before = label(get(kind, shop), name);
    cluster.audit.restart();
    api.merge_patch(kind, key_of(kind, shop),
                    fmt::format(R"({{"metadata": {{"labels": {{"{}": null}}}}}})", name));
    EXPECT_TRUE(eventually([&] { return is(name, label(get(kind, shop), name), before); }));
    EXPECT_TRUE(eventually([&] { return repaired_within_limit("patch"); }));
  }
}

// behaviour 2, rules 1 and 2: what Crossplane and its provider put on a record.
TEST_P(DnsRecord, WithWhatItsProviderAddsIsLeftAlone) {
  cluster.audit.restart();
  api.merge_patch(kind, key_of(kind, shop), R"({
      "metadata": {"annotations": {"crossplane.io/external-name": "shop"},
                   "finalizers": ["finalizer.managedresource.crossplane.io"]},
      "spec": {"forProvider": {"ttl": 3600}}})");
  // Not in the namespace where it is of the cluster.
  EXPECT_TRUE(throughout(kMoment, [&] { return is("writes", asked("patch", shop).size(), 0U); }));

  cluster.audit.restart();
  api.merge_patch(kind, key_of(kind, shop),
                  R"({"spec": {"forProvider": {"cname": "elsewhere.example.com."}}})");
  EXPECT_TRUE(eventually([&] { return repaired_within_limit("patch"); }));
  const auto record = get(kind, shop);
  EXPECT_EQ(at(record, "/spec/forProvider/ttl"), "3600");
  EXPECT_EQ(annotation(record, "crossplane.io/external-name"), "shop");
  release(kind, shop);
}

TEST_P(DnsRecord, IsNotWrittenAgainByTheNextProcess) {
  cluster.audit.restart();
  start(GetParam());
  ASSERT_TRUE(eventually([&] { return cluster.idle(); }));
  EXPECT_TRUE(throughout(kMoment, [&] { return is("writes", asked("patch", shop).size(), 0U); }));
}

TEST_P(DnsRecord, GoesWithTheCapp) {
  api.remove(kCapp, cluster.key("web"));
  EXPECT_TRUE(eventually([&] { return absent(kind, shop); }));
}

INSTANTIATE_TEST_SUITE_P(Apis, DnsRecord, testing::Values(kG1, kG2),
                         [](const auto& tested) { return tested.param.name; });

// Nobody else would delete it.
TEST_F(DnsRecords, OfTheClusterIsNotWrittenBeforeTheFinalizer) {
  start(kG1);
  cluster.create_settled(a_capp("web", with_hostname(shop)));
  EXPECT_TRUE(eventually(
      [&] { return comes_after(cluster.writes().of("patch", "capps"), asked("patch", shop)); }));
}

TEST_F(DnsRecords, OfTheClusterKeepsTheCappUntilItIsGone) {
  start(kG1);
  cluster.create_settled(a_capp("web", with_hostname(shop)));
  hold(kClusterCnameRecord, shop);
  api.remove(kCapp, cluster.key("web"));
  EXPECT_TRUE(throughout(kMoment, [&] { return exists(kCapp, "web"); }));
  release(kClusterCnameRecord, shop);
  EXPECT_TRUE(eventually([&] { return absent(kCapp, "web"); }));
}

TEST_F(DnsRecords, AreOfTheNewerApiWhereBothAreInstalled) {
  cluster.start_operator();
  cluster.create_settled(a_capp("web", with_hostname(shop)));
  EXPECT_TRUE(exists(kCnameRecord, shop));
  EXPECT_TRUE(absent(kClusterCnameRecord, shop));
}

TEST_F(DnsRecords, KeepTheirApiUntilTheHostnameChanges) {
  start(kG1);
  cluster.create_settled(a_capp("web", with_hostname(shop)));
  make_ready(kClusterCnameRecord, shop);
  ASSERT_TRUE(eventually([&] { return told("web", "DNSRecordReady", "True", "Ready"); }));
  const auto before = uid(kClusterCnameRecord, shop);

  start(kG2);
  cluster.audit.restart();
  api.merge_patch(kCapp, cluster.key("web"), R"({"metadata": {"labels": {"team": "blue"}}})");
  ASSERT_TRUE(eventually([&] {
    return is("label", at(cluster.service("web"), "/spec/template/metadata/labels/team"), "blue");
  }));
  EXPECT_TRUE(throughout(kMoment, [&] { return absent(kCnameRecord, shop); }));
  EXPECT_EQ(uid(kClusterCnameRecord, shop), before);
  EXPECT_TRUE(told("web", "DNSRecordReady", "True", "Ready"));

  set_hostname("web", host("store"));
  ASSERT_TRUE(eventually([&] { return exists(kCnameRecord, host("store")); }));
  EXPECT_TRUE(absent(kClusterCnameRecord, host("store")));
  EXPECT_TRUE(throughout(kMoment, [&] { return exists(kClusterCnameRecord, shop); }));
  make_ready(kCnameRecord, host("store"));
  EXPECT_TRUE(eventually([&] { return absent(kClusterCnameRecord, shop); }));
}

class OneHostnameTwice : public DnsRecords {
 protected:
  void SetUp() override {
    DnsRecords::SetUp();
    start(kG1);
    cluster.create_settled(a_capp("web", with_hostname(shop)));
  }
  testing::AssertionResult second_is(std::string_view status, std::string_view reason) {
    return has_condition(second(), "DNSRecordReady", status, reason);
  }
  Api::Object second() { return api.get(kCapp, {.ns = other_ns, .name = "web"}); }

  const std::string other_ns = cluster.another_namespace();
};

// behaviour 2, rules 4 and 5.
TEST_F(OneHostnameTwice, IsRefusedToTheSecondCappAndNamesTheFirst) {
  const auto before = at(get(kClusterCnameRecord, shop), "/metadata/resourceVersion");
  api.create(kCapp, other_ns, a_capp("web", with_hostname(shop)));
  ASSERT_TRUE(eventually([&] { return second_is("False", "ResourceSyncFailed"); }));
  EXPECT_TRUE(has_condition(second(), "Ready", "False", "ResourceSyncFailed"));
  for (const char* type : {"Ready", "DNSRecordReady"}) {
    EXPECT_THAT(condition(second(), type).message, testing::HasSubstr(cluster.ns)) << type;
  }
  // The other children are written.
  EXPECT_TRUE(api.find(capp::kDomainMapping, {.ns = other_ns, .name = shop}));

  // Neither while it is there nor when it goes is the first one's record touched.
  api.remove(kCapp, {.ns = other_ns, .name = "web"});
  ASSERT_TRUE(eventually([&] { return is("Capps", api.list(kCapp, other_ns).size(), 0U); }));
  EXPECT_EQ(at(get(kClusterCnameRecord, shop), "/metadata/resourceVersion"), before);
}

TEST_F(OneHostnameTwice, GoesToTheSecondCappWhenTheFirstIsGone) {
  api.create(kCapp, other_ns, a_capp("web", with_hostname(shop)));
  ASSERT_TRUE(eventually([&] { return second_is("False", "ResourceSyncFailed"); }));
  api.remove(kCapp, cluster.key("web"));
  EXPECT_TRUE(eventually([&] { return second_is("False", "DNSRecordNotReady"); }));
  EXPECT_EQ(label(get(kClusterCnameRecord, shop), "rcs.dana.io/parent-capp-ns"), other_ns);
}

}  // namespace
}  // namespace test
