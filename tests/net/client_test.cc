#include "net/client.h"

#include <future>
#include <thread>

#include <gmock/gmock.h>

#include "tests/support/fake_server.h"

namespace net {
namespace {

using test::FakeServer;
using test::Reply;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using namespace std::chrono_literals;

Request get(std::string target) {
  return {.target = std::move(target)};
}
Request post(std::string target, std::string body) {
  return {.method = Method::kPost, .target = std::move(target), .body = std::move(body)};
}

std::unique_ptr<Client> client_of(Loop& loop, const FakeServer& server,
                                  const std::function<void(ClientOptions&)>& adjust = {}) {
  ClientOptions options{.host = "127.0.0.1", .port = server.port(), .tls = false};
  if (adjust) adjust(options);
  return Client::create(loop, options).value();
}

std::string describe(const base::Result<Response>& result) {
  if (!result)
    return std::string(to_string(result.error().reason)) + ": " + result.error().describe();
  return std::to_string(result->status) + " " + result->body;
}

class ClientTest : public ::testing::Test {
 protected:
  Loop loop;
  FakeServer server;
};

TEST_F(ClientTest, SendsHeadersAndBodyAndReturnsTheAnswer) {
  server.when("POST", "/pods?x=1").reply(Reply::text(201, "made", {{"X-Uid", "7"}}));
  const auto client = client_of(loop, server);
  Request request = post("/pods?x=1", "{}");
  request.headers = {{"Authorization", "Bearer t"}};
  const auto response = client->send(request);
  ASSERT_TRUE(response) << describe(response);
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->body, "made");
  EXPECT_EQ(response->header("x-uid"), "7");
  const auto seen = server.requests().at(0);
  EXPECT_EQ(seen.body, "{}");
  EXPECT_EQ(seen.header("authorization"), "Bearer t");
  EXPECT_EQ(seen.header("host"), "127.0.0.1:" + std::to_string(server.port()));
}

TEST_F(ClientTest, ReadsAnAnswerThatComesByteByByte) {
  server.when("GET", "/")
      .reply(Reply::chunked(200, {"one", "two\n", std::string(300, 'x')}).in_pieces(1));
  const auto response = client_of(loop, server)->send(get("/"));
  EXPECT_EQ(describe(response), "200 onetwo\n" + std::string(300, 'x'));
}

TEST_F(ClientTest, ReadsABodyThatEndsWithTheConnection) {
  server.when("GET", "/").reply(Reply::raw("HTTP/1.0 200 OK\r\n\r\nuntil the end").then_close());
  EXPECT_EQ(describe(client_of(loop, server)->send(get("/"))), "200 until the end");
}

TEST_F(ClientTest, SkipsInformationalAnswers) {
  server.when("GET", "/")
      .reply(Reply::raw("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 "
                        "OK\r\nContent-Length: 1\r\n\r\ny"));
  EXPECT_EQ(describe(client_of(loop, server)->send(get("/"))), "200 y");
}

TEST_F(ClientTest, ReturnsAnAnswerOfAnyStatus) {
  server.when("GET", "/").reply(Reply::text(503, "later"));
  EXPECT_EQ(describe(client_of(loop, server)->send(get("/"))), "503 later");
}

TEST_F(ClientTest, ReusesAConnection) {
  server.when("GET", "/").reply(Reply::text(200, "ok"));
  const auto client = client_of(loop, server);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(client->send(get("/")));
  EXPECT_EQ(server.connections(), 1U);
  const ClientStats stats = client->stats();
  EXPECT_EQ(stats.connections_created, 1U);
  EXPECT_EQ(stats.connections_reused, 4U);
  EXPECT_EQ(stats.idle, 1U);
  EXPECT_EQ(stats.open, 1U);
  EXPECT_EQ(stats.in_flight, 0U);
}

TEST_F(ClientTest, DoesNotReuseAConnectionThatTheServerCloses) {
  server.when("GET", "/")
      .reply(Reply::raw("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"));
  const auto client = client_of(loop, server);
  ASSERT_TRUE(client->send(get("/")));
  EXPECT_EQ(client->stats().idle, 0U);
  ASSERT_TRUE(client->send(get("/")));
  EXPECT_EQ(server.connections(), 2U);
}

TEST_F(ClientTest, DoesNotReuseAConnectionWithUnexpectedBytes) {
  server.when("GET", "/")
      .reply(Reply::raw("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nyHTTP/1.1 200 forged\r\n"));
  const auto client = client_of(loop, server);
  EXPECT_EQ(describe(client->send(get("/"))), "200 y");
  EXPECT_EQ(describe(client->send(get("/"))), "200 y");
  EXPECT_EQ(server.connections(), 2U);
}

TEST_F(ClientTest, WritesOnAFreshConnectionWhenTheIdleOneIsKnownToBeClosed) {
  server.when("POST", "/").reply(Reply::text(200, "ok"));
  const auto client = client_of(loop, server);
  ASSERT_TRUE(client->send(post("/", "1")));
  server.close_connections();
  EXPECT_EQ(describe(client->send(post("/", "2"))), "200 ok");
  EXPECT_THAT(server.requests(), SizeIs(2));
}

TEST_F(ClientTest, RepeatsAGetOnceWhenAReusedConnectionDiesBeforeTheAnswer) {
  server.when("GET", "/")
      .reply(Reply::text(200, "first"))
      .then(Reply::raw("").cut_after(0))
      .then(Reply::text(200, "again"));
  const auto client = client_of(loop, server);
  ASSERT_TRUE(client->send(get("/")));
  EXPECT_EQ(describe(client->send(get("/"))), "200 again");
  EXPECT_THAT(server.requests(), SizeIs(3));
}

TEST_F(ClientTest, DoesNotRepeatAGetOnAFreshConnection) {
  server.when("GET", "/").reply(Reply::raw("").cut_after(0));
  const auto response = client_of(loop, server)->send(get("/"));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().reason, base::Reason::kConnection);
  EXPECT_THAT(server.requests(), SizeIs(1));
}

