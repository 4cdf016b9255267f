#include "kube/client.h"

#include <fstream>
#include <string>
#include <thread>

#include <gmock/gmock.h>

#include "kube/request.h"
#include "tests/support/fake_server.h"

namespace kube {
namespace {

using base::Reason;
using test::FakeServer;
using test::Reply;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using namespace std::chrono_literals;

constexpr std::string_view kThrottled =
    R"({"kind":"Status","code":429,"reason":"TooManyRequests","message":"slow down"})";

net::Request get(std::string target) {
  return {.target = std::move(target)};
}
net::Request post(std::string target) {
  return {.method = net::Method::kPost, .target = std::move(target), .body = "{}"};
}
Reply busy(int status = 429, std::string after = "0") {
  return Reply::text(status, kThrottled, {{"Retry-After", std::move(after)}});
}

class KubeClientTest : public ::testing::Test {
 protected:
  Config config() const {
    Config made;
    made.server = {.scheme = "http", .host = "127.0.0.1", .port = server.port()};
    made.origin = "the test";
    return made;
  }
  std::unique_ptr<Client> connect(Config with) {
    return Client::connect(loop, std::move(with), {.user_agent = "capp-operator/test"}, registry,
                           telemetry::log::discarding_logger())
        .value();
  }
  std::unique_ptr<Client> connect() { return connect(config()); }
  std::string metric(std::string_view name, std::string_view labels) const {
    const std::string text = registry.exposition();
    const std::string sample = "\n" + std::string(name) + "{" + std::string(labels) +
                               ",host=\"127.0.0.1:" + std::to_string(server.port()) + "\"} ";
    const auto at = text.find(sample);
    if (at == std::string::npos) return "absent";
    const auto value = at + sample.size();
    return text.substr(value, text.find('\n', value) - value);
  }

