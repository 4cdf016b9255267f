// What is read of a webhook configuration, and the one thing that is written into it.

#include "runtime/webhook_trust.h"

#include <gmock/gmock.h>

#include "json/parse.h"

namespace runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

boost::json::object configuration(std::string_view webhooks) {
  return json::parse(R"({"webhooks": )" + std::string(webhooks) + "}").value().as_object();
}

TEST(WebhookTrust, FindsTheNamesByWhichWebhooksAreCalled) {
  EXPECT_THAT(called_names(configuration(R"([
      {"clientConfig": {"service": {"namespace": "web", "name": "hook", "path": "/a"}}},
      {"clientConfig": {"url": "https://Hook.Example.org:8443/a"}},
      {"clientConfig": {"url": "https://[::1]:9443/a"}},
      {"clientConfig": {"url": "https://127.0.0.1/a"}}])")),
              ElementsAre("hook.web.svc", "hook.web.svc.cluster.local", "hook.example.org", "::1",
                          "127.0.0.1"));
}

TEST(WebhookTrust, LeavesOutWhatNoCertificateCanName) {
  EXPECT_THAT(called_names(configuration(R"([
      {"clientConfig": {"url": "https://a_b.example/"}}, {"clientConfig": {"url": "nonsense"}},
      {"clientConfig": {}}, {}, 7])")),
              IsEmpty());
  EXPECT_THAT(called_names({}), IsEmpty());
}

TEST(WebhookTrust, GivesTheBundleToEachWebhookThatHasAnother) {
  // base64 of "bundle".
  EXPECT_EQ(json::parse(trust_patch(configuration(R"([
      {"name": "a", "clientConfig": {"caBundle": "YnVuZGxl"}},
      {"name": "b", "clientConfig": {"caBundle": "b3RoZXI="}},
      {"name": "c", "clientConfig": {}}])"),
                                    "bundle"))
                .value(),
            json::parse(R"([
      {"op": "test", "path": "/webhooks/1/name", "value": "b"},
      {"op": "add", "path": "/webhooks/1/clientConfig/caBundle", "value": "YnVuZGxl"},
      {"op": "test", "path": "/webhooks/2/name", "value": "c"},
      {"op": "add", "path": "/webhooks/2/clientConfig/caBundle", "value": "YnVuZGxl"}])")
                .value());
}

TEST(WebhookTrust, WritesNothingWhereAllHaveTheBundle) {
  EXPECT_EQ(trust_patch(configuration(R"([
      {"name": "a", "clientConfig": {"caBundle": "YnVuZGxl"}}])"),
                        "bundle"),
            "");
  EXPECT_EQ(trust_patch(configuration("[]"), "bundle"), "");
  EXPECT_EQ(trust_patch({}, "bundle"), "");
}

}  // namespace
}  // namespace runtime
