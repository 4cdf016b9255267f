// TLS and the proxy, through the client.

#include <thread>

#include <gmock/gmock.h>

#include "net/client.h"
#include "net/server.h"
#include "tests/support/certificates.h"
#include "tests/support/fake_server.h"

namespace net {
namespace {

using test::CertificateAuthority;
using test::FakeServer;
using test::Reply;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using namespace std::chrono_literals;

class TlsTest : public ::testing::Test {
 protected:
  // One GET to the server, by the name or address given.
  base::Result<Response> get(const FakeServer& server, TlsOptions tls,
                             std::string host = "127.0.0.1") {
    auto client = Client::create(
        loop, {.host = std::move(host), .port = server.port(), .tls_options = std::move(tls)});
    if (!client) return std::unexpected(client.error());
    return (*client)->send({.target = "/"});
  }
  [[nodiscard]] TlsOptions trust() const { return {.ca_pem = authority.pem()}; }

  Loop loop;
  CertificateAuthority authority;
};

TEST_F(TlsTest, AcceptsAServerByItsAddressAndByItsName) {
  FakeServer server(localhost_identity(authority));
  server.when("GET", "/").reply(Reply::text(200, std::string(100'000, 'x')));
  for (const char* host : {"127.0.0.1", "localhost"}) {
    const auto response = get(server, trust(), host);
    ASSERT_TRUE(response) << response.error().describe();
    EXPECT_THAT(response->body, SizeIs(100'000));
  }
}

TEST_F(TlsTest, ReusesTheConnectionAndCountsOneHandshake) {
  FakeServer server(localhost_identity(authority));
  server.when("GET", "/").reply(Reply::text(200, "ok"));
  const auto client =
      Client::create(loop, {.host = "127.0.0.1", .port = server.port(), .tls_options = trust()})
          .value();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(client->send({.target = "/"}));
  EXPECT_EQ(client->stats().tls_handshakes, 1U);
  EXPECT_EQ(client->stats().connections_reused, 2U);
}

TEST_F(TlsTest, WritesOnAFreshConnectionWhenTheIdleOneIsKnownToBeClosed) {
  FakeServer server(localhost_identity(authority));
  server.when("POST", "/").reply(Reply::text(200, "ok"));
  const auto client =
      Client::create(loop, {.host = "127.0.0.1", .port = server.port(), .tls_options = trust()})
          .value();
  ASSERT_TRUE(client->send({.method = Method::kPost, .target = "/"}));
  server.close_connections();
  const auto response = client->send({.method = Method::kPost, .target = "/"});
  ASSERT_TRUE(response) << response.error().describe();
}

TEST_F(TlsTest, CarriesALargeBodyBothWays) {
  FakeServer server(localhost_identity(authority));
  const std::string body(3'000'000, 'b');
  server.when("PUT", "/").reply(Reply::text(200, body));
  const auto client =
      Client::create(loop, {.host = "127.0.0.1", .port = server.port(), .tls_options = trust()})
          .value();
  const auto response = client->send({.method = Method::kPut, .target = "/", .body = body});
  ASSERT_TRUE(response) << response.error().describe();
  EXPECT_TRUE(response->body == body);
  EXPECT_TRUE(server.requests().at(0).body == body);
}

TEST_F(TlsTest, RefusesAnUnknownAuthority) {
  const FakeServer server(localhost_identity(authority));
  const CertificateAuthority other;
  const auto response = get(server, {.ca_pem = other.pem()});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().reason, base::Reason::kTls);
  EXPECT_THAT(response.error().message, HasSubstr("unable to get local issuer certificate"));
  EXPECT_THAT(server.requests(), SizeIs(0));
}

TEST_F(TlsTest, RefusesTheSystemsStoreForATestAuthority) {
  const FakeServer server(localhost_identity(authority));
  const auto response = get(server, {});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().reason, base::Reason::kTls);
}

TEST_F(TlsTest, RefusesAnotherHostsCertificate) {
  const FakeServer by_name(authority.issue({.dns_names = {"other.example.com"}}));
  const FakeServer by_address(
      authority.issue({.dns_names = {"localhost"}, .addresses = {"10.0.0.1"}}));
  const auto wrong_name = get(by_name, trust(), "localhost");
  ASSERT_FALSE(wrong_name);
  EXPECT_EQ(wrong_name.error().reason, base::Reason::kTls);
  EXPECT_THAT(wrong_name.error().message, HasSubstr("hostname mismatch"));
  const auto wrong_address = get(by_address, trust(), "127.0.0.1");
  ASSERT_FALSE(wrong_address);
  EXPECT_THAT(wrong_address.error().message, HasSubstr("IP address mismatch"));
}

TEST_F(TlsTest, RefusesAnExpiredCertificate) {
  const FakeServer server(authority.issue({.addresses = {"127.0.0.1"}, .expired = true}));
  const auto response = get(server, trust());
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().reason, base::Reason::kTls);
  EXPECT_THAT(response.error().message, HasSubstr("certificate has expired"));
}

TEST_F(TlsTest, LooksForTheServerNameInsteadOfTheHost) {
  FakeServer server(authority.issue({.dns_names = {"kubernetes.default.svc"}}));
  server.when("GET", "/").reply(Reply::text(200, "ok"));
  TlsOptions options = trust();
  options.server_name = "kubernetes.default.svc";
  EXPECT_TRUE(get(server, options));
  options.server_name = "kubernetes.default";
  EXPECT_EQ(get(server, options).error().reason, base::Reason::kTls);
}

TEST_F(TlsTest, AcceptsAnythingWhenToldToSkipVerification) {
  FakeServer server(authority.issue({.dns_names = {"other"}, .expired = true}));
  server.when("GET", "/").reply(Reply::text(200, "ok"));
  EXPECT_TRUE(get(server, {.insecure_skip_verify = true}));
}

TEST_F(TlsTest, TrustsALeafThatIsGivenAsTheAuthority) {
  const TlsOptions identity = localhost_identity(authority);
  FakeServer server(identity);
  server.when("GET", "/").reply(Reply::text(200, "ok"));
  EXPECT_TRUE(get(server, {.ca_pem = identity.certificate_pem}));
}

TEST_F(TlsTest, ShowsItsCertificateToAServerThatDemandsOne) {
  TlsOptions demanding = localhost_identity(authority);
  demanding.ca_pem = authority.pem();
  FakeServer server(demanding);
  server.when("GET", "/").reply(Reply::text(200, "ok"));
  TlsOptions with_identity = authority.issue({.dns_names = {"operator"}});
  with_identity.ca_pem = authority.pem();
  EXPECT_TRUE(get(server, with_identity));

  const auto without = get(server, trust());
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().reason, base::Reason::kTls) << without.error().describe();
}

TEST_F(TlsTest, RefusesKeysAndCertificatesThatCannotBeUsed) {
  const TlsOptions one = localhost_identity(authority);
  TlsOptions mixed = one;
  mixed.private_key_pem = localhost_identity(authority).private_key_pem;
  TlsOptions garbage = one;
  garbage.private_key_pem = "SECRET";
  for (const auto& options : {mixed, garbage, TlsOptions{.ca_pem = "no PEM"}}) {
    const auto client = Client::create(loop, {.host = "127.0.0.1", .tls_options = options});
    ASSERT_FALSE(client);
    EXPECT_EQ(client.error().reason, base::Reason::kTls);
    EXPECT_THAT(client.error().describe(), ::testing::Not(HasSubstr("SECRET")));
  }
}

TEST_F(TlsTest, UsesAReplacedCertificateForNewConnections) {
  FakeServer server(localhost_identity(authority));
  server.when("GET", "/").reply(Reply::text(200, "ok"));
  const auto client =
      Client::create(loop, {.host = "127.0.0.1", .port = server.port(), .tls_options = trust()})
          .value();
  ASSERT_TRUE(client->send({.target = "/"}));
  EXPECT_FALSE(client->replace_tls({.ca_pem = "no PEM"}));
  ASSERT_TRUE(client->send({.target = "/"})) << "nothing changes when the replacement is bad";
  const CertificateAuthority other;
  ASSERT_TRUE(client->replace_tls({.ca_pem = other.pem()}));
  EXPECT_EQ(client->send({.target = "/"}).error().reason, base::Reason::kTls);
  EXPECT_TRUE(server.wait_for_closed(2)) << "the idle connection is closed";
}

TEST_F(TlsTest, TimesOutWhenTheHandshakeStalls) {
  // Speaks plain HTTP: it waits for the end of a head that never comes.
  const FakeServer server;
  const auto client = Client::create(loop, {.host = "127.0.0.1",
                                            .port = server.port(),
                                            .tls_options = trust(),
                                            .connect_timeout = 50ms})
                          .value();
  const auto response = client->send({.target = "/"});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().reason, base::Reason::kTimeout);
  EXPECT_THAT(response.error().message, HasSubstr("no connection to 127.0.0.1"));
  EXPECT_TRUE(server.wait_for_closed(1));
}

// A body that ends with the connection is whole only if TLS says so.
TEST_F(TlsTest, DoesNotTakeATruncatedConnectionForTheEndOfABody) {
  FakeServer server(localhost_identity(authority));
  const std::string bytes = "HTTP/1.0 200 OK\r\n\r\nhalf";
  server.when("GET", "/")
      .reply(Reply::raw(bytes).cut_after(bytes.size()))
      .then(Reply::raw(bytes).then_close());
  const auto cut = get(server, trust());
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().reason, base::Reason::kConnection);
  EXPECT_TRUE(get(server, trust()));
}

class ProxyTest : public TlsTest {
 protected:
  std::unique_ptr<Client> through(const FakeServer& proxy, const FakeServer& server,
                                  std::string username = {}) {
    ProxyOptions options{
        .host = "127.0.0.1", .port = proxy.port(), .username = std::move(username)};
    if (!options.username.empty()) options.password = "secret";
    return Client::create(loop, {.host = "localhost",
                                 .port = server.port(),
                                 .tls_options = trust(),
                                 .proxy = options})
        .value();
  }
};

TEST_F(ProxyTest, TunnelsTlsThroughTheProxy) {
  FakeServer server(localhost_identity(authority));
  server.when("GET", "/").reply(Reply::text(200, "ok"));
  FakeServer proxy;
  const std::string target = "localhost:" + std::to_string(server.port());
  proxy.when("CONNECT", target).reply(Reply::tunnel_to(server.port()));
  const auto client = through(proxy, server, "user");
  for (int i = 0; i < 2; ++i) {
    const auto response = client->send({.target = "/"});
    ASSERT_TRUE(response) << response.error().describe();
  }
  ASSERT_THAT(proxy.requests(), SizeIs(1));
  EXPECT_EQ(proxy.requests()[0].header("proxy-authorization"), "Basic dXNlcjpzZWNyZXQ=");
  EXPECT_EQ(server.requests()[0].header("proxy-authorization"), "");
}

TEST_F(ProxyTest, ReportsAProxyThatRefuses) {
  const FakeServer server(localhost_identity(authority));
  FakeServer proxy;
  proxy.when("CONNECT", "localhost:" + std::to_string(server.port()))
      .reply(Reply::text(407, "who are you"));
  const auto response = through(proxy, server, "user")->send({.target = "/"});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().reason, base::Reason::kConnection);
  EXPECT_THAT(response.error().message, HasSubstr("407"));
  EXPECT_THAT(response.error().message, ::testing::Not(HasSubstr("secret")));
}

// F24
TEST_F(ProxyTest, ReportsAProxyThatDropsTheTunnel) {
  const FakeServer server(localhost_identity(authority));
  FakeServer proxy;
  proxy.when("CONNECT", "localhost:" + std::to_string(server.port()))
      .reply(Reply::raw("HTTP/1.1 2").cut_after(10));
  const auto response = through(proxy, server)->send({.target = "/"});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().reason, base::Reason::kConnection);
  EXPECT_THAT(response.error().message, HasSubstr("proxy 127.0.0.1"));
}

}  // namespace
}  // namespace net
