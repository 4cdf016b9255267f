#include "runtime/applier.h"

#include <string>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "json/parse.h"
#include "tests/support/fake_server.h"

namespace runtime {
namespace {

using object::Outcome;
using ::test::FakeServer;
using ::test::Reply;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

constexpr object::Kind kKind{"", "v1", "ConfigMap", "configmaps"};
const object::Key kKey{.ns = "ns", .name = "a"};
const object::Key kOwner{.ns = "ns", .name = "capp"};
constexpr std::string_view kPath = "/api/v1/namespaces/ns/configmaps/a";
constexpr std::string_view kApply =
    "/api/v1/namespaces/ns/configmaps/a?fieldManager=capp-operator&force=true";

constexpr std::string_view kAllOwned =
    R"({"f:metadata":{"f:annotations":{"f:rcs.dana.io/applied-hash":{}}},"f:data":{"f:k":{}}})";
constexpr std::string_view kDataTaken =
    R"({"f:metadata":{"f:annotations":{"f:rcs.dana.io/applied-hash":{}}}})";

object::Wanted wanted() {
  return {.kind = &kKind,
          .key = kKey,
          .body = boost::json::parse(R"({"apiVersion":"v1","kind":"ConfigMap",
              "metadata":{"name":"a","namespace":"ns"},"data":{"k":"v"}})")
                      .as_object()};
}

std::string wanted_hash() {
  return object::applied_hash(wanted().body);
}

// The object as the server has it.
struct Live {
  std::uint64_t version = 1;
  std::string uid = "u-1";
  std::string hash = wanted_hash();
  std::string fields = std::string(kAllOwned);
  std::string labels = R"({"parent":"capp"})";
  std::string owners = "[]";
  bool terminating = false;

  [[nodiscard]] std::string json() const {
    return fmt::format(
        R"({{"kind":"ConfigMap","metadata":{{"name":"a","namespace":"ns","uid":"{}",)"
        R"("resourceVersion":"{}","labels":{},"ownerReferences":{},{}"annotations":)"
        R"({{"rcs.dana.io/applied-hash":"{}"}},"managedFields":[{{"manager":"capp-operator",)"
        R"("operation":"Apply","fieldsV1":{}}}]}}}})",
        uid, version, labels, owners,
        terminating ? R"("deletionTimestamp":"2026-11-23T03:55:41Z",)" : "", hash, fields);
  }
};

object::Ownership ours() {
  return {.controller = {.api_version = "rcs.dana.io/v1alpha1",
                         .kind = "Capp",
                         .name = "capp",
                         .uid = "capp-uid",
                         .controller = true},
          .identity = {{"parent", "capp"}}};
}

Reply refusal(int code, std::string_view message) {
  return Reply::text(code,
                     fmt::format(R"({{"kind":"Status","code":{},"message":"{}"}})", code, message));
}

class ApplierTest : public ::testing::Test {
 protected:
  ApplierTest() {
    kube::Config config;
    config.server = {.scheme = "http", .host = "127.0.0.1", .port = server.port()};
    client = kube::Client::connect(loop, config, {.user_agent = "test"}, registry, log).value();
    applier = std::make_unique<Applier>(
        *client, catalog,
        ApplierOptions{.field_manager = "capp-operator", .legacy_managers = {}, .memory = {}},
        metrics, log);
  }

  void store_has(const Live& live) {
    const auto value = json::parse(live.json(), watched.projection.filter).value();
    watched.store.apply(object::read_record(value, watched.projection, catalog.pool()).value());
  }
  Outcome run(object::Write write) {
    std::vector<object::Write> writes;
    writes.push_back(std::move(write));
    return std::move(applier->run(kOwner, std::move(writes), ours(), {}).front());
  }
  // "GET /path" of what the server saw since the last call.
  std::vector<std::string> sent() {
    std::vector<std::string> lines;
    const auto requests = server.requests();
    for (; seen < requests.size(); ++seen) {
      lines.push_back(requests[seen].method + " " + requests[seen].target);
    }
    return lines;
  }
  static std::string get() { return "GET " + std::string(kPath); }
  static std::string apply() { return "PATCH " + std::string(kApply); }