TEST_F(ClientTest, DoesNotRepeatAGetWhoseAnswerHadBegun) {
  server.when("GET", "/")
      .reply(Reply::text(200, "first"))
      .then(Reply::text(200, "second").cut_after(10));
  const auto client = client_of(loop, server);
  ASSERT_TRUE(client->send(get("/")));
  const auto response = client->send(get("/"));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().reason, base::Reason::kConnection);
  EXPECT_THAT(server.requests(), SizeIs(2));
}

// R54: the server may have carried it out.
TEST_F(ClientTest, NeverRepeatsAWriteAndSaysThatItsOutcomeIsUnknown) {
  server.when("POST", "/").reply(Reply::text(200, "first")).then(Reply::raw("").cut_after(0));
  const auto client = client_of(loop, server);
  ASSERT_TRUE(client->send(post("/", "1")));
  const auto response = client->send(post("/", "2"));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().reason, base::Reason::kConnection);
  EXPECT_THAT(response.error().message,
              HasSubstr("whether the server has carried it out is not known"));
  EXPECT_THAT(server.requests(), SizeIs(2));
}

TEST_F(ClientTest, ReadsTheRefusalOfABodyThatTheServerDidNotReadToItsEnd) {
  server.when("POST", "/").reply(Reply::text(413, "too big").before_the_body().then_close());
  const auto client = client_of(loop, server);
  const auto response = client->send(post("/", std::string(8'000'000, 'x')));
  EXPECT_EQ(describe(response), "413 too big");
}

TEST_F(ClientTest, ReportsEveryKindOfEarlyEndAsConnection) {
  const Reply whole = Reply::text(200, "body", {{"X", "y"}});
  for (std::size_t cut = 0; cut < whole.bytes.size(); ++cut) {
    server.when("GET", "/").reply(Reply(whole).cut_after(cut));
    const auto response = client_of(loop, server)->send(get("/"));
    ASSERT_FALSE(response) << cut << ": " << describe(response);
    EXPECT_EQ(response.error().reason, base::Reason::kConnection)
        << cut << ": " << describe(response);
  }
}

