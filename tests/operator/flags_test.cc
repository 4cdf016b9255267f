#include "operator/flags.h"

#include <gmock/gmock.h>

namespace op {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace std::chrono_literals;

Flags flags(const std::vector<std::string>& arguments) {
  return std::get<Flags>(parse_flags(arguments));
}
Exit exit_of(const std::vector<std::string>& arguments) {
  return std::get<Exit>(parse_flags(arguments));
}

TEST(Flags, HaveTheDefaultsOfTheContract) {
  const Flags defaults = flags({});
  EXPECT_EQ(defaults.metrics_bind_address, ":8080");
  EXPECT_EQ(defaults.health_probe_bind_address, ":8081");
  EXPECT_EQ(defaults.kubeconfig, "");
  EXPECT_EQ(defaults.ns, "");
  EXPECT_EQ(defaults.dns_api, capp::DnsApi::kAuto);
  EXPECT_TRUE(defaults.ecs_logging);
  EXPECT_EQ(defaults.log_verbosity, 0);
  EXPECT_EQ(defaults.max_concurrent_reconciles, 16U);
  EXPECT_FALSE(defaults.leader_elect);
  EXPECT_EQ(defaults.lease.duration, 15s);
  EXPECT_EQ(defaults.lease.renew_deadline, 10s);
  EXPECT_EQ(defaults.lease.retry_period, 2s);
}

TEST(Flags, AreReadWithEqualsSignOrApart) {
  const Flags given =
      flags({"--metrics-bind-address=127.0.0.1:9090", "--health-probe-bind-address", "[::1]:9091",
             "--kubeconfig", "/k", "--namespace=capps", "--log-verbosity", "2",
             "--max-concurrent-reconciles=4", "--dns-api=g1"});
  EXPECT_EQ(given.metrics_bind_address, "127.0.0.1:9090");
  EXPECT_EQ(given.health_probe_bind_address, "[::1]:9091");
  EXPECT_EQ(given.kubeconfig, "/k");
  EXPECT_EQ(given.ns, "capps");
  EXPECT_EQ(given.dns_api, capp::DnsApi::kG1);
  EXPECT_EQ(given.log_verbosity, 2);
  EXPECT_EQ(given.max_concurrent_reconciles, 4U);
}

TEST(Flags, MayHaveOneDashAsGoProgramsAccept) {
  const Flags given = flags({"-namespace", "capps", "-ecs-logging=false", "-log-verbosity=1"});
  EXPECT_EQ(given.ns, "capps");
  EXPECT_FALSE(given.ecs_logging);
  EXPECT_EQ(given.log_verbosity, 1);
}

TEST(Flags, OfTheLeaseAreDurations) {
  const Flags given =
      flags({"-leader-elect", "--leader-elect-lease-duration=1m", "--leader-elect-renew-deadline",
             "40s", "--leader-elect-retry-period=2.5s"});
  EXPECT_TRUE(given.leader_elect);
  EXPECT_EQ(given.lease.duration, 1min);
  EXPECT_EQ(given.lease.renew_deadline, 40s);
  EXPECT_EQ(given.lease.retry_period, 2500ms);
}

TEST(Flags, OfTheLeaseMustLeaveTimeForAnotherTry) {
  const Exit exit = exit_of({"--leader-elect-lease-duration=10s"});
  EXPECT_EQ(exit.code, 2);
  EXPECT_THAT(exit.text, HasSubstr("the duration of the lease, 10s, is not greater than its renew "
                                   "deadline, 10s"));
  EXPECT_THAT(exit_of({"--leader-elect-retry-period=soon"}).text, HasSubstr("soon"));
}

TEST(Flags, OfYesAndNoNeedNoValue) {
  EXPECT_TRUE(flags({"--ecs-logging"}).ecs_logging);
  EXPECT_TRUE(flags({"--ecs-logging=true"}).ecs_logging);
  EXPECT_FALSE(flags({"--ecs-logging=false"}).ecs_logging);
  EXPECT_TRUE(flags({"--ecs-logging", "--namespace=a"}).ecs_logging);
}

TEST(Flags, AskDnsOnlyWhereTheyAreToldTo) {
  EXPECT_FALSE(flags({}).check_dns);
  EXPECT_TRUE(flags({"-check-dns"}).check_dns);
  EXPECT_FALSE(flags({"--check-dns=false"}).check_dns);
}

TEST(Flags, AcceptWhatHasNoEffect) {
  EXPECT_EQ(flags({"--enable-http2", "--namespace=a"}).ns, "a");
  EXPECT_EQ(flags({"--enable-http2=false", "--namespace=a"}).ns, "a");
}

TEST(Flags, SwitchAServerOffWithZero) {
  EXPECT_EQ(flags({"--metrics-bind-address=0"}).metrics_bind_address, "0");
}

TEST(Flags, RefuseWhatTheyDoNotKnowWithItsName) {
  const Exit exit = exit_of({"--colour"});
  EXPECT_EQ(exit.code, 2);
  EXPECT_THAT(exit.text, HasSubstr("--colour"));
  EXPECT_THAT(exit.text, HasSubstr("usage: capp-operator"));
  EXPECT_EQ(exit_of({"surplus"}).code, 2);
}

TEST(Flags, RefuseABadValueWithItsFlag) {
  for (const auto* argument : {"--metrics-bind-address=8080", "--metrics-bind-address=:port",
                               "--metrics-bind-address=:", "--metrics-bind-address=:65536",
                               "--health-probe-bind-address=:123456", "--namespace=Upper",
                               "--namespace=a/b", "--log-verbosity=-1", "--log-verbosity=x",
                               "--max-concurrent-reconciles=0", "--max-concurrent-reconciles=257",
                               "--ecs-logging=perhaps", "--dns-api=g3", "--dns-api=1"}) {
    const auto parsed = parse_flags({argument});
    const auto* exit = std::get_if<Exit>(&parsed);
    ASSERT_NE(exit, nullptr) << argument;
    EXPECT_EQ(exit->code, 2) << argument;
    const std::string name(argument, std::string_view(argument).find('='));
    EXPECT_THAT(exit->text, HasSubstr(name));
  }
}

TEST(Flags, TellTheVersionAndHelpOnStdout) {
  EXPECT_EQ(exit_of({"--version"}).code, 0);
  EXPECT_THAT(exit_of({"--version"}).text, StartsWith("capp-operator "));
  EXPECT_EQ(exit_of({"-version"}).code, 0);
  EXPECT_EQ(exit_of({"--help"}).code, 0);
  EXPECT_THAT(exit_of({"--help"}).text, HasSubstr("--health-probe-bind-address"));
}

}  // namespace
}  // namespace op