  telemetry::metrics::Registry registry;
  telemetry::log::Logger log = telemetry::log::discarding_logger();
  net::Loop loop;
  FakeServer server;
  std::unique_ptr<kube::Client> client;
  Catalog catalog;
  WatchedKind& watched =
      catalog.add(kKind, {.filter = json::Filter::keep(object::record_metadata_paths()),
                          .labels = {"parent"},
                          .field_manager = "capp-operator",
                          .body = nullptr});
  ApplierMetrics metrics{registry};
  std::unique_ptr<Applier> applier;
  std::size_t seen = 0;
};

TEST_F(ApplierTest, SendsNothingForWhatIsAsWanted) {
  store_has({});
  const auto outcome = run(wanted());
  EXPECT_EQ(outcome.what, Outcome::What::kUnchanged);
  EXPECT_EQ(outcome.record->resource_version, 1U);
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(ApplierTest, LooksForAnObjectThatTheStoreLacksAndCreatesIt) {
  server.when("GET", std::string(kPath)).reply(refusal(404, "not found"));
  server.when("PATCH", std::string(kApply)).reply(Reply::text(201, Live{.version = 7}.json()));
  const auto outcome = run(wanted());
  EXPECT_EQ(outcome.what, Outcome::What::kCreated);
  EXPECT_THAT(sent(), ElementsAre(get(), apply()));
  EXPECT_EQ(watched.store.get(kKey)->resource_version, 7U) << "read your writes";
  EXPECT_EQ(run(wanted()).what, Outcome::What::kUnchanged);
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(ApplierTest, SendsTheBodyWithItsHash) {
  server.when("GET", std::string(kPath)).reply(refusal(404, "not found"));
  server.when("PATCH", std::string(kApply)).reply(Reply::text(201, Live{}.json()));
  run(wanted());
  auto expected = wanted().body;
  expected["metadata"].as_object()["annotations"] = {{"rcs.dana.io/applied-hash", wanted_hash()}};
  EXPECT_EQ(boost::json::parse(server.requests().at(1).body), boost::json::value(expected));
}

TEST_F(ApplierTest, RepairsWhatSomebodyTook) {
  store_has({.fields = std::string(kDataTaken)});
  server.when("PATCH", std::string(kApply)).reply(Reply::text(200, Live{.version = 2}.json()));
  EXPECT_EQ(run(wanted()).what, Outcome::What::kUpdated);
  EXPECT_THAT(sent(), ElementsAre(apply()));
}

TEST_F(ApplierTest, AppliesWhatIsWantedAnew) {
  store_has({.hash = "1-of-something-else"});
  server.when("PATCH", std::string(kApply)).reply(Reply::text(200, Live{.version = 2}.json()));
  EXPECT_EQ(run(wanted()).what, Outcome::What::kUpdated);
}

TEST_F(ApplierTest, CountsAnApplyThatChangesNothingAsUnchanged) {
  store_has({.fields = std::string(kDataTaken)});
  server.when("PATCH", std::string(kApply)).reply(Reply::text(200, Live{.version = 1}.json()));
  EXPECT_EQ(run(wanted()).what, Outcome::What::kUnchanged);
}

// A server that prunes a field of ours: another apply would not do better.
TEST_F(ApplierTest, LetsAnObjectBeThatAnApplyDoesNotChangeAnyMore) {
  store_has({.fields = std::string(kDataTaken)});
  server.when("PATCH", std::string(kApply))
      .reply(Reply::text(200, Live{.version = 2, .fields = std::string(kDataTaken)}.json()));
  run(wanted());
  EXPECT_THAT(sent(), ElementsAre(apply()));
  EXPECT_EQ(run(wanted()).what, Outcome::What::kUnchanged);
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(ApplierTest, DoesNotTouchAnObjectOfAnotherController) {
  store_has({.owners = R"([{"kind":"Other","name":"o","uid":"x","controller":true}])"});
  const auto outcome = run(wanted());
  EXPECT_EQ(outcome.what, Outcome::What::kFailed);
  EXPECT_EQ(outcome.error->reason, base::Reason::kAlreadyExists);
  EXPECT_THAT(outcome.error->message, HasSubstr("controlled by Other o"));
  EXPECT_EQ(outcome.retry_after, 1s);
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(ApplierTest, LooksAtAForeignObjectAgainOnlyAtItsPace) {
  const Live foreign{.hash = "", .fields = "{}", .labels = "{}"};
  server.when("GET", std::string(kPath)).reply(Reply::text(200, foreign.json()));
  const auto outcome = run(wanted());
  EXPECT_EQ(outcome.what, Outcome::What::kFailed);
  EXPECT_THAT(outcome.error->message, HasSubstr("rcs.dana.io/adopt"));
  EXPECT_THAT(sent(), ElementsAre(get()));
  EXPECT_EQ(run(wanted()).what, Outcome::What::kWaiting);
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(ApplierTest, WaitsForATerminatingObjectToBeGone) {
  store_has({.terminating = true});
  const auto outcome = run(wanted());
  EXPECT_EQ(outcome.what, Outcome::What::kWaiting);
  EXPECT_THAT(outcome.error->message, HasSubstr("being deleted"));
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(ApplierTest, BacksOffAfterAFailureUntilTheContentChanges) {
  store_has({.hash = "1-old"});
  server.when("PATCH", std::string(kApply)).reply(refusal(422, "spec.x: bad"));
  const auto outcome = run(wanted());
  EXPECT_EQ(outcome.what, Outcome::What::kFailed);
  EXPECT_EQ(outcome.error->reason, base::Reason::kInvalid);
  EXPECT_THAT(outcome.error->describe(),
              testing::AllOf(HasSubstr("configmaps ns/a"), HasSubstr("spec.x: bad")));
  EXPECT_EQ(outcome.retry_after, 1s);
  EXPECT_THAT(sent(), ElementsAre(apply()));

  EXPECT_EQ(run(wanted()).what, Outcome::What::kWaiting);
  EXPECT_THAT(sent(), IsEmpty());

  auto changed = wanted();
  changed.body["data"] = {{"k", "w"}};
  EXPECT_EQ(run(std::move(changed)).what, Outcome::What::kFailed);
  EXPECT_THAT(sent(), ElementsAre(apply()));
}

TEST_F(ApplierTest, TriesAgainAtNewsOfTheObject) {
  store_has({.hash = "1-old"});
  server.when("PATCH", std::string(kApply)).reply(refusal(422, "bad"));
  run(wanted());
  store_has({.version = 2, .hash = "1-old"});
  EXPECT_EQ(run(wanted()).what, Outcome::What::kFailed);
  EXPECT_THAT(sent(), ElementsAre(apply(), apply()));
}

TEST_F(ApplierTest, WritesTheOthersWhereOneFails) {
  auto other = wanted();
  other.key.name = "b";
  server.when("PATCH", std::string(kApply)).reply(refusal(422, "bad"));
  store_has({.hash = "1-old"});
  std::vector<object::Write> writes;
  writes.emplace_back(wanted());
  writes.emplace_back(std::move(other));
  server.when("PATCH", "/api/v1/namespaces/ns/configmaps/b?fieldManager=capp-operator&force=true")
      .reply(Reply::text(201, Live{}.json()));
  const auto outcomes = applier->run(kOwner, std::move(writes), ours(), {});
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_EQ(outcomes[0].what, Outcome::What::kFailed);
  EXPECT_EQ(outcomes[1].what, Outcome::What::kCreated);
}

TEST_F(ApplierTest, DeletesTheObjectOfThatUidOnce) {
  store_has({});
  server.when("DELETE", std::string(kPath))
      .reply(Reply::text(200, R"({"kind":"Status","status":"Success"})"));
  const object::Unwanted unwanted{.kind = &kKind, .key = kKey, .uid = "u-1"};
  const auto outcome = run(unwanted);
  EXPECT_EQ(outcome.what, Outcome::What::kDeleted);
  EXPECT_EQ(outcome.record, nullptr);
  EXPECT_THAT(server.requests().at(0).body, HasSubstr(R"("preconditions":{"uid":"u-1"})"));
  EXPECT_EQ(run(unwanted).what, Outcome::What::kUnchanged);
  EXPECT_THAT(sent(), ElementsAre("DELETE " + std::string(kPath)));
}

TEST_F(ApplierTest, DeletesNothingTwiceThatWasGoneAlready) {
  store_has({});
  server.when("DELETE", std::string(kPath)).reply(refusal(404, "not found"));
  const object::Unwanted unwanted{.kind = &kKind, .key = kKey, .uid = "u-1"};
  EXPECT_EQ(run(unwanted).what, Outcome::What::kUnchanged);
  EXPECT_EQ(run(unwanted).what, Outcome::What::kUnchanged);
  EXPECT_THAT(sent(), ElementsAre("DELETE " + std::string(kPath)));
}

TEST_F(ApplierTest, DeletesNoObjectOfAnotherUidNorOneThatIsTerminating) {
  store_has({});
  EXPECT_EQ(run(object::Unwanted{.kind = &kKind, .key = kKey, .uid = "u-0"}).what,
            Outcome::What::kUnchanged);
  store_has({.version = 2, .terminating = true});
  EXPECT_EQ(run(object::Unwanted{.kind = &kKind, .key = kKey, .uid = "u-1"}).what,
            Outcome::What::kUnchanged);
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(ApplierTest, SeesAnObjectThatItsFinalizersKeep) {
  store_has({});
  server.when("DELETE", std::string(kPath))
      .reply(Reply::text(200, Live{.version = 2, .terminating = true}.json()));
  const auto outcome = run(object::Unwanted{.kind = &kKind, .key = kKey, .uid = "u-1"});
  EXPECT_EQ(outcome.what, Outcome::What::kDeleted);
  EXPECT_TRUE(watched.store.get(kKey)->terminating);
}

TEST_F(ApplierTest, ReplacesTheStatusOfThatVeryObject) {
  store_has({});
  server.when("PATCH", "/api/v1/namespaces/ns/configmaps/a/status?fieldManager=capp-operator")
      .reply(Reply::text(200, Live{.version = 2}.json()));
  object::SetStatus set{
      .kind = &kKind, .key = kKey, .uid = "u-1", .status = {{"x", 1}}, .content = "1"};
  EXPECT_EQ(run(std::move(set)).what, Outcome::What::kUpdated);
  EXPECT_EQ(server.requests().at(0).body, R"([{"op":"test","path":"/metadata/uid","value":"u-1"},)"
                                          R"({"op":"add","path":"/status","value":{"x":1}}])");
}

TEST_F(ApplierTest, SetsFinalizersOfThatVeryVersion) {
  store_has({});
  server.when("PATCH", std::string(kPath) + "?fieldManager=capp-operator")
      .reply(Reply::text(200, Live{.version = 2}.json()));
  EXPECT_EQ(run(object::SetFinalizers{
                    .kind = &kKind, .key = kKey, .resource_version = 1, .finalizers = {"f"}})
                .what,
            Outcome::What::kUpdated);
  EXPECT_EQ(server.requests().at(0).body,
            R"({"metadata":{"finalizers":["f"],"resourceVersion":"1"}})");
}

}  // namespace
}  // namespace runtime
