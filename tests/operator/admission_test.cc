// What the webhooks find out before they judge: of other Capps, of DNS, of Secrets, of themselves.

#include "operator/admission.h"

#include <future>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "capp/admission/mutate.h"
#include "capp/capp.h"
#include "capp/kinds.h"
#include "tests/support/fake_server.h"

namespace op {
namespace {

using capp::admission::Resolution;
using ::runtime::AdmissionReply;
using ::runtime::AdmissionRequest;
using ::test::FakeServer;
using ::test::Reply;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::string_view kNothing = R"({"kind": "APIGroupDiscoveryList", "items": []})";

object::RecordPtr a_capp_record(std::string_view name, std::string_view hostname,
                                bool terminating = false) {
  auto record = std::make_shared<object::Record>();
  record->key = {.ns = "elsewhere", .name = std::string(name)};
  record->uid = std::string("uid-of-").append(name);
  record->resource_version = 7;
  record->terminating = terminating;
  record->body = fmt::format(R"({{"spec": {{"routeSpec": {{"hostname": "{}"}}}}}})", hostname);
  return record;
}

class AdmissionTest : public ::testing::Test {
 protected:
  AdmissionTest() {
    for (const char* path : {"/api", "/apis"})
      server_.when("GET", path).reply(Reply::text(200, kNothing));
    runtime::ManagerOptions options{.config = {},
                                    .user_agent = "test",
                                    .applier = {},
                                    .metrics_address = "0",
                                    .probe_address = "0",
                                    .events = {}};
    options.config.server = {.scheme = "http", .host = "127.0.0.1", .port = server_.port()};
    manager_ =
        runtime::Manager::create(std::move(options), telemetry::log::discarding_logger()).value();
    kube::Config config;
    config.server = {.scheme = "http", .host = "127.0.0.1", .port = server_.port()};
    client_ =
        kube::Client::connect(loop_, config,
                              {.user_agent = "admission", .max_in_flight = Admission::kMaxInFlight},
                              manager_->metrics(), telemetry::log::discarding_logger())
            .value();
    configuration_ = std::make_unique<Configuration>(*manager_, "ops");
    configuration_->on_change([](const auto&, const auto&) {});
    admission_ =
        std::make_unique<Admission>(*manager_, *client_, *configuration_, capps_,
                                    AdmissionOptions{.cluster_domain = "cluster.local",
                                                     .resolve = [this](const std::string& host) {
                                                       looked_up.push_back(host);
                                                       return resolution;
                                                     }});
  }

  // Until the manager has read all that there is, which is nothing.
  void work() {
    std::promise<void> begun;
    manager_->on_leading([&] { begun.set_value(); });
    process_ =
        std::jthread([this](const std::stop_token& stop) { EXPECT_TRUE(manager_->run(stop)); });
    begun.get_future().wait();
  }

  AdmissionReply ask(const std::string& path, const AdmissionRequest& request) {
    return admission_->handlers().at(path)(request);
  }
  AdmissionReply validate(std::string_view spec) { return ask("/validate-capp", asked_for(spec)); }
  AdmissionReply validate_hostname(std::string_view hostname) {
    return validate(fmt::format(R"({{"routeSpec": {{"hostname": "{}"}}}})", hostname));
  }

  static AdmissionRequest asked_for(std::string_view spec) {
    AdmissionRequest request;
    request.kind = {.group = "rcs.dana.io", .version = "v1alpha1", .kind = "Capp"};
    request.ns = "shop";
    request.name = "web";
    request.username = "dana";
    request.object = {{"metadata", {{"name", "web"}}}, {"spec", boost::json::parse(spec)}};
    return request;
  }

  // By the client that is for nothing else.
  [[nodiscard]] std::vector<::test::SeenRequest> asked_by_admission() const {
    auto requests = server_.requests();
    std::erase_if(requests,
                  [](const auto& request) { return request.header("User-Agent") != "admission"; });
    return requests;
  }

  std::vector<std::string> looked_up;
  Resolution resolution = Resolution::kFree;
  FakeServer server_;
  runtime::Store capps_{capp::kCapp, capp::hostname_of};

