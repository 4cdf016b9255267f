#include <gmock/gmock.h>

#include "operator/flags.h"
#include "operator/webhooks.h"

namespace op {
namespace {

using ::testing::HasSubstr;

WebhookFlags webhook_flags(const std::vector<std::string>& arguments) {
  return std::get<Flags>(parse_flags(arguments)).webhook;
}

TEST(WebhookFlags, HaveTheDefaultsOfControllerRuntime) {
  const WebhookFlags defaults = webhook_flags({});
  EXPECT_EQ(defaults.port, 9443);
  EXPECT_EQ(defaults.certificate.path, "/tmp/k8s-webhook-server/serving-certs");
  EXPECT_EQ(defaults.certificate.name, "tls.crt");
  EXPECT_EQ(defaults.certificate.key, "tls.key");
}

TEST(WebhookFlags, SayWhereAndWithWhichFiles) {
  const WebhookFlags given =
      webhook_flags({"--webhook-port=8443", "-webhook-cert-path", "/certs",
                     "--webhook-cert-name=server.pem", "--webhook-cert-key=server-key.pem"});
  EXPECT_EQ(given.port, 8443);
  EXPECT_EQ(given.certificate.path, "/certs");
  EXPECT_EQ(given.certificate.name, "server.pem");
  EXPECT_EQ(given.certificate.key, "server-key.pem");
}

TEST(WebhookFlags, AreRefusedByName) {
  for (const std::string flag : {"--webhook-port=0", "--webhook-port=65536", "--webhook-port=https",
                                 "--webhook-cert-name=../tls.crt", "--webhook-cert-key="}) {
    const auto parsed = parse_flags({flag});
    ASSERT_TRUE(std::holds_alternative<Exit>(parsed)) << flag;
    EXPECT_EQ(std::get<Exit>(parsed).code, 2);
    EXPECT_THAT(std::get<Exit>(parsed).text, HasSubstr(flag.substr(0, flag.find('='))));
  }
}

TEST(Webhooks, AreServedUnlessTheEnvironmentSaysFalse) {
  EXPECT_TRUE(webhooks_enabled({}));
  EXPECT_TRUE(webhooks_enabled({{"ENABLE_WEBHOOKS", "true"}}));
  EXPECT_FALSE(webhooks_enabled({{"ENABLE_WEBHOOKS", "false"}}));
}

}  // namespace
}  // namespace op
