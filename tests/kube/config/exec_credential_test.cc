#include "kube/config/exec_credential.h"

#include <string>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kube/config/exec_schedule.h"
#include "kube/config/timestamp.h"
#include "tests/kube/config/support.h"

namespace kube {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

const base::WallClock::time_point kNow = *parse_rfc3339("2026-01-31T12:00:00Z");

std::string output(boost::json::object status) {
  return boost::json::serialize(boost::json::object{
      {"kind", "ExecCredential"}, {"apiVersion", kExecV1}, {"status", std::move(status)}});
}

base::Result<ExecCredential> parsed(std::string_view text) {
  return parse_exec_credential(text, kExecV1, kNow);
}

std::string error_of(std::string_view text) {
  const auto credential = parsed(text);
  return credential ? "no error" : credential.error().describe();
}

TEST(Rfc3339, IsReadWithAnyOffset) {
  EXPECT_EQ(parse_rfc3339("2026-01-31T14:00:00+02:00"), kNow);
  EXPECT_EQ(parse_rfc3339("2026-01-31T09:30:00.999-02:30"), kNow);
  EXPECT_EQ(base::rfc3339(*parse_rfc3339("2024-02-29T23:59:59Z")), "2024-02-29T23:59:59Z");
}

TEST(Rfc3339, IsClampedToWhatTheClockCanSay) {
  EXPECT_EQ(base::rfc3339(*parse_rfc3339("9999-12-31T23:59:59Z")), "2262-04-11T23:47:16Z");
  EXPECT_EQ(base::rfc3339(*parse_rfc3339("0001-01-01T00:00:00Z")), "1677-09-21T00:12:44Z");
}

TEST(Rfc3339, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "2026", "2026-02-30T00:00:00Z", "2026-01-31 12:00:00Z", "2026-01-31T12:00:00",
        "2026-01-31T24:00:00Z", "2026-01-31T12:00:00Zx", "-026-01-31T12:00:00Z",
        "2026-01-31T12:00:00+0200", "2026-13-01T00:00:00Z", "2026-01-31T12:00:00."}) {
    EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
  }
}