 private:
  std::unique_ptr<runtime::Manager> manager_;
  net::Loop loop_;
  std::unique_ptr<kube::Client> client_;
  std::unique_ptr<Configuration> configuration_;
  std::unique_ptr<Admission> admission_;
  std::jthread process_;
};

TEST_F(AdmissionTest, SaysTryAgainUntilItKnowsAllCapps) {
  const auto reply = validate("{}");
  EXPECT_FALSE(reply.allowed);
  EXPECT_EQ(reply.code, 503);
  EXPECT_THAT(reply.message, HasSubstr("try again"));
}

TEST_F(AdmissionTest, RefusesAHostnameThatDnsKnows) {
  work();
  resolution = Resolution::kInUse;
  const auto reply = validate_hostname("web.dev");
  EXPECT_FALSE(reply.allowed);
  EXPECT_EQ(reply.code, 422);
  EXPECT_EQ(reply.reason, "Invalid");
  EXPECT_THAT(reply.message, HasSubstr("must be free"));
}

TEST_F(AdmissionTest, LetsAHostnamePassWithAWarningWhereDnsFails) {
  work();
  resolution = Resolution::kUnknown;
  const auto reply = validate_hostname("web.dev");
  EXPECT_TRUE(reply.allowed) << reply.message;
  EXPECT_THAT(reply.warnings, ElementsAre(HasSubstr("DNS could not be asked")));
}

TEST_F(AdmissionTest, AsksDnsForANewHostnameOnly) {
  work();
  auto request = asked_for(R"({"routeSpec": {"hostname": "web.dev"}, "state": "disabled"})");
  request.operation = runtime::AdmissionOperation::kUpdate;
  request.old_object = {{"spec", {{"routeSpec", {{"hostname", "web.dev"}}}}}};
  EXPECT_TRUE(ask("/validate-capp", request).allowed);
  EXPECT_TRUE(validate("{}").allowed);
  EXPECT_TRUE(validate_hostname("shop.dev").allowed);
  EXPECT_THAT(looked_up, ElementsAre("shop.dev"));
}

TEST_F(AdmissionTest, RefusesTheHostnameOfAnotherCappUnlessThatIsBeingDeleted) {
  work();
  capps_.init(false);
  capps_.init_apply(a_capp_record("first", "web.dev"));
  capps_.init_apply(a_capp_record("leaving", "shop.dev", true));
  capps_.init_done(7);
  EXPECT_THAT(validate_hostname("web.dev").message,
              HasSubstr("must not be served by another Capp"));
  EXPECT_TRUE(validate_hostname("shop.dev").allowed);
  EXPECT_TRUE(validate_hostname("other.dev").allowed);
}

TEST_F(AdmissionTest, TellsOfASecretWhichKeysItLacksAndNothingMore) {
  work();
  server_.when("GET", "/api/v1/namespaces/shop/secrets/es")
      .reply(Reply::text(200, R"({"kind": "Secret", "data": {"password": "aHVudGVyMg=="}})"))
      .then(Reply::text(403, R"({"kind": "Status", "code": 403, "reason": "Forbidden",
                                "message": "not allowed to get secrets"})"))
      .then(Reply::text(200, R"({"kind": "Secret", "data": {"elastic": "aHVudGVyMg=="}})"));
  const char* spec = R"({"logSpec": {"type": "elastic", "passwordSecret": "es"}})";
  const auto lacking = validate(spec);
  EXPECT_THAT(lacking.message, HasSubstr("but lacks elastic"));
  EXPECT_THAT(lacking.message, Not(HasSubstr("aHVudGVyMg")));
  const auto unknown = validate(spec);
  EXPECT_FALSE(unknown.allowed);
  EXPECT_EQ(unknown.code, 503);
  EXPECT_EQ(unknown.reason, "ServiceUnavailable");
  EXPECT_EQ(unknown.message, "these Secrets could not be looked at: es; try again in some seconds");
  EXPECT_TRUE(validate(spec).allowed);
}

TEST_F(AdmissionTest, RefusesWhatIsWrongWhateverASecretIs) {
  work();
  server_.when("GET", "/api/v1/namespaces/shop/secrets/es").reply(Reply::text(500, "{}"));
  const auto reply = validate(R"({"logSpec": {"type": "elastic", "passwordSecret": "es"},
                                  "scaleSpec": {"minReplicas": 5, "maxReplicas": 4}})");
  EXPECT_EQ(reply.code, 422);
  EXPECT_THAT(reply.message, Not(HasSubstr("Secret")));
}

TEST_F(AdmissionTest, LooksAtThirtyTwoSecretsAFewAtATime) {
  work();
  boost::json::array sources;
  for (int i = 0; i < 100; ++i) {
    const std::string name = fmt::format("kafka-{}", i);
    server_.when("GET", "/api/v1/namespaces/shop/secrets/" + name)
        .reply(Reply::text(200, R"({"data": {"user": "eA==", "password": "eA==",
                                             "sasl.mechanism": "eA=="}})"));
    sources.push_back(
        {{"name", name}, {"kafkaSourceConfiguration", {{"secretRef", {{"name", name}}}}}});
  }
  const auto reply = validate(boost::json::serialize(
      boost::json::object{{"eventSourcesSpec", {{"sources", std::move(sources)}}}}));
  EXPECT_TRUE(reply.allowed) << reply.message;
  EXPECT_THAT(reply.warnings, ElementsAre(HasSubstr("only 32 of the 100 Secrets")));
  const auto asked = asked_by_admission();
  EXPECT_EQ(asked.size(), 32U);
  std::set<std::size_t> connections;
  for (const auto& request : asked) connections.insert(request.connection);
  EXPECT_LE(connections.size(), Admission::kMaxInFlight);
}

