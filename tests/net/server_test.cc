#include "net/server.h"

#include <atomic>
#include <future>
#include <latch>
#include <stdexcept>

#include <gmock/gmock.h>

#include "net/client.h"
#include "tests/net/raw_client.h"
#include "tests/support/certificates.h"

namespace net {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace std::chrono_literals;

Response echo(const Request& request) {
  return {.status = 200,
          .headers = {{"X-Method", std::string(to_string(request.method))}},
          .body = request.target + " " + request.body};
}

class ServerTest : public ::testing::Test {
 protected:
  std::unique_ptr<Server> serve(Server::Handler handler = echo, ServerOptions options = {}) {
    if (options.bind_address.empty()) options.bind_address = "127.0.0.1:0";
    return Server::create(loop, std::move(options), std::move(handler)).value();
  }
  std::unique_ptr<Client> client_of(const Server& server, TlsOptions tls = {}) {
    const bool with_tls = !tls.ca_pem.empty();
    return Client::create(loop, {.host = "127.0.0.1",
                                 .port = server.port(),
                                 .tls = with_tls,
                                 .tls_options = std::move(tls)})
        .value();
  }

  Loop loop;
};

TEST_F(ServerTest, HandsTheRequestToTheHandlerAndItsAnswerBack) {
  const auto server = serve();
  const auto response = client_of(*server)->send(
      {.method = Method::kPost, .target = "/validate?timeout=10s", .body = "{}"});
  ASSERT_TRUE(response) << response.error().describe();
  EXPECT_EQ(response->body, "/validate?timeout=10s {}");
  EXPECT_EQ(response->header("x-method"), "POST");
}

TEST_F(ServerTest, KeepsTheConnection) {
  const auto server = serve();
  const auto client = client_of(*server);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(client->send({.target = "/"}));
  EXPECT_EQ(client->stats().connections_created, 1U);
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  const auto server = serve();
  const RawClient client(server->port());
  client.send("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\nConnection: close\r\n\r\n");
  const std::string answers = client.read_to_end();
  EXPECT_LT(answers.find("/1 "), answers.find("/2 ")) << answers;
  EXPECT_THAT(answers, HasSubstr("/2 "));
}

TEST_F(ServerTest, RunsHandlersSideBySideOffTheIoThread) {
  std::latch both(2);
  std::atomic<bool> on_io_thread = false;
  const auto server = serve([&](const Request& request) {
    if (loop.in_loop_thread()) on_io_thread = true;
    both.arrive_and_wait();
    return echo(request);
  });
  const auto client = client_of(*server);
  for (const auto& result : client->send_all({{.target = "/1"}, {.target = "/2"}}))
    EXPECT_TRUE(result);
  EXPECT_FALSE(on_io_thread);
}

TEST_F(ServerTest, AnswersForAHandlerThatThrows) {
  const auto server = serve([](const Request&) -> Response { throw std::runtime_error("inside"); });
  const auto response = client_of(*server)->send({.target = "/"});
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 500);
  EXPECT_THAT(response->body, ::testing::Not(HasSubstr("inside")));
}

TEST_F(ServerTest, RefusesABodyOverTheLimitAnnouncedOrNot) {
  const auto server = serve(echo, {.max_body_bytes = 10});
  EXPECT_EQ(client_of(*server)->send({.method = Method::kPost, .body = "0123456789"})->status, 200);
  EXPECT_EQ(client_of(*server)
                ->send({.method = Method::kPost, .body = std::string(1'000'000, 'x')})
                ->status,
            413);
  const RawClient chunked(server->port());
  chunked.send(
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n012345\r\n5\r\n6789A\r\n");
  chunked.send("0\r\n\r\n");
  EXPECT_THAT(chunked.read_to_end(), StartsWith("HTTP/1.1 413 "));
}

TEST_F(ServerTest, RefusesWhatIsNotHttpAndUnknownMethodsAndHugeHeaders) {
  const auto server = serve(echo, {.max_header_bytes = 16 * 1024});
  const std::vector<std::pair<std::string, std::string>> cases{
      {"nonsense\r\n\r\n", "HTTP/1.1 400 "},
      {"TRACE / HTTP/1.1\r\n\r\n", "HTTP/1.1 405 "},
      {"GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n", "HTTP/1.1 413 "}};
  for (const auto& [request, answer] : cases) {
    const RawClient client(server->port());
    client.send(request);
    EXPECT_THAT(client.read_to_end(), StartsWith(answer));
  }
}

TEST_F(ServerTest, ClosesOnARequestThatIsNeverFinished) {
  const auto server = serve(echo, {.read_timeout = 50ms});
  const RawClient slow(server->port());
  slow.send("GET / HTTP/1.1\r\nX: ");
  EXPECT_THAT(slow.read_to_end(), StartsWith("HTTP/1.1 408 "));
}

TEST_F(ServerTest, ClosesAConnectionThatSaysNothing) {
  const auto server = serve(echo, {.idle_timeout = 50ms});
  EXPECT_EQ(RawClient(server->port()).read_to_end(), "");
}

TEST_F(ServerTest, LetsARunningRequestFinishWhenItStops) {
  std::latch entered(1);
  std::latch leave(1);
  const auto server = serve([&](const Request& request) {
    entered.count_down();
    leave.wait();
    return echo(request);
  });
  const auto client = client_of(*server);
  auto answer = std::async(std::launch::async, [&] { return client->send({.target = "/"}); });
  entered.wait();
  auto stopped = std::async(std::launch::async, [&] { server->stop(10s); });
  // Nobody new is let in while the running one is waited for.
  while (RawClient(server->port()).connected()) std::this_thread::yield();
  leave.count_down();
  const auto response = answer.get();
  ASSERT_TRUE(response) << response.error().describe();
  EXPECT_EQ(response->header("connection"), "close");
  stopped.get();
}

TEST_F(ServerTest, StopsAtOnceWhenConnectionsAreIdle) {
  const auto server = serve();
  const auto client = client_of(*server);
  ASSERT_TRUE(client->send({.target = "/"}));
  const auto before = std::chrono::steady_clock::now();
  server->stop(30s);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 10s);
}

