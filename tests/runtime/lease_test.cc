#include "runtime/lease.h"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

#include "json/value.h"

namespace runtime {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

boost::json::object parse(std::string_view text) {
  return boost::json::parse({text.data(), text.size()}).as_object();
}

TEST(Lease, IsReadAndWrittenAsItWas) {
  const auto object = parse(R"({
    "metadata": {"name": "l", "resourceVersion": "42", "labels": {"a": "b"}},
    "spec": {"holderIdentity": "pod-1_x", "leaseDurationSeconds": 15,
             "acquireTime": "2026-11-23T10:00:00.000000Z",
             "renewTime": "2026-11-23T10:00:02.000000Z", "leaseTransitions": 7}})");
  const auto lease = read_lease(object);
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease->version, 42U);
  EXPECT_EQ(lease->spec, (LeaseSpec{.holder = "pod-1_x",
                                    .duration = 15s,
                                    .acquired = "2026-11-23T10:00:00.000000Z",
                                    .renewed = "2026-11-23T10:00:02.000000Z",
                                    .transitions = 7}));
  auto written = object;
  write_lease_spec(lease->spec, written);
  EXPECT_TRUE(json::equal(written, object));
}

TEST(Lease, KeepsWhatItDoesNotKnow) {
  auto object = parse(R"({"metadata": {"labels": {"a": "b"}}, "spec": {"strategy": "S"}})");
  write_lease_spec({.holder = "me", .duration = 15s, .acquired = "a", .renewed = "b"}, object);
  EXPECT_EQ(json::string_at(object, {"spec", "strategy"}), "S");
  EXPECT_EQ(json::string_at(object, {"spec", "holderIdentity"}), "me");
  EXPECT_EQ(json::string_at(object, {"metadata", "labels", "a"}), "b");
}

TEST(Lease, ReadsWhatIsMissingOrAbsurdAsEmptyOrBounded) {
  const auto empty = read_lease(parse(R"({"metadata": {"resourceVersion": "1"}})"));
  ASSERT_TRUE(empty);
  EXPECT_EQ(empty->spec, LeaseSpec{});
  const auto absurd = read_lease_spec(
      parse(R"({"spec": {"leaseDurationSeconds": 9223372036854775807, "leaseTransitions": -4}})"));
  EXPECT_EQ(absurd.duration, 2147483647s);
  EXPECT_EQ(absurd.transitions, 0);
  const auto without = read_lease(parse(R"({"metadata": {"resourceVersion": "new"}})"));
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().reason, base::Reason::kProtocol);
}

TEST(Lease, HasItsDurationBelievedFromOneToTenTimesOurs) {
  const auto patience_with = [](std::chrono::seconds duration) {
    return patience({.holder = "other", .duration = duration, .acquired = {}, .renewed = {}}, {});
  };
  EXPECT_EQ(patience_with(0s), 15s);
  EXPECT_EQ(patience_with(14s), 15s);
  EXPECT_EQ(patience_with(60s), 60s);
  EXPECT_EQ(patience_with(151s), 150s);
  EXPECT_EQ(patience_with(2147483647s), 150s);
}

TEST(LeaseTimes, OfClientGoAreGood) {
  EXPECT_TRUE(check({}));
}

TEST(LeaseTimes, MustLeaveTheHolderTimeToEndAndToTryAgain) {
  const auto message = [](LeaseTimes times) { return check(times).error().message; };
  EXPECT_THAT(message({.duration = 10s}), HasSubstr("10s, is not greater than its renew deadline"));
  EXPECT_THAT(message({.renew_deadline = 2400ms}), HasSubstr("1.2 times its retry period, 2s"));
  EXPECT_THAT(message({.retry_period = 0s}), HasSubstr("is not positive"));
  EXPECT_THAT(message({.duration = 15500ms}), HasSubstr("whole seconds"));
}

}  // namespace
}  // namespace runtime