// A mutating webhook is asked before the schema: a tenant sends three bytes a container, "{},".
TEST(Mutation, OfAReviewOfAsManyContainersAsCanBeReadIsSmall) {
  const boost::json::array containers(runtime::kMaxReviewValues - 100, boost::json::object());
  const auto request = runtime::read_admission_review(boost::json::serialize(boost::json::object{
      {"apiVersion", "admission.k8s.io/v1"},
      {"kind", "AdmissionReview"},
      {"request",
       {{"uid", "u"},
        {"operation", "CREATE"},
        {"kind", {{"group", "rcs.dana.io"}, {"version", "v1alpha1"}, {"kind", "Capp"}}},
        {"resource", {{"group", "rcs.dana.io"}, {"version", "v1alpha1"}, {"resource", "capps"}}},
        {"namespace", "shop"},
        {"userInfo", {{"username", "dana"}}},
        {"object",
         {{"spec",
           {{"configurationSpec",
             {{"template", {{"spec", {{"containers", containers}}}}}}}}}}}}}}));
  ASSERT_TRUE(request) << request.error().describe();
  const auto patch =
      capp::admission::mutate(request->object.get_object(), nullptr, request->username,
                              {.requests = {{"cpu", "100m"}}, .limits = {{"memory", "1Gi"}}});
  EXPECT_EQ(patch.size(), 101U);
  EXPECT_LT(boost::json::serialize(patch).size(), 32U * 1024);
}

TEST_F(AdmissionTest, HasNoOpinionOfWhatIsNoCapp) {
  auto status = asked_for("{}");
  status.subresource = "status";
  auto pod = asked_for("{}");
  pod.kind = {.group = "", .version = "v1", .kind = "Pod"};
  auto deletion = asked_for("{}");
  deletion.object = nullptr;
  for (const auto& request : {status, pod, deletion}) {
    for (const char* path : {"/validate-capp", "/mutate-capp"}) {
      const auto reply = ask(path, request);
      EXPECT_TRUE(reply.allowed) << path;
      EXPECT_THAT(reply.patch, IsEmpty()) << path;
    }
  }
}

TEST_F(AdmissionTest, LeavesItsOwnWritesAsTheyAre) {
  server_.when("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews?*")
      .reply(Reply::text(201, R"({"status": {"userInfo": {"username": "dana"}}})"));
  EXPECT_THAT(ask("/mutate-capp", asked_for("{}")).patch, IsEmpty());
  auto other = asked_for("{}");
  other.username = "somebody";
  EXPECT_EQ(ask("/mutate-capp", other).patch.size(), 1U);
  EXPECT_EQ(asked_by_admission().size(), 1U);
}

}  // namespace
}  // namespace op
