// Who may scrape, by an API server that says so, or does not.

#include "runtime/metrics_auth.h"

#include <algorithm>
#include <memory>
#include <string>
#include <thread>

#include <gmock/gmock.h>

#include "tests/support/fake_server.h"

namespace runtime {
namespace {

using ::test::FakeServer;
using ::test::Reply;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

constexpr const char* kTokenReviews = "/apis/authentication.k8s.io/v1/tokenreviews";
constexpr const char* kAccessReviews = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
constexpr std::string_view kJane = R"({"status": {"authenticated": true, "user": {
    "username": "jane", "uid": "u", "groups": ["a"], "extra": {"k": ["v"]}}}})";
constexpr std::string_view kNobody =
    R"({"status": {"authenticated": false, "error": "[invalid bearer token]"}})";
constexpr std::string_view kAllowed = R"({"status": {"allowed": true}})";
constexpr std::string_view kDenied = R"({"status": {"allowed": false, "reason": "no RBAC"}})";

class MetricsAuthTest : public ::testing::Test {
 protected:
  MetricsAuthTest() {
    kube::Config config;
    config.server = {.scheme = "http", .host = "127.0.0.1", .port = server.port()};
    client = kube::Client::connect(loop, std::move(config), {.user_agent = "test"}, registry,
                                   telemetry::log::discarding_logger())
                 .value();
    auth = with({});
  }
  std::unique_ptr<MetricsAuth> with(const MetricsAuthOptions& options) {
    return std::make_unique<MetricsAuth>(options, *client, telemetry::log::discarding_logger());
  }
  void server_says(Reply of_token, Reply of_right) {
    server.when("POST", kTokenReviews).reply(std::move(of_token));
    server.when("POST", kAccessReviews).reply(std::move(of_right));
  }
  void server_says(std::string_view of_token, std::string_view of_right) {
    server_says(Reply::text(201, of_token), Reply::text(201, of_right));
  }
  // 200 where it may pass.
  int scrape(std::string_view authorization) {
    const auto refusal = auth->refuse(
        {.target = "/metrics?x=y", .headers = {{"Authorization", std::string(authorization)}}});
    return refusal ? refusal->status : 200;
  }
  std::size_t reviews(std::string_view target) const {
    return static_cast<std::size_t>(
        std::ranges::count(server.requests(), target, &test::SeenRequest::target));
  }

  FakeServer server;
  net::Loop loop;
  telemetry::metrics::Registry registry;
  std::unique_ptr<kube::Client> client;
  std::unique_ptr<MetricsAuth> auth;
};

TEST_F(MetricsAuthTest, RefusesWhoBringsNoTokenWithoutAsking) {
  for (const char* authorization : {"", "Basic dTpw", "Bearer", "Bearer ", "Bearertoken"}) {
    EXPECT_EQ(scrape(authorization), 401) << authorization;
  }
  const auto refusal = auth->refuse({.target = "/metrics"});
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->header("WWW-Authenticate"), "Bearer");
  EXPECT_EQ(server.requests().size(), 0U);
}

TEST_F(MetricsAuthTest, RefusesATokenThatIsNobodys) {
  server_says(kNobody, kAllowed);
  EXPECT_EQ(scrape("Bearer t-1"), 401);
  EXPECT_EQ(scrape("Bearer t-1"), 401);
  EXPECT_EQ(reviews(kTokenReviews), 1U);
  EXPECT_EQ(reviews(kAccessReviews), 0U);
}

TEST_F(MetricsAuthTest, RefusesAUserWithoutTheRight) {
  server_says(kJane, kDenied);
  EXPECT_EQ(scrape("Bearer t-1"), 403);
}

TEST_F(MetricsAuthTest, LetsAUserWithTheRightPass) {
  server_says(kJane, kAllowed);
  EXPECT_EQ(scrape("bearer  t-1"), 200);
  const auto asked = server.requests();
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_THAT(asked[0].body, HasSubstr(R"("spec":{"token":"t-1"})"));
  EXPECT_THAT(asked[1].body,
              HasSubstr(R"("spec":{"user":"jane","nonResourceAttributes":{"path":"/metrics",)"
                        R"("verb":"get"},"uid":"u","groups":["a"],"extra":{"k":["v"]}})"));
}