TEST_F(ServerTest, CutsWhatIsLeftAfterTheGracePeriod) {
  const auto server = serve();
  const RawClient unfinished(server->port());
  unfinished.send("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n12");
  ASSERT_TRUE(client_of(*server)->send({.target = "/"}));
  server->stop(50ms);
  EXPECT_EQ(unfinished.read_to_end(), "");
}

TEST_F(ServerTest, SpeaksTlsWithACertificateThatCanBeReplaced) {
  const test::CertificateAuthority first;
  const test::CertificateAuthority second;
  const auto server = serve(echo, {.tls = localhost_identity(first)});
  const auto old_client = client_of(*server, {.ca_pem = first.pem()});
  ASSERT_TRUE(old_client->send({.target = "/"}));
  EXPECT_FALSE(server->replace_tls({.certificate_pem = "no PEM"}));
  ASSERT_TRUE(server->replace_tls(localhost_identity(second)));
  EXPECT_TRUE(client_of(*server, {.ca_pem = second.pem()})->send({.target = "/"}));
  EXPECT_EQ(client_of(*server, {.ca_pem = first.pem()})->send({.target = "/"}).error().reason,
            base::Reason::kTls);
  EXPECT_TRUE(old_client->send({.target = "/"})) << "established connections stay";
}

TEST_F(ServerTest, DemandsAClientCertificateWhenItHasAnAuthority) {
  const test::CertificateAuthority authority;
  TlsOptions demanding = localhost_identity(authority);
  demanding.ca_pem = authority.pem();
  const auto server = serve(echo, {.tls = demanding});
  TlsOptions identified = authority.issue({.dns_names = {"apiserver"}});
  identified.ca_pem = authority.pem();
  EXPECT_TRUE(client_of(*server, identified)->send({.target = "/"}));
  EXPECT_FALSE(client_of(*server, {.ca_pem = authority.pem()})->send({.target = "/"}));
}

TEST_F(ServerTest, ClosesAConnectionThatStallsInTheHandshake) {
  const test::CertificateAuthority authority;
  const auto server = serve(echo, {.tls = localhost_identity(authority), .read_timeout = 50ms});
  EXPECT_EQ(RawClient(server->port()).read_to_end(), "");
}

TEST_F(ServerTest, SaysWhichAddressItCannotUse) {
  const auto server = serve();
  const std::string taken = "127.0.0.1:" + std::to_string(server->port());
  const auto second = Server::create(loop, {.bind_address = taken}, echo);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().reason, base::Reason::kConnection);
  EXPECT_THAT(second.error().message, HasSubstr(taken));
  for (const char* address : {"8080", "localhost:http", ":99999", "nonsense:1", ":"}) {
    const auto bad = Server::create(loop, {.bind_address = address}, echo);
    ASSERT_FALSE(bad) << address;
    EXPECT_EQ(bad.error().reason, base::Reason::kBadInput) << address;
  }
}

TEST_F(ServerTest, ListensOnEveryAddressWhenTheHostIsLeftOut) {
  const auto server = serve(echo, {.bind_address = ":0"});
  EXPECT_TRUE(client_of(*server)->send({.target = "/"}));
}

TEST(ListenDisabled, IsTheFlagValueZero) {
  EXPECT_TRUE(listen_disabled("0"));
  EXPECT_TRUE(listen_disabled(""));
  EXPECT_FALSE(listen_disabled(":0"));
}

TEST_F(ServerTest, OutlivesTheStopOfItsLoop) {
  const auto server = serve();
  const auto client = client_of(*server);
  ASSERT_TRUE(client->send({.target = "/"}));
  loop.stop();
  server->stop(10s);
}

}  // namespace
}  // namespace net