TEST_F(ClientTest, ReportsWhatIsNotHttpAsProtocol) {
  const std::vector<std::string> answers{
      "SSH-2.0-OpenSSH\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcdef\r\n",
      "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx",
      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx",
      "HTTP/1.1 101 Switching Protocols\r\n\r\n"};
  for (const auto& answer : answers) {
    server.when("GET", "/").reply(Reply::raw(answer).stall_after(answer.size()));
    const auto response = client_of(loop, server)->send(get("/"));
    ASSERT_FALSE(response) << answer;
    EXPECT_EQ(response.error().reason, base::Reason::kProtocol) << answer << describe(response);
  }
}

TEST_F(ClientTest, BoundsHeadersHoweverTheyArrive) {
  const std::string huge = "HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x') + "\r\n\r\n";
  std::string many = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 7'000; ++i) many += "X-Header: y\r\n";
  const std::string chunk_line =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(70'000, 'x');
  for (const auto& bytes : {huge, many, chunk_line}) {
    server.when("GET", "/").reply(Reply::raw(bytes).in_pieces(13).stall_after(bytes.size()));
    const auto response = client_of(loop, server)->send(get("/"));
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().reason, base::Reason::kTooLarge) << describe(response);
  }
}

TEST_F(ClientTest, BoundsTheBody) {
  const auto limit = [](ClientOptions& options) { options.limits.body_bytes = 10; };
  server.when("GET", "/10").reply(Reply::text(200, "0123456789"));
  server.when("GET", "/11").reply(Reply::text(200, "0123456789A"));
  server.when("GET", "/chunked").reply(Reply::chunked(200, {"012345", "6789A"}));
  const auto client = client_of(loop, server, limit);
  EXPECT_TRUE(client->send(get("/10")));
  for (const char* target : {"/11", "/chunked"}) {
    const auto response = client->send(get(target));
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().reason, base::Reason::kTooLarge) << describe(response);
  }
}

TEST_F(ClientTest, RefusesARequestThatWouldBreakOutOfItsLine) {
  const auto client = client_of(loop, server);
  Request smuggled = get("/");
  smuggled.headers = {{"X", "a\r\nEvil: b"}};
  Request bad_name = get("/");
  bad_name.headers = {{"X y", "a"}};
  for (const auto& request :
       {get("/a b"), get("/a\r\nEvil: b"), get("no-slash"), smuggled, bad_name}) {
    const auto response = client->send(request);
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().reason, base::Reason::kBadInput);
  }
  EXPECT_EQ(server.connections(), 0U);
}

TEST_F(ClientTest, TimesOutAtEveryStageOfAnAnswer) {
  const Reply whole = Reply::chunked(200, {"body"});
  for (const std::size_t stall :
       {std::size_t{0}, std::size_t{9}, std::size_t{30}, whole.bytes.size() - 1}) {
    server.when("GET", "/").reply(Reply(whole).stall_after(stall));
    const auto client = client_of(loop, server);
    Request request = get("/");
    request.timeout = 50ms;
    const auto response = client->send(request);
    ASSERT_FALSE(response) << stall;
    EXPECT_EQ(response.error().reason, base::Reason::kTimeout) << describe(response);
    EXPECT_THAT(response.error().message, HasSubstr("GET 127.0.0.1:"));
  }
  EXPECT_TRUE(server.wait_for_closed(4)) << "a connection that timed out must not be kept";
}

TEST_F(ClientTest, TimesOutWhileItWaitsForTheWindow) {
  server.when("GET", "/held").reply(Reply::text(200, "ok").held());
  const auto client = client_of(loop, server, [](auto& options) { options.max_connections = 1; });
  auto first = std::async(std::launch::async, [&] { return client->send(get("/held")); });
  ASSERT_TRUE(server.wait_for_requests(1));
  Request second = post("/", "{}");
  second.timeout = 50ms;
  const auto response = client->send(second);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().reason, base::Reason::kTimeout);
  EXPECT_THAT(response.error().message, ::testing::Not(HasSubstr("not known")))
      << "nothing was sent";
  server.release();
  EXPECT_EQ(describe(first.get()), "200 ok");
  EXPECT_THAT(server.requests(), SizeIs(1));
}