  telemetry::metrics::Registry registry;
  net::Loop loop;
  FakeServer server;
};

TEST_F(KubeClientTest, FencesWhatChangesSomething) {
  Config with = config();
  with.server.path = "/k8s/clusters/c-1";
  bool leading = true;
  const auto client = Client::connect(loop, with,
                                      {.user_agent = "u",
                                       .fence = [&]() -> base::Result<void> {
                                         if (leading) return {};
                                         return base::fail(Reason::kNotLeader, "no lease");
                                       }},
                                      registry, telemetry::log::discarding_logger())
                          .value();
  const std::string review = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
  server.when("GET", "/k8s/clusters/c-1/api").reply(Reply::text(200, "{}"));
  server.when("POST", "/k8s/clusters/c-1/api").reply(Reply::text(200, "{}"));
  server.when("POST", "/k8s/clusters/c-1" + review).reply(Reply::text(200, "{}"));
  EXPECT_TRUE(client->send(post("/api")));
  leading = false;
  EXPECT_EQ(client->send(post("/api")).error().reason, Reason::kNotLeader);
  EXPECT_TRUE(client->send(get("/api")));
  EXPECT_TRUE(client->send(post(review)));
  EXPECT_THAT(server.requests(), SizeIs(3));
}

TEST_F(KubeClientTest, SendsWhoItIsAndBelowThePathOfTheServer) {
  Config with = config();
  with.server.path = "/k8s/clusters/c-1";
  with.credentials = BearerToken{.token = base::Redacted<std::string>("t-1")};
  with.impersonation = {
      .user = "jane", .uid = "u", .groups = {"a", "b"}, .extra = {{"x/y", {"z"}}}};
  server.when("GET", "/k8s/clusters/c-1/api").reply(Reply::text(200, "{}"));
  ASSERT_TRUE(connect(with)->send(get("/api")));
  const auto seen = server.requests().at(0);
  EXPECT_EQ(seen.header("Authorization"), "Bearer t-1");
  EXPECT_EQ(seen.header("User-Agent"), "capp-operator/test");
  EXPECT_EQ(seen.header("Impersonate-User"), "jane");
  EXPECT_EQ(seen.header("Impersonate-Uid"), "u");
  EXPECT_EQ(seen.header("Impersonate-Extra-x%2Fy"), "z");
  EXPECT_EQ(std::ranges::count(seen.headers, "Impersonate-Group", &net::Header::name), 2);
}

TEST_F(KubeClientTest, SendsNothingOfAnIdentityThatItDoesNotHave) {
  server.when("GET", "/").reply(Reply::text(200, "{}"));
  ASSERT_TRUE(connect()->send(get("/")));
  const auto seen = server.requests().at(0);
  EXPECT_EQ(seen.header("Authorization"), "");
  EXPECT_EQ(seen.header("Impersonate-User"), "");
}

TEST_F(KubeClientTest, MakesAnErrorOfEveryAnswerThatIsNoSuccess) {
  server.when("GET", "/x")
      .reply(Reply::text(404, R"({"kind":"Status","code":404,"message":"capps \"x\" not found"})"));
  const auto answer = connect()->send(get("/x"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().reason, Reason::kNotFound);
  EXPECT_EQ(answer.error().http_code, 404);
  EXPECT_EQ(answer.error().message, "capps \"x\" not found");
}

TEST_F(KubeClientTest, SendsARefusedRequestAgainAfterTheTimeTold) {
  server.when("POST", "/").reply(busy()).then(busy(503)).then(Reply::text(201, "{}"));
  const auto answer = connect()->send(post("/"));
  ASSERT_TRUE(answer) << answer.error().describe();
  EXPECT_EQ(answer->status, 201);
  EXPECT_THAT(server.requests(), SizeIs(3));
  EXPECT_EQ(metric("rest_client_requests_total", R"(code="429",method="POST")"), "1");
  EXPECT_EQ(metric("rest_client_requests_total", R"(code="503",method="POST")"), "1");
  EXPECT_EQ(metric("rest_client_requests_total", R"(code="201",method="POST")"), "1");
  EXPECT_EQ(metric("rest_client_request_retries_total", R"(code="429",verb="POST")"), "1");
}

TEST_F(KubeClientTest, GivesUpAfterTenRetries) {
  server.when("GET", "/").reply(busy());
  const auto answer = connect()->send(get("/"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().reason, Reason::kTooManyRequests);
  EXPECT_EQ(answer.error().message, "slow down");
  EXPECT_THAT(server.requests(), SizeIs(11));
}

TEST_F(KubeClientTest, DoesNotRepeatAServerErrorThatNamesNoTime) {
  server.when("GET", "/").reply(Reply::text(503, "no backend"));
  EXPECT_EQ(connect()->send(get("/")).error().reason, Reason::kUnavailable);
  EXPECT_THAT(server.requests(), SizeIs(1));
}

TEST_F(KubeClientTest, DoesNotWaitBeyondTheTimeoutOfTheRequest) {
  server.when("GET", "/").reply(busy(429, "60"));
  auto request = get("/");
  request.timeout = 30s;
  EXPECT_EQ(connect()->send(request).error().reason, Reason::kTooManyRequests);
  EXPECT_THAT(server.requests(), SizeIs(1));
}

TEST_F(KubeClientTest, EndsItsWaitWhenItIsToldToStop) {
  server.when("GET", "/").reply(busy(429, "20"));
  const auto client = connect();
  std::stop_source stop;
  std::jthread stopper([&] {
    EXPECT_TRUE(server.wait_for_requests(1));
    stop.request_stop();
  });
  EXPECT_FALSE(client->send(get("/"), stop.get_token()));
  EXPECT_THAT(server.requests(), SizeIs(1));
}

TEST_F(KubeClientTest, ReadsTheCredentialsAnewOnceAfterAnUnauthorized) {
  const std::string path = ::testing::TempDir() + "/kube_client_token";
  std::ofstream(path) << "new";
  Config with = config();
  with.credentials = BearerTokenFile{.path = path, .initial = base::Redacted<std::string>("old")};
  server.when("POST", "/").reply(Reply::text(401, "{}")).then(Reply::text(200, "{}"));
  ASSERT_TRUE(connect(with)->send(post("/")));
  ASSERT_THAT(server.requests(), SizeIs(2));
  EXPECT_EQ(server.requests().at(1).header("Authorization"), "Bearer new");
}

TEST_F(KubeClientTest, TakesASecondUnauthorizedForTheAnswer) {
  server.when("GET", "/").reply(Reply::text(401, "{}"));
  const auto answer = connect()->send(get("/"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().reason, Reason::kUnauthorized);
  EXPECT_THAT(server.requests(), SizeIs(2));
}

// R54: whether the write took effect nobody knows.
TEST_F(KubeClientTest, DoesNotRepeatAWriteWhoseConnectionWasLost) {
  server.when("GET", "/").reply(Reply::text(200, "{}"));
  server.when("POST", "/").reply(Reply::text(201, "{}").cut_after(0));
  const auto client = connect();
  ASSERT_TRUE(client->send(get("/"))) << "the next request finds a kept connection";
  const auto answer = client->send(post("/"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().reason, Reason::kConnection);
  EXPECT_THAT(server.requests(), SizeIs(2));
  EXPECT_EQ(metric("rest_client_requests_total", R"(code="<error>",method="POST")"), "1");
}

TEST_F(KubeClientTest, ReturnsTheAnswersOfManyInTheirOrder) {
  server.when("GET", "/a").reply(busy()).then(Reply::text(200, "a"));
  server.when("GET", "/b").reply(Reply::text(404, "{}"));
  server.when("GET", "/c").reply(Reply::text(200, "c"));
  const auto answers = connect()->send_all({get("/a"), get("/b"), get("/c")});
  ASSERT_THAT(answers, SizeIs(3));
  EXPECT_EQ(answers[0].value().body, "a");
  EXPECT_EQ(answers[1].error().reason, Reason::kNotFound);
  EXPECT_EQ(answers[2].value().body, "c");
  EXPECT_THAT(server.requests(), SizeIs(4)) << "only what was refused is sent again";
}

TEST_F(KubeClientTest, SaysWhichConfigurationHasBadTlsSettings) {
  Config with = config();
  with.server.scheme = "https";
  with.tls.ca.data = base::Redacted<std::string>("no PEM");
  const auto client = Client::connect(loop, with, {.user_agent = "x"}, registry,
                                      telemetry::log::discarding_logger());
  ASSERT_FALSE(client);
  EXPECT_THAT(client.error().describe(), HasSubstr("the test"));
}

TEST_F(KubeClientTest, HasNoSecretInAnErrorsWords) {
  Config with = config();
  with.credentials = BearerToken{.token = base::Redacted<std::string>("s3cret")};
  server.when("GET", "/").reply(Reply::text(403, "no"));
  EXPECT_THAT(connect(with)->send(get("/")).error().describe(), Not(HasSubstr("s3cret")));
}

}  // namespace
}  // namespace kube
