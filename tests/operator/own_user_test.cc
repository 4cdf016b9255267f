// Whether a user is this process itself.

#include "operator/own_user.h"

#include <chrono>
#include <memory>

#include <gtest/gtest.h>

#include "tests/support/fake_server.h"

namespace op {
namespace {

using ::test::FakeServer;
using ::test::Reply;
using namespace std::chrono_literals;

constexpr base::Clock::time_point kStart{1h};

class OwnUserTest : public ::testing::Test {
 protected:
  OwnUserTest() {
    kube::Config config;
    config.server = {.scheme = "http", .host = "127.0.0.1", .port = server_.port()};
    client_ = kube::Client::connect(loop_, config, {.user_agent = "test"}, metrics_,
                                    telemetry::log::discarding_logger())
                  .value();
  }

  FakeServer::Rule& when_asked() {
    return server_.when("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews?*");
  }
  static Reply named(std::string_view name) {
    return Reply::text(
        201, std::string(R"({"status": {"userInfo": {"username": ")").append(name) + R"("}}})");
  }

  FakeServer server_;
  net::Loop loop_;
  telemetry::metrics::Registry metrics_;
  std::unique_ptr<kube::Client> client_;
};

TEST_F(OwnUserTest, IsAskedForUntilItIsKnown) {
  when_asked().reply(Reply::text(500, "{}")).then(named("dana"));
  OwnUser own(*client_);
  EXPECT_FALSE(own.is("dana", kStart));
  EXPECT_TRUE(own.is("dana", kStart + 10s));
  EXPECT_FALSE(own.is("somebody", kStart + 1h));
  EXPECT_EQ(server_.requests().size(), 2U);
}

TEST_F(OwnUserTest, IsNotAskedForByEachWriteWhileNobodyAnswers) {
  when_asked().reply(Reply::text(500, "{}"));
  OwnUser own(*client_);
  for (const auto after : {0s, 1s, 9s}) EXPECT_FALSE(own.is("dana", kStart + after));
  EXPECT_EQ(server_.requests().size(), 1U);
}

// Of two that ask at a time the one that fails ends last.
TEST_F(OwnUserTest, StaysKnownWhereAnotherQuestionFails) {
  when_asked().reply(Reply::text(500, "{}").held()).then(named("dana"));
  OwnUser own(*client_);
  std::jthread failing([&] { EXPECT_TRUE(own.is("dana", kStart)); });
  ASSERT_TRUE(server_.wait_for_requests(1));
  EXPECT_TRUE(own.is("dana", kStart));
  server_.release();
  failing.join();
  EXPECT_TRUE(own.is("dana", kStart));
  EXPECT_EQ(server_.requests().size(), 2U);
}

}  // namespace
}  // namespace op
