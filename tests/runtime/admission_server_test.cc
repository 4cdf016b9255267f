#include "runtime/admission_server.h"

#include <filesystem>
#include <future>
#include <latch>

#include <gmock/gmock.h>

#include "net/client.h"
#include "net/self_signed.h"
#include "runtime/certificate_files.h"
#include "tests/support/certificate_volume.h"
#include "tests/support/certificates.h"
#include "tests/support/eventually.h"
#include "tests/support/fake_server.h"

namespace runtime {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

constexpr std::string_view kReview = R"({
  "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
  "request": {"uid": "42", "operation": "CONNECT", "userInfo": {},
    "kind": {"group": "", "version": "v1", "kind": "Pod"},
    "resource": {"group": "", "version": "v1", "resource": "pods"}}})";

class AdmissionServerTest : public ::testing::Test {
 protected:
  AdmissionServer& serve(AdmissionServerOptions options = {}) {
    options.bind_address = "127.0.0.1:" + std::to_string(port);
    server = std::make_unique<AdmissionServer>(std::move(options),
                                               AdmissionHandlers{{"/allow",
                                                                  [this](const AdmissionRequest&) {
                                                                    if (on_request) on_request();
                                                                    return AdmissionReply::allow();
                                                                  }}},
                                               metrics, telemetry::log::discarding_logger());
    return *server;
  }
  // On a connection of its own.
  base::Result<net::Response> ask(const test::CertificateAuthority& trusted) {
    auto client = net::Client::create(
        loop, {.host = "127.0.0.1", .port = port, .tls_options = {.ca_pem = trusted.pem()}});
    return (*client)->send({.method = net::Method::kPost,
                            .target = "/allow",
                            .headers = {{"Content-Type", "application/json"}},
                            .body = std::string(kReview)});
  }
  testing::AssertionResult becomes_ready() {
    return test::eventually([&] {
      const auto ready = server->ready();
      return ready ? testing::AssertionSuccess()
                   : testing::AssertionFailure() << ready.error().describe();
    });
  }
  base::Result<void> use_certificate() {
    return server->use_certificate(localhost_identity(authority));
  }

  net::Loop loop;
  const std::uint16_t port = test::FakeServer().port();
  test::CertificateAuthority authority;
  telemetry::metrics::Registry metrics;
  std::function<void()> on_request;
  std::unique_ptr<AdmissionServer> server;
};

TEST_F(AdmissionServerTest, ListensFromTheFirstCertificateOn) {
  serve();
  EXPECT_EQ(ask(authority).error().reason, base::Reason::kConnection);
  ASSERT_TRUE(use_certificate());
  const auto answer = ask(authority);
  ASSERT_TRUE(answer) << answer.error().describe();
  EXPECT_EQ(answer->status, 200);
  EXPECT_TRUE(becomes_ready());
}

TEST_F(AdmissionServerTest, IsAsReadyAsTheSourceOfItsCertificateUntilItListens) {
  base::Result<void> last_look;
  serve({.until_it_listens = [&] { return last_look; }});
  EXPECT_TRUE(server->ready());
  last_look = base::fail(base::Reason::kTls, "the certificate expired");
  EXPECT_EQ(server->ready().error().message, "the certificate expired");
  ASSERT_TRUE(use_certificate());
  EXPECT_TRUE(becomes_ready()) << "the one in use is good";
}

TEST_F(AdmissionServerTest, IsReadyWithoutWaitingForAnAnswerAndNotWithoutAnyForLong) {
  constexpr int kMoreThanItHasThreads = 32;
  std::latch leave(1);
  on_request = [&] { leave.wait(); };
  serve({.dial_period = 10ms});
  ASSERT_TRUE(use_certificate());
  ASSERT_TRUE(becomes_ready());
  std::vector<std::future<base::Result<net::Response>>> answers;
  for (int i = 0; i < kMoreThanItHasThreads; ++i) {
    answers.push_back(std::async(std::launch::async, [&] { return ask(authority); }));
  }
  EXPECT_TRUE(test::eventually([&] {
    const auto begun = base::Clock::now();
    const auto ready = server->ready();
    EXPECT_LT(base::Clock::now() - begun, 1s * test::kSlowness) << "timeoutSeconds of a probe";
    return test::is("readiness", ready ? "ok" : ready.error().message,
                    std::string("the webhook server does not answer"));
  }));
  leave.count_down();
  for (auto& answer : answers) EXPECT_TRUE(answer.get());
  EXPECT_TRUE(becomes_ready());
}

TEST_F(AdmissionServerTest, TakesANewCertificateForNewConnections) {
  const test::CertificateAuthority next;
  serve();
  ASSERT_TRUE(use_certificate());
  ASSERT_TRUE(server->use_certificate(localhost_identity(next)));
  EXPECT_TRUE(ask(next));
  EXPECT_EQ(ask(authority).error().reason, base::Reason::kTls);
}

TEST_F(AdmissionServerTest, KeepsItsCertificateWhereTheNewOneCannotBeUsed) {
  serve();
  ASSERT_TRUE(use_certificate());
  auto mismatched = localhost_identity(authority);
  mismatched.private_key_pem = localhost_identity(authority).private_key_pem;
  for (const auto& bad :
       {mismatched, net::TlsOptions{.certificate_pem = "no PEM"}, net::TlsOptions{}}) {
    const auto used = server->use_certificate(bad);
    ASSERT_FALSE(used);
    EXPECT_EQ(used.error().reason, base::Reason::kTls);
  }
  EXPECT_TRUE(ask(authority));
}