TEST_F(MetricsAuthTest, AsksOnceForTheSameTokenAndRight) {
  server_says(kJane, kAllowed);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(scrape("Bearer t-1"), 200);
  EXPECT_EQ(scrape("Bearer t-2"), 200);
  EXPECT_EQ(reviews(kTokenReviews), 2U);
  EXPECT_EQ(reviews(kAccessReviews), 1U);
}

TEST_F(MetricsAuthTest, SaysThatItCannotTellWhereTheApiServerFails) {
  server_says(Reply::text(403, R"({"kind": "Status", "code": 403, "reason": "Forbidden"})"),
              Reply::text(201, kAllowed));
  EXPECT_EQ(scrape("Bearer t-1"), 500);
  EXPECT_EQ(scrape("Bearer t-1"), 500);
  EXPECT_EQ(reviews(kTokenReviews), 2U);
}

TEST_F(MetricsAuthTest, WaitsNoLongerThanItsTimeForASlowApiServer) {
  auth = with({.timeout = 200ms});
  server_says(Reply::text(201, kJane).held(), Reply::text(201, kAllowed));
  const auto begin = base::Clock::now();
  EXPECT_EQ(scrape("Bearer t-1"), 500);
  EXPECT_LT(base::Clock::now() - begin, 5s);
  server.release();
}

TEST_F(MetricsAuthTest, LetsThoseItKnowsPassWhileReviewsAreSlow) {
  auth = with({.max_reviews_of_strangers = 1});
  server.when("POST", kTokenReviews)
      .reply(Reply::text(201, kJane))
      .then(Reply::text(201, kJane).held());
  server.when("POST", kAccessReviews).reply(Reply::text(201, kAllowed));
  ASSERT_EQ(scrape("Bearer known"), 200);
  std::jthread slow([this] { EXPECT_EQ(scrape("Bearer slow"), 200); });
  ASSERT_TRUE(server.wait_for_requests(3));
  EXPECT_EQ(scrape("Bearer known"), 200);
  EXPECT_EQ(scrape("Bearer one-more"), 500);
  EXPECT_EQ(reviews(kTokenReviews), 2U);
  server.release();
}

TEST_F(MetricsAuthTest, AsksForThoseItKnewWhileStrangersWait) {
  auth = with({.max_reviews = 2, .max_reviews_of_strangers = 1, .remember_token = 0ms});
  server.when("POST", kTokenReviews)
      .reply(Reply::text(201, kJane))
      .then(Reply::text(201, kNobody).held())
      .then(Reply::text(201, kJane));
  server.when("POST", kAccessReviews).reply(Reply::text(201, kAllowed));
  ASSERT_EQ(scrape("Bearer known"), 200);
  std::jthread slow([this] { EXPECT_EQ(scrape("Bearer invented"), 401); });
  ASSERT_TRUE(server.wait_for_requests(3));
  EXPECT_EQ(scrape("Bearer one-more"), 500);
  EXPECT_EQ(scrape("Bearer known"), 200);
  server.release();
}

TEST_F(MetricsAuthTest, ForgetsNobodyItKnowsForInventedTokens) {
  server.when("POST", kTokenReviews).reply(Reply::text(201, kJane)).then(Reply::text(201, kNobody));
  server.when("POST", kAccessReviews).reply(Reply::text(201, kAllowed));
  ASSERT_EQ(scrape("Bearer known"), 200);
  for (int i = 0; i < 1100; ++i) ASSERT_EQ(scrape("Bearer " + std::to_string(i)), 401);
  EXPECT_EQ(scrape("Bearer known"), 200);
  EXPECT_EQ(reviews(kAccessReviews), 1U);
}

TEST_F(MetricsAuthTest, GivesUpWhatIsUnderWayWhenItStops) {
  server_says(Reply::text(201, kJane).held(), Reply::text(201, kAllowed));
  std::jthread slow([this] { EXPECT_EQ(scrape("Bearer t-1"), 500); });
  ASSERT_TRUE(server.wait_for_requests(1));
  auth->stop();
  slow.join();
  server.release();
}

TEST_F(MetricsAuthTest, TellsNobodyTheToken) {
  server_says(kNobody, kAllowed);
  const auto refusal =
      auth->refuse({.target = "/metrics", .headers = {{"Authorization", "Bearer secret-token"}}});
  EXPECT_THAT(refusal->body, Not(HasSubstr("secret-token")));
}

}  // namespace
}  // namespace runtime
