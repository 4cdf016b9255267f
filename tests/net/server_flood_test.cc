// F22: clients that are slow, many or large must not keep others from being served.

#include <algorithm>
#include <atomic>
#include <future>
#include <latch>
#include <sys/resource.h>
#include <thread>

#include <gmock/gmock.h>

#include "net/client.h"
#include "net/server.h"
#include "tests/net/raw_client.h"
#include "tests/support/certificates.h"
#include "tests/support/eventually.h"

namespace net {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace std::chrono_literals;

constexpr std::size_t kLarge = 1000;

Response echo(const Request& request) {
  return {.status = 200, .headers = {}, .body = std::to_string(request.body.size())};
}

class ServerFloodTest : public ::testing::Test {
 protected:
  Server& serve(ServerOptions options, Server::Handler handler = echo) {
    options.bind_address = "127.0.0.1:0";
    options.large_body_bytes = kLarge;
    server = Server::create(loop, std::move(options), std::move(handler)).value();
    return *server;
  }
  // On a connection of its own.
  base::Result<Response> ask(std::size_t body_bytes = 0) {
    const auto client =
        Client::create(loop, {.host = "127.0.0.1", .port = server->port(), .tls = false}).value();
    return client->send(
        {.method = Method::kPost, .target = "/", .body = std::string(body_bytes, 'b')});
  }
  testing::AssertionResult is_answered(std::size_t body_bytes = 0) {
    const auto answer = ask(body_bytes);
    if (!answer) return testing::AssertionFailure() << answer.error().describe();
    return answer->status == 200 ? testing::AssertionSuccess()
                                 : testing::AssertionFailure() << answer->status << answer->body;
  }
  testing::AssertionResult becomes_answered(std::size_t body_bytes = 0) {
    return test::eventually([&] { return is_answered(body_bytes); });
  }
  // It has sent a request, and has its answer to read.
  RawClient idle_client() const {
    RawClient client(server->port());
    client.send("GET / HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(test::eventually([&] { return test::is("waiting", client.open(), false); }));
    return client;
  }
  RawClient slow_client() const {
    RawClient client(server->port());
    client.send("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n1");
    return client;
  }
  // It has sent more than makes a request a large one, and not all of it.
  RawClient slow_large_client() const {
    RawClient client(server->port());
    client.send("POST / HTTP/1.1\r\nContent-Length: 5000\r\n\r\n" + std::string(2 * kLarge, 'b'));
    return client;
  }
  // A second one is served while the first waits for its handler.
  std::future<base::Result<Response>> ask_aside(std::size_t body_bytes = 0) {
    return std::async(std::launch::async, [this, body_bytes] { return ask(body_bytes); });
  }

  Loop loop;
  std::unique_ptr<Server> server;
};

TEST_F(ServerFloodTest, GivesUpTheRequestThatHasBeenArrivingForLongest) {
  serve({.max_connections = 2});
  const RawClient slowest = slow_client();
  EXPECT_TRUE(becomes_answered());
  const RawClient slow = slow_client();
  EXPECT_TRUE(is_answered());
  EXPECT_EQ(slowest.read_to_end(), "");
  EXPECT_TRUE(slow.open());
}

TEST_F(ServerFloodTest, CountsAConnectionThatHasSaidNothingAsOneThatIsArriving) {
  serve({.max_connections = 1});
  const RawClient silent(server->port());
  EXPECT_TRUE(is_answered());
  EXPECT_EQ(silent.read_to_end(), "");
}

TEST_F(ServerFloodTest, GivesEveryRequestTimeToArrive) {
  serve({.max_connections = 1});
  const auto begun = std::chrono::steady_clock::now();
  const RawClient slow = slow_client();
  EXPECT_TRUE(is_answered());
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 300ms);
}

TEST_F(ServerFloodTest, GivesUpAnIdleConnectionOnlyWhereNoneIsArriving) {
  serve({.max_connections = 2});
  const RawClient idle = idle_client();
  const RawClient slow = slow_client();
  EXPECT_TRUE(is_answered());
  EXPECT_EQ(slow.read_to_end(), "");
  const RawClient answered = idle_client();
  EXPECT_TRUE(is_answered());
  EXPECT_THAT(idle.read_to_end(), StartsWith("HTTP/1.1 200 ")) << "the one idle for longest";
}

TEST_F(ServerFloodTest, KeepsAConnectionThatIsBeingAnswered) {
  std::latch entered(1);
  std::latch leave(1);
  std::atomic<int> calls = 0;
  serve({.max_connections = 1}, [&](const Request& request) {
    if (calls++ == 0) {
      entered.count_down();
      leave.wait();
    }
    return echo(request);
  });
  auto first = ask_aside();
  entered.wait();
  auto second = ask_aside();
  // It is accepted by the kernel, and by the server when there is room.
  EXPECT_EQ(second.wait_for(2 * 300ms), std::future_status::timeout);
  leave.count_down();
  EXPECT_TRUE(first.get());
  EXPECT_TRUE(second.get());
}

TEST_F(ServerFloodTest, GivesUpALargeRequestThatIsSlowForAnotherOne) {
  serve({.max_large_requests = 1});
  const RawClient slow = slow_large_client();
  EXPECT_TRUE(becomes_answered(2 * kLarge));
  EXPECT_EQ(slow.read_to_end(), "");
}

TEST_F(ServerFloodTest, RefusesALargeRequestWhereNoneMayGoAndServesSmallOnes) {
  std::latch entered(1);
  std::latch leave(1);
  serve({.max_large_requests = 1}, [&](const Request& request) {
    if (request.body.size() > 3 * kLarge) {
      entered.count_down();
      leave.wait();
    }
    return echo(request);
  });
  auto large = ask_aside(4 * kLarge);
  entered.wait();
  const auto refused = ask(2 * kLarge);
  ASSERT_TRUE(refused) << refused.error().describe();
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(refused->header("Retry-After"), "1");
  EXPECT_THAT(refused->body, HasSubstr("too many bodies of more than 1000 bytes"));
  EXPECT_TRUE(is_answered(kLarge)) << "the largest of the small ones";
  leave.count_down();
  EXPECT_TRUE(large.get());
  EXPECT_TRUE(is_answered(2 * kLarge)) << "there is room again";
}

TEST_F(ServerFloodTest, HandlesLargeRequestsOneAfterTheOther) {
  std::latch entered(1);
  std::latch leave(1);
  std::atomic<int> large = 0;
  serve({.threads = 4, .max_large_requests = 8}, [&](const Request& request) {
    if (request.body.size() > kLarge && ++large == 1) {
      entered.count_down();
      leave.wait();
    }
    return echo(request);
  });
  std::vector<std::future<base::Result<Response>>> answers;
  for (int i = 0; i < 8; ++i) answers.push_back(ask_aside(50 * kLarge));
  entered.wait();
  EXPECT_TRUE(test::throughout(300ms, [&] { return test::is("inside", large.load(), 1); }));
  EXPECT_TRUE(is_answered()) << "a small one does not wait for it";
  leave.count_down();
  for (auto& answer : answers) EXPECT_TRUE(answer.get());
  EXPECT_EQ(large, 8);
}

TEST_F(ServerFloodTest, ServesOthersWhileThousandsSendNothingOrAByteNowAndThen) {
  // More than what a process gets without asking.
  rlimit descriptors{};
  ::getrlimit(RLIMIT_NOFILE, &descriptors);
  descriptors.rlim_cur = descriptors.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &descriptors);
  const test::CertificateAuthority authority;
  serve({.tls = localhost_identity(authority)});
  std::vector<RawClient> flood;
  std::atomic<bool> over = false;
  const auto secured = [&] {
    const auto client = Client::create(loop, {.host = "127.0.0.1",
                                              .port = server->port(),
                                              .tls_options = {.ca_pem = authority.pem()}})
                            .value();
    return client->send({.target = "/"});
  };
  auto others = std::async(std::launch::async, [&] {
    int answered = 0;
    for (; !over || answered == 0; ++answered) {
      const auto answer = secured();
      EXPECT_TRUE(answer) << answer.error().describe();
      if (!answer) break;
    }
    return answered;
  });
  for (int i = 0; i < 2000; ++i) {
    flood.emplace_back(server->port());
    // A record of TLS, of which the rest never comes.
    if (i % 2 == 0) flood.back().send("\x16\x03");
  }
  EXPECT_TRUE(secured()) << "behind all of them";
  over = true;
  EXPECT_GT(others.get(), 0);
  const auto held = std::ranges::count_if(flood, &RawClient::open);
  EXPECT_LE(held, static_cast<std::ptrdiff_t>(ServerOptions{}.max_connections));
}

}  // namespace
}  // namespace net
