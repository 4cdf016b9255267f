// Who reads /metrics, and over what.

#include "runtime/metrics_server.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "net/client.h"
#include "tests/support/certificates.h"
#include "tests/support/fake_server.h"

namespace runtime {
namespace {

using ::test::FakeServer;
using ::test::Reply;
using ::testing::HasSubstr;

class MetricsServerTest : public ::testing::Test {
 protected:
  MetricsServerTest() {
    metrics.counter("cats_total", "Cats.").increment();
    api_server.when("POST", "/apis/authentication.k8s.io/v1/tokenreviews")
        .reply(Reply::text(201, R"({"status": {"authenticated": true,
                                               "user": {"username": "jane"}}})"));
    api_server.when("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews")
        .reply(Reply::text(201, R"({"status": {"allowed": true}})"));
  }
  base::Result<std::unique_ptr<MetricsServer>> make(std::optional<SecureMetrics> secure) {
    kube::Config config;
    config.server = {.scheme = "http", .host = "127.0.0.1", .port = api_server.port()};
    return MetricsServer::create(
        {.bind_address = fmt::format("127.0.0.1:{}", port), .secure = std::move(secure)}, config,
        "test", metrics, telemetry::log::discarding_logger());
  }
  void serve(std::optional<SecureMetrics> secure) { server = make(std::move(secure)).value(); }

  // On a connection of its own; an empty CA trusts everybody.
  base::Result<net::Response> get(const std::string& target, const std::string& token = {},
                                  const std::string& ca_pem = {}) {
    net::Loop loop;
    const auto client =
        net::Client::create(
            loop, {.host = "127.0.0.1",
                   .port = port,
                   .tls = secured,
                   .tls_options = {.ca_pem = ca_pem, .insecure_skip_verify = ca_pem.empty()}})
            .value();
    return client->send({.target = target, .headers = {{"Authorization", "Bearer " + token}}});
  }

  const std::uint16_t port = FakeServer().port();
  bool secured = true;
  FakeServer api_server;
  telemetry::metrics::Registry metrics;
  std::unique_ptr<MetricsServer> server;
};

TEST_F(MetricsServerTest, ShowsThemToEverybodyWhereItIsNotSecured) {
  secured = false;
  serve(std::nullopt);
  const auto answer = get("/metrics").value();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Content-Type"), telemetry::metrics::kTextFormat);
  EXPECT_THAT(answer.body, HasSubstr("cats_total 1\n"));
  EXPECT_EQ(get("/metrics?x=y").value().status, 200);
  EXPECT_EQ(get("/").value().status, 404);
}

TEST_F(MetricsServerTest, ShowsThemOverTlsToThoseWhoMayReadThemWhereItIs) {
  serve(SecureMetrics{});
  EXPECT_EQ(get("/metrics").value().status, 401);
  const auto answer = get("/metrics", "t-1").value();
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr("cats_total 1\n"));
}

TEST_F(MetricsServerTest, HasACertificateOfItsOwnUntilThereIsOneInTheFiles) {
  std::string folder = std::filesystem::temp_directory_path() / "capp-test.XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const test::CertificateAuthority authority;
  serve(SecureMetrics{.certificate = CertificateFilesOptions{.directory = folder}});
  EXPECT_EQ(get("/metrics", "t-1", authority.pem()).error().reason, base::Reason::kTls);
  EXPECT_EQ(get("/metrics", "t-1").value().status, 200);

  const auto identity = test::localhost_identity(authority);
  std::ofstream(folder + "/tls.key") << identity.private_key_pem;
  std::ofstream(folder + "/tls.crt") << identity.certificate_pem;
  server.reset();
  serve(SecureMetrics{.certificate = CertificateFilesOptions{.directory = folder}});
  const auto answer = get("/metrics", "t-1", authority.pem());
  ASSERT_TRUE(answer) << answer.error().describe();
  EXPECT_EQ(answer->status, 200);
  server.reset();
  std::filesystem::remove_all(folder);
}

TEST_F(MetricsServerTest, SaysWhereItCannotListen) {
  serve(SecureMetrics{});
  const auto second = make(std::nullopt);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().reason, base::Reason::kConnection);
}

}  // namespace
}  // namespace runtime