TEST_F(ClientTest, CancelsAtOnceAndThrowsTheConnectionAway) {
  server.when("POST", "/").reply(Reply::raw("").stall_after(0));
  const auto client = client_of(loop, server);
  std::stop_source stop;
  auto answer = std::async(std::launch::async,
                           [&] { return client->send(post("/", "x"), stop.get_token()); });
  ASSERT_TRUE(server.wait_for_requests(1));
  stop.request_stop();
  const auto response = answer.get();
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().reason, base::Reason::kCancelled);
  EXPECT_THAT(response.error().message, HasSubstr("not known"));
  EXPECT_TRUE(server.wait_for_closed(1));
  EXPECT_EQ(client->stats().idle, 0U);
}

TEST_F(ClientTest, SendsNothingWhenTheTokenFiredBefore) {
  std::stop_source stop;
  stop.request_stop();
  const auto response = client_of(loop, server)->send(get("/"), stop.get_token());
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().reason, base::Reason::kCancelled);
  EXPECT_EQ(server.connections(), 0U);
}

TEST_F(ClientTest, SendsABatchSideBySideAndKeepsItsOrder) {
  for (const char* target : {"/0", "/1", "/2"}) {
    server.when("GET", target).reply(Reply::text(200, target).held());
  }
  const auto client = client_of(loop, server);
  auto answers = std::async(std::launch::async,
                            [&] { return client->send_all({get("/0"), get("/1"), get("/2")}); });
  // All three are there before any is answered.
  ASSERT_TRUE(server.wait_for_requests(3));
  for (int i = 0; i < 3; ++i) server.release();
  const auto results = answers.get();
  ASSERT_THAT(results, SizeIs(3));
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(describe(results[i]), "200 /" + std::to_string(i));
}

TEST_F(ClientTest, KeepsToTheWindow) {
  server.when("GET", "/").reply(Reply::text(200, "ok").held());
  const auto client = client_of(loop, server);
  client->set_window(2);
  auto answers = std::async(std::launch::async, [&] {
    return client->send_all({get("/"), get("/"), get("/"), get("/"), get("/")});
  });
  ASSERT_TRUE(server.wait_for_requests(2));
  EXPECT_EQ(client->stats().in_flight, 2U);
  EXPECT_EQ(client->stats().waiting, 3U);
  EXPECT_THAT(server.requests(), SizeIs(2));
  for (int i = 0; i < 5; ++i) server.release();
  for (const auto& result : answers.get()) EXPECT_EQ(describe(result), "200 ok");
  EXPECT_EQ(server.connections(), 2U);
}

TEST_F(ClientTest, AnswersManyThreads) {
  server.when("GET", "/").reply(Reply::text(200, "ok"));
  const auto client = client_of(loop, server, [](auto& options) { options.max_connections = 4; });
  std::vector<std::future<int>> threads;
  for (int t = 0; t < 8; ++t) {
    threads.push_back(std::async(std::launch::async, [&] {
      int answered = 0;
      for (int i = 0; i < 50; ++i) answered += client->send(get("/")).has_value() ? 1 : 0;
      return answered;
    }));
  }
  for (auto& thread : threads) EXPECT_EQ(thread.get(), 50);
  EXPECT_LE(server.connections(), 4U);
}