TEST(ExecInfo, TellsVersionAndThatThereIsNoTerminal) {
  ExecPlugin plugin;
  plugin.api_version = kExecV1;
  EXPECT_EQ(exec_info(plugin),
            R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1",)"
            R"("spec":{"interactive":false}})");
  plugin.provide_cluster_info = true;
  plugin.cluster = {{"server", "https://h"}};
  EXPECT_THAT(exec_info(plugin), HasSubstr(R"("cluster":{"server":"https://h"})"));
}

TEST(ExecCredential, MayBeATokenWithAnExpiry) {
  const auto credential =
      parsed(output({{"token", "t"}, {"expirationTimestamp", "2026-01-31T12:15:00Z"}}));
  ASSERT_TRUE(credential) << credential.error().describe();
  EXPECT_EQ(credential->token.reveal(), "t");
  EXPECT_EQ(credential->certificate, nullptr);
  EXPECT_EQ(credential->expires, kNow + std::chrono::minutes(15));
}

TEST(ExecCredential, MayBeAClientCertificate) {
  const test::KeyPair pair = test::make_key_pair();
  const auto credential = parsed(
      output({{"clientCertificateData", pair.certificate_pem}, {"clientKeyData", pair.key_pem}}));
  ASSERT_TRUE(credential) << credential.error().describe();
  EXPECT_EQ(credential->certificate->certificate_pem, pair.certificate_pem);
  EXPECT_EQ(credential->certificate->key_pem.reveal(), pair.key_pem);
  EXPECT_EQ(credential->expires, std::nullopt);
}

TEST(ExecCredential, SaysWhatIsWrongWithoutRepeatingTheOutput) {
  EXPECT_EQ(error_of("hunter2"), "the output is no JSON object");
  EXPECT_EQ(error_of("[]"), "the output is no JSON object");
  EXPECT_EQ(error_of("{}"), "the output is not of kind ExecCredential");
  EXPECT_EQ(error_of(R"({"kind":"ExecCredential","apiVersion":"v1"})"),
            "the output is not of apiVersion client.authentication.k8s.io/v1, which the kubeconfig "
            "names");
  EXPECT_EQ(error_of(output({})), "status holds neither a token nor a client certificate");
  EXPECT_THAT(error_of(output({{"token", "hunter2\n"}})), Not(HasSubstr("hunter2")));
  EXPECT_THAT(error_of(output({{"clientCertificateData", "hunter2"}})),
              HasSubstr("are no certificate with its key"));
  EXPECT_THAT(error_of(output({{"token", "t"}, {"expirationTimestamp", "soon"}})),
              HasSubstr("must be a time"));
}

TEST(ExecCredential, IsRefusedWhenItHasExpired) {
  EXPECT_EQ(error_of(output({{"token", "t"}, {"expirationTimestamp", "2026-01-31T12:00:00Z"}})),
            "the credential expired at 2026-01-31T12:00:00Z; log in again");
}

constexpr base::Clock::time_point kStart{std::chrono::hours(1)};

// Seconds from kStart to the next run; -1: none is due.
long long next(const ExecSchedule& schedule) {
  if (schedule.next_run() == base::Clock::time_point::max()) return -1;
  return std::chrono::duration_cast<seconds>(schedule.next_run() - kStart).count();
}

TEST(ExecSchedule, RunsAtOnceAtFirst) {
  EXPECT_LE(ExecSchedule().next_run(), kStart);
}

TEST(ExecSchedule, RunsAMinuteBeforeTheExpiryOrAtHalfOfAShortLife) {
  ExecSchedule schedule;
  schedule.succeeded(kStart, kStart + seconds(3600));
  EXPECT_EQ(next(schedule), 3540);
  schedule.succeeded(kStart, kStart + seconds(60));
  EXPECT_EQ(next(schedule), 30);
  schedule.succeeded(kStart, kStart + seconds(1));
  EXPECT_EQ(next(schedule), 1) << "never faster than the back-off";
}

TEST(ExecSchedule, DoesNotRunAgainWithoutExpiryOr401) {
  ExecSchedule schedule;
  schedule.succeeded(kStart, std::nullopt);
  EXPECT_EQ(next(schedule), -1);
}

TEST(ExecSchedule, BacksOffAfterFailures) {
  ExecSchedule schedule;
  for (const long long wait : {1, 2, 4, 8, 16, 32, 60, 60}) {
    schedule.failed(kStart);
    EXPECT_EQ(next(schedule), wait);
  }
  schedule.succeeded(kStart, std::nullopt);
  schedule.failed(kStart);
  EXPECT_EQ(next(schedule), 1);
}

TEST(ExecSchedule, RunsAtOnceAfterA401) {
  ExecSchedule schedule;
  schedule.succeeded(kStart, std::nullopt);
  schedule.rejected(kStart + seconds(100));
  EXPECT_EQ(next(schedule), 100);
}

TEST(ExecSchedule, BacksOffWhenThePluginKeepsGivingWhatIsRefused) {
  ExecSchedule schedule;
  auto now = kStart;
  for (const long long wait : {1, 2, 4, 8, 16, 32, 60, 60}) {
    schedule.succeeded(now, std::nullopt);
    schedule.rejected(now);
    schedule.rejected(now);  // another request's 401 to the same credentials
    EXPECT_EQ(schedule.next_run() - now, seconds(wait));
    now = schedule.next_run();
  }
}

TEST(ExecSchedule, DoesNotPostponeARenewalBecauseOfA401) {
  ExecSchedule schedule;
  schedule.failed(kStart - seconds(1));
  schedule.failed(kStart - seconds(1));
  schedule.succeeded(kStart, kStart + seconds(2));
  schedule.rejected(kStart);
  EXPECT_EQ(next(schedule), 1);
}

}  // namespace
}  // namespace kube
