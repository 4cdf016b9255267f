#include "runtime/admission_endpoints.h"

#include <atomic>
#include <stdexcept>

#include <gmock/gmock.h>

#include "telemetry/log/encoder.h"
#include "telemetry/log/sink.h"

namespace runtime {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kReview = R"({
  "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
  "request": {"uid": "42", "operation": "DELETE",
    "kind": {"group": "", "version": "v1", "kind": "Pod"},
    "resource": {"group": "", "version": "v1", "resource": "pods"},
    "namespace": "team", "name": "web", "userInfo": {"username": "jane"}, "oldObject": {}}})";

net::Request review(std::string target) {
  return {.method = net::Method::kPost,
          .target = std::move(target),
          .headers = {{"Content-Type", "application/json"}},
          .body = std::string(kReview)};
}

// Counts what is written to the log.
class CountingSink final : public telemetry::log::Sink {
 public:
  void write(std::string_view /*line*/) override { ++lines; }
  std::atomic<int> lines = 0;
};

class AdmissionEndpointsTest : public ::testing::Test {
 protected:
  net::Response handle(const net::Request& request) const { return endpoints.handle(request); }
  int status_with(const std::string& header, const std::string& value) const {
    auto request = review("/allow");
    if (header == "Content-Type") request.headers.clear();
    request.headers.push_back({.name = header, .value = value});
    return handle(request).status;
  }

  int calls = 0;
  telemetry::metrics::Registry metrics;
  AdmissionEndpoints endpoints{
      {{"/allow",
        [this](const AdmissionRequest&) {
          ++calls;
          return AdmissionReply::allow();
        }},
       {"/refuse",
        [](const AdmissionRequest& request) {
          return AdmissionReply::refuse(403, "Forbidden", "not " + request.name);
        }},
       {"/throw",
        [](const AdmissionRequest&) -> AdmissionReply { throw std::runtime_error("inside"); }},
       {"/throw-a-number", [](const AdmissionRequest&) -> AdmissionReply { throw 7; }}},
      metrics,
      telemetry::log::discarding_logger()};
};

TEST_F(AdmissionEndpointsTest, AnswersWithTheReplyOfTheHandlerOfThePath) {
  const auto allowed = handle(review("/allow?timeout=5s"));
  EXPECT_EQ(allowed.status, 200);
  EXPECT_EQ(allowed.header("Content-Type"), "application/json");
  EXPECT_THAT(allowed.body, HasSubstr(R"("response":{"uid":"42","allowed":true})"));
  const auto refused = handle(review("/refuse"));
  EXPECT_EQ(refused.status, 200);
  EXPECT_THAT(refused.body, HasSubstr(R"("message":"not web")"));
}

TEST_F(AdmissionEndpointsTest, RefusesWhatIsNotAPostOfAReviewToAWebhook) {
  for (const char* path : {"/", "/allow/", "/allow/me", "/allowed", ""}) {
    EXPECT_EQ(handle(review(path)).status, 404) << path;
  }
  auto get = review("/allow");
  get.method = net::Method::kGet;
  EXPECT_EQ(handle(get).status, 405);
  EXPECT_EQ(handle(get).header("Allow"), "POST");
  auto nonsense = review("/allow");
  nonsense.body = R"({"kind": "AdmissionReview"})";
  const auto answer = handle(nonsense);
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("apiVersion is missing"));
  auto huge = review("/allow");
  huge.body = "[";
  for (std::size_t i = 0; i < kMaxReviewValues; ++i) huge.body += "1,";
  huge.body.back() = ']';
  EXPECT_EQ(handle(huge).status, 413);
  EXPECT_EQ(calls, 0);
}

TEST_F(AdmissionEndpointsTest, TellsOfNonsenseOnceHoweverOftenItComes) {
  const auto sink = std::make_shared<CountingSink>();
  const AdmissionEndpoints talking(
      {{"/allow", nullptr}}, metrics,
      telemetry::log::Logger({.sink = sink, .encoder = telemetry::log::console_encoder()}));
  for (int i = 0; i < 100; ++i) {
    auto nonsense = review("/allow");
    nonsense.body = R"({"kind": "Review)" + std::to_string(i) + R"("})";
    EXPECT_EQ(talking.handle(nonsense).status, 400);
  }
  EXPECT_EQ(sink->lines, 1);
}

TEST_F(AdmissionEndpointsTest, TakesJsonAndNothingElse) {
  EXPECT_EQ(status_with("Content-Type", "application/json; charset=utf-8"), 200);
  EXPECT_EQ(status_with("Content-Type", "application/json ;charset=utf-8"), 200);
  for (const char* type : {"", "text/plain", "application/yaml", "application/jsonp",
                           "application/vnd.kubernetes.protobuf", ";application/json"}) {
    EXPECT_EQ(status_with("Content-Type", type), 415) << type;
  }
}

TEST_F(AdmissionEndpointsTest, TakesNothingCompressed) {
  EXPECT_EQ(status_with("Content-Encoding", "identity"), 200);
  EXPECT_EQ(calls, 1);
  for (const char* coding : {"gzip", "deflate", "br", "identity, gzip"}) {
    EXPECT_EQ(status_with("Content-Encoding", coding), 415) << coding;
  }
  EXPECT_EQ(calls, 1);
}

TEST_F(AdmissionEndpointsTest, DecidesNothingWhereAHandlerThrows) {
  for (const char* path : {"/throw", "/throw-a-number"}) {
    const auto answer = handle(review(path));
    EXPECT_EQ(answer.status, 500) << path;
    EXPECT_EQ(answer.body, "internal error\n");
  }
  EXPECT_THAT(metrics.exposition(), HasSubstr("\ncontroller_runtime_webhook_panics_total 2\n"));
}

TEST_F(AdmissionEndpointsTest, CountsByPathFromTheStart) {
  EXPECT_THAT(
      metrics.exposition(),
      AllOf(
          HasSubstr(R"(controller_runtime_webhook_requests_total{webhook="/allow",code="200"} 0)"),
          HasSubstr(R"(controller_runtime_webhook_requests_total{webhook="/allow",code="500"} 0)"),
          HasSubstr(R"(controller_runtime_webhook_requests_in_flight{webhook="/allow"} 0)"),
          HasSubstr(R"(controller_runtime_webhook_latency_seconds_count{webhook="/allow"} 0)"),
          HasSubstr("\ncontroller_runtime_webhook_panics_total 0\n")));
  handle(review("/allow"));
  handle(review("/throw"));
  handle(review("/nowhere"));
  EXPECT_THAT(
      metrics.exposition(),
      AllOf(
          HasSubstr(R"(controller_runtime_webhook_requests_total{webhook="/allow",code="200"} 1)"),
          HasSubstr(R"(controller_runtime_webhook_requests_total{webhook="/throw",code="500"} 1)"),
          HasSubstr(R"(controller_runtime_webhook_latency_seconds_count{webhook="/allow"} 1)"),
          HasSubstr(R"(controller_runtime_webhook_requests_in_flight{webhook="/allow"} 0)"),
          Not(HasSubstr("/nowhere"))));
}

}  // namespace
}  // namespace runtime