TEST_F(ClientTest, AsksTheGateOnTheIoThreadRightBeforeSending) {
  server.when("GET", "/").reply(Reply::text(200, "ok"));
  const auto client = client_of(loop, server);
  bool on_io_thread = false;
  client->set_gate([&](const Request& request) -> base::Result<void> {
    on_io_thread = loop.in_loop_thread();
    if (request.method == Method::kGet) return {};
    return base::fail(base::Reason::kNotLeader, "the lease has run out");
  });
  EXPECT_TRUE(client->send(get("/")));
  EXPECT_TRUE(on_io_thread);
  const auto refused = client->send(post("/", "{}"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, base::Reason::kNotLeader);
  EXPECT_THAT(server.requests(), SizeIs(1));
  EXPECT_EQ(client->stats().idle, 1U) << "the connection itself is sound";
}

TEST_F(ClientTest, EnforcesTheGateOnWhatIsUnderWayAndWhatWaits) {
  server.when("POST", "/").reply(Reply::text(200, "ok").held());
  const auto client = client_of(loop, server, [](auto& options) { options.max_connections = 1; });
  std::atomic<bool> open = true;
  client->set_gate([&](const Request&) -> base::Result<void> {
    if (open) return {};
    return base::fail(base::Reason::kNotLeader, "the lease has run out");
  });
  std::jthread closing([&] {
    ASSERT_TRUE(server.wait_for_requests(1));
    open = false;
    client->enforce_gate();
    EXPECT_EQ(client->stats().in_flight, 0U) << "it has returned too early";
    EXPECT_EQ(client->stats().waiting, 0U);
  });
  const auto results = client->send_all({post("/", "{}"), post("/", "{}")});
  EXPECT_EQ(results[0].error().reason, base::Reason::kNotLeader);
  EXPECT_THAT(results[0].error().message, HasSubstr("not known"));
  EXPECT_EQ(results[1].error().reason, base::Reason::kNotLeader);
  EXPECT_THAT(results[1].error().message, ::testing::Not(HasSubstr("not known")));
  EXPECT_THAT(server.requests(), SizeIs(1));
  server.release();
}

TEST_F(ClientTest, ThousandsOfRefusedRequestsDoNotNest) {
  const auto client = client_of(loop, server, [](auto& options) { options.max_connections = 1; });
  client->set_gate([](const Request&) -> base::Result<void> {
    return base::fail(base::Reason::kNotLeader, "no");
  });
  const auto results = client->send_all(std::vector<Request>(20'000, get("/")));
  for (const auto& result : results) ASSERT_EQ(result.error().reason, base::Reason::kNotLeader);
}

TEST_F(ClientTest, ClosesConnectionsThatWereIdleTooLong) {
  server.when("GET", "/").reply(Reply::text(200, "ok"));
  const auto client = client_of(loop, server, [](auto& options) { options.idle_timeout = 20ms; });
  ASSERT_TRUE(client->send(get("/")));
  EXPECT_TRUE(server.wait_for_closed(1));
}

TEST_F(ClientTest, ReportsARefusedConnection) {
  std::uint16_t free_port = 0;
  {
    const FakeServer gone;
    free_port = gone.port();
  }
  const auto client =
      Client::create(loop, {.host = "127.0.0.1", .port = free_port, .tls = false}).value();
  const auto response = client->send(post("/", "{}"));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().reason, base::Reason::kConnection);
  EXPECT_THAT(response.error().message,
              AllOf(HasSubstr("refused"), ::testing::Not(HasSubstr("not known"))));
}

TEST_F(ClientTest, TriesEveryAddressOfAName) {
  // localhost is ::1 and 127.0.0.1 on most hosts; the server listens on the latter only.
  server.when("GET", "/").reply(Reply::text(200, "ok"));
  const auto client = client_of(loop, server, [](auto& options) { options.host = "localhost"; });
  EXPECT_EQ(describe(client->send(get("/"))), "200 ok");
}

TEST_F(ClientTest, ReportsANameThatCannotBeResolved) {
  const auto client =
      Client::create(loop, {.host = "no-such-host.invalid", .port = 1, .tls = false}).value();
  const auto response = client->send(get("/"));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().reason, base::Reason::kConnection);
  EXPECT_THAT(response.error().message, HasSubstr("no-such-host.invalid"));
}

TEST_F(ClientTest, EndsEverythingWhenTheLoopStops) {
  server.when("GET", "/").reply(Reply::raw("").stall_after(0));
  const auto client = client_of(loop, server, [](auto& options) { options.max_connections = 1; });
  auto answers =
      std::async(std::launch::async, [&] { return client->send_all({get("/"), get("/")}); });
  ASSERT_TRUE(server.wait_for_requests(1));
  loop.stop();
  for (const auto& result : answers.get())
    EXPECT_EQ(result.error().reason, base::Reason::kCancelled);
  EXPECT_EQ(client->send(get("/")).error().reason, base::Reason::kCancelled) << "also afterwards";
}

}  // namespace
}  // namespace net