TEST_F(AdmissionServerTest, TellsWhenTheCertificateExpires) {
  serve();
  EXPECT_THAT(metrics.exposition(), HasSubstr("\nwebhook_certificate_expiry_seconds 0\n"));
  const auto identity = localhost_identity(authority);
  ASSERT_TRUE(server->use_certificate(identity));
  const auto expiry = net::read_certificates(identity.certificate_pem)->front().validity.not_after;
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(expiry.time_since_epoch()).count();
  EXPECT_EQ(metrics
                .gauge("webhook_certificate_expiry_seconds",
                       "When the certificate of the webhook server expires, in seconds since "
                       "the epoch; 0 while there is none.")
                .value(),
            static_cast<double>(seconds));
}

TEST_F(AdmissionServerTest, IsNotReadyWithACertificateThatExpired) {
  serve();
  ASSERT_TRUE(
      server->use_certificate(authority.issue({.addresses = {"127.0.0.1"}, .expired = true})));
  const auto ready = server->ready();
  ASSERT_FALSE(ready);
  EXPECT_THAT(ready.error().message, HasSubstr("expired at 20"));
}

TEST_F(AdmissionServerTest, IsNotReadyWhileItsFilesCannotBeServed) {
  const test::CertificateVolume volume;
  CertificateFiles files({.directory = volume.path().string(), .poll_period = 10ms}, metrics,
                         telemetry::log::discarding_logger());
  serve({.until_it_listens = [&] { return files.last_look(); }});
  files.start([&](const net::TlsOptions& pair) { return server->use_certificate(pair); });
  EXPECT_TRUE(server->ready()) << "there are none";
  const auto becomes = [&](const std::string& what) {
    return test::eventually([&] {
      const auto ready = server->ready();
      const std::string seen = ready ? "ok" : ready.error().describe();
      return seen.contains(what) ? testing::AssertionSuccess()
                                 : testing::AssertionFailure() << seen;
    });
  };
  test::write_certificate_files(volume.path(), authority.issue({.expired = true}));
  EXPECT_TRUE(becomes("tls.crt expired at 20"));
  auto mismatched = localhost_identity(authority);
  mismatched.private_key_pem = localhost_identity(authority).private_key_pem;
  test::write_certificate_files(volume.path(), mismatched);
  EXPECT_TRUE(becomes("tls.key: "));
  std::filesystem::remove(volume.path() / "tls.key");
  EXPECT_TRUE(becomes("tls.key: No such file"));
  {
    const auto holder =
        net::Server::create(loop, {.bind_address = "127.0.0.1:" + std::to_string(port)},
                            [](const net::Request&) { return net::Response{}; });
    ASSERT_TRUE(holder) << holder.error().describe();
    test::write_certificate_files(volume.path(), localhost_identity(authority));
    EXPECT_TRUE(becomes("cannot listen"));
  }
  EXPECT_TRUE(becomes_ready()) << "the port is free";
  files.stop();
}

TEST_F(AdmissionServerTest, SaysWhichAddressItCannotHave) {
  const test::FakeServer holder;
  AdmissionServer second({.bind_address = "127.0.0.1:" + std::to_string(holder.port())}, {},
                         metrics, telemetry::log::discarding_logger());
  const auto used = second.use_certificate(localhost_identity(authority));
  ASSERT_FALSE(used);
  EXPECT_EQ(used.error().reason, base::Reason::kConnection);
  EXPECT_THAT(used.error().describe(), HasSubstr(std::to_string(holder.port())));
}

TEST_F(AdmissionServerTest, AnswersForAQuietPeriodAfterItIsNotReadyAnyMore) {
  constexpr auto kQuiet = 5s * test::kSlowness;
  serve({.quiet_period = kQuiet});
  ASSERT_TRUE(use_certificate());
  const auto left = base::Clock::now();
  server->leave();
  EXPECT_THAT(server->ready().error().message, HasSubstr("stopping"));
  auto stopped = std::async(std::launch::async, [&] { server->stop(); });
  EXPECT_TRUE(ask(authority));
  stopped.get();
  EXPECT_GE(base::Clock::now() - left, kQuiet);
  EXPECT_EQ(ask(authority).error().reason, base::Reason::kConnection);
}

TEST_F(AdmissionServerTest, LetsARunningRequestEndWhenItStops) {
  std::latch entered(1);
  std::latch leave(1);
  on_request = [&] {
    entered.count_down();
    leave.wait();
  };
  serve({.quiet_period = 0ms, .drain = 20s});
  ASSERT_TRUE(use_certificate());
  auto answer = std::async(std::launch::async, [&] { return ask(authority); });
  entered.wait();
  auto stopped = std::async(std::launch::async, [&] { server->stop(); });
  // Nobody new is let in meanwhile.
  EXPECT_TRUE(test::eventually([&] {
    const auto refused = ask(test::CertificateAuthority());
    return test::is("somebody new", to_string(refused.error().reason),
                    to_string(base::Reason::kConnection));
  }));
  leave.count_down();
  const auto response = answer.get();
  ASSERT_TRUE(response) << response.error().describe();
  EXPECT_EQ(response->status, 200);
  stopped.get();
}

TEST_F(AdmissionServerTest, StopsAtOnceWhereItDoesNotListen) {
  serve({.quiet_period = 24h});
  server->stop();
  EXPECT_FALSE(server->ready());
}

}  // namespace
}  // namespace runtime
