#include "capp/host.h"

#include <ostream>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/capp/passes.h"

namespace capp {

std::ostream& operator<<(std::ostream& out, const Host& host) {
  return out << host.name << " with the record \"" << host.record << "\"";
}

namespace {

struct HostCase {
  const char* hostname;
  const char* zone;
  Host host;
};

class HostUnderZone : public testing::TestWithParam<HostCase> {};

TEST_P(HostUnderZone, HasNameAndRecord) {
  const auto& [hostname, zone, host] = GetParam();
  EXPECT_EQ(host_of(hostname, zone), host);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, HostUnderZone,
    testing::Values(
        HostCase{"shop", "apps.dev.", {.name = "shop.apps.dev", .record = "shop"}},
        HostCase{"shop.apps.dev", "apps.dev.", {.name = "shop.apps.dev", .record = "shop"}},
        HostCase{"a.b.apps.dev", "apps.dev.", {.name = "a.b.apps.dev", .record = "a.b"}},
        HostCase{"a.b", "apps.dev.", {.name = "a.b.apps.dev", .record = "a.b"}},
        HostCase{"shop.apps.dev", "apps.dev", {.name = "shop.apps.dev", .record = "shop"}},
        // The zone itself: nothing is left for the record.
        HostCase{"apps.dev", "apps.dev.", {.name = "apps.dev", .record = ""}},
        // It ends in the letters of the zone, but not in its labels.
        HostCase{"mycapp-zone.com",
                 "capp-zone.com.",
                 {.name = "mycapp-zone.com.capp-zone.com", .record = "mycapp-zone.com"}},
        HostCase{"dev", "apps.dev.", {.name = "dev.apps.dev", .record = "dev"}},
        // Another name of which the zone is a part, but not the end.
        HostCase{"apps.dev.example",
                 "apps.dev.",
                 {.name = "apps.dev.example.apps.dev", .record = "apps.dev.example"}},
        HostCase{"apps.dev.apps.dev",
                 "apps.dev.",
                 {.name = "apps.dev.apps.dev", .record = "apps.dev"}}));

rc::Gen<std::string> labels() {
  return rc::gen::nonEmpty(
      rc::gen::container<std::string>(rc::gen::elementOf(std::string("abc-"))));
}

std::string joined(const std::vector<std::string>& labels) {
  std::string name;
  for (const auto& label : labels) name += (name.empty() ? "" : ".") + label;
  return name;
}

rc::Gen<std::string> names() {
  return rc::gen::map(rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(labels())),
                      joined);
}

RC_GTEST_PROP(Host, RecordAndZoneMakeItsName, ()) {
  const auto zone = *names();
  // Often below the zone, or with its letters at the end.
  const auto hostname =
      *rc::gen::oneOf(names(), rc::gen::just(zone),
                      rc::gen::map(labels(), [&](const auto& label) { return label + zone; }),
                      rc::gen::map(names(), [&](const auto& name) { return name + "." + zone; }));
  const Host host = host_of(hostname, zone + ".");
  RC_ASSERT(host.name == (host.is_apex() ? zone : host.record + "." + zone));
  RC_ASSERT(host.name == hostname || host.record == hostname);
  // What is a name under the zone already stays as it is.
  RC_ASSERT(host_of(host.name, zone + ".") == host);
  RC_ASSERT(host_of(hostname, zone) == host);
}

TEST(HostOfAWorld, IsNoneWithoutAHostnameOrAConfiguration) {
  EXPECT_EQ(host_of(a_world(a_capp("web")).with_dns()), std::nullopt);
  EXPECT_EQ(host_of(a_world(a_capp("web").with_hostname(""))), std::nullopt);
  EXPECT_EQ(host_of(a_world(a_capp("web").with_hostname("shop"))), std::nullopt);
}

struct RecordKindCase {
  const char* name;
  DnsApi api;
  std::vector<const object::Kind*> absent;
  std::vector<const object::Kind*> existing;  // of this hostname
  const object::Kind* kind;
};

std::ostream& operator<<(std::ostream& out, const RecordKindCase& tested) {
  return out << tested.name;
}

class RecordKind : public testing::TestWithParam<RecordKindCase> {};

TEST_P(RecordKind, IsThatOfTheRecordElseTheOneAskedForElseTheOneInstalled) {
  auto world = a_world(a_capp("web").with_hostname("shop")).with_dns().with_dns_api(GetParam().api);
  for (const auto* kind : GetParam().absent) world.without_kind(*kind);
  for (const auto* kind : GetParam().existing) world.with(a_child(*kind, "shop.apps.dev"));
  EXPECT_EQ(record_kind(world, {.name = "shop.apps.dev", .record = "shop"}), *GetParam().kind);
}

constexpr const object::Kind* kG1 = &kClusterCnameRecord;
constexpr const object::Kind* kG2 = &kCnameRecord;

INSTANTIATE_TEST_SUITE_P(
    Cases, RecordKind,
    testing::Values(
        RecordKindCase{"AutoTakesTheNamespacedOneIfBothAreInstalled", DnsApi::kAuto, {}, {}, kG2},
        RecordKindCase{"AutoTakesTheOnlyOneInstalledG1", DnsApi::kAuto, {kG2}, {}, kG1},
        RecordKindCase{"AutoTakesTheOnlyOneInstalledG2", DnsApi::kAuto, {kG1}, {}, kG2},
        RecordKindCase{"AutoWaitsForTheNamespacedOneIfNoneIs", DnsApi::kAuto, {kG1, kG2}, {}, kG2},
        RecordKindCase{"AutoKeepsTheOneThatExistsG1", DnsApi::kAuto, {}, {kG1}, kG1},
        RecordKindCase{"AutoKeepsTheOneThatExistsG2", DnsApi::kAuto, {}, {kG2}, kG2},
        RecordKindCase{"AutoOfTwoKeepsTheNamespacedOne", DnsApi::kAuto, {}, {kG1, kG2}, kG2},
        RecordKindCase{"G1IsAskedFor", DnsApi::kG1, {}, {}, kG1},
        RecordKindCase{"G1IsAskedForAndMissing", DnsApi::kG1, {kG1}, {}, kG1},
        RecordKindCase{"G1LeavesAnExistingG2", DnsApi::kG1, {}, {kG2}, kG2},
        RecordKindCase{"G2IsAskedFor", DnsApi::kG2, {}, {}, kG2},
        RecordKindCase{"G2IsAskedForAndMissing", DnsApi::kG2, {kG2}, {}, kG2},
        RecordKindCase{"G2LeavesAnExistingG1", DnsApi::kG2, {}, {kG1}, kG1}),
    [](const auto& tested) { return std::string(tested.param.name); });

// Which of two that come together is read first must not decide.
TEST(RecordKind, OfAnApiThatIsNotReadYetCountsAsInstalled) {
  const World& world =
      a_world(a_capp("web").with_hostname("shop")).with_dns().with_unread(kCnameRecord);
  EXPECT_EQ(record_kind(world, {.name = "shop.apps.dev", .record = "shop"}), kCnameRecord);
}

// A record in the other API that is somebody else's is not the one that a Capp keeps.
TEST(RecordKind, OfAForeignRecordIsNotKept) {
  const World& world = a_world(a_capp("web").with_hostname("shop"))
                           .with_dns()
                           .with(ObjectBuilder(kClusterCnameRecord, "shop.apps.dev"));
  EXPECT_EQ(record_kind(world, {.name = "shop.apps.dev", .record = "shop"}), kCnameRecord);
}

}  // namespace
}  // namespace capp
