#include "operator/webhook_flags.h"

#include <gmock/gmock.h>

#include "operator/flags.h"

namespace op {
namespace {

using ::testing::HasSubstr;

Flags flags(const std::vector<std::string>& arguments) {
  return std::get<Flags>(parse_flags(arguments));
}
Exit exit_of(const std::vector<std::string>& arguments) {
  return std::get<Exit>(parse_flags(arguments));
}

TEST(SelfSignedFlags, NameWhatConfigDefaultInstalls) {
  const SelfSignedFlags defaults = flags({}).webhook.self_signed;
  EXPECT_FALSE(defaults.enabled);
  EXPECT_EQ(defaults.secret, "webhook-server-cert");
  EXPECT_EQ(defaults.service, "capp-operator-webhook-service");
  EXPECT_EQ(defaults.mutating_configuration, "capp-operator-mutating-webhook-configuration");
  EXPECT_EQ(defaults.validating_configuration, "capp-operator-validating-webhook-configuration");
}

TEST(SelfSignedFlags, AreRead) {
  const SelfSignedFlags given =
      flags({"-webhook-self-signed", "--webhook-secret-name=a", "--webhook-service-name=b",
             "--webhook-mutating-configuration=c", "--webhook-validating-configuration=d.e"})
          .webhook.self_signed;
  EXPECT_TRUE(given.enabled);
  EXPECT_EQ(given.secret, "a");
  EXPECT_EQ(given.service, "b");
  EXPECT_EQ(given.mutating_configuration, "c");
  EXPECT_EQ(given.validating_configuration, "d.e");
}

TEST(SelfSignedFlags, AreNamesOfObjects) {
  for (const char* flag :
       {"--webhook-secret-name", "--webhook-service-name", "--webhook-mutating-configuration",
        "--webhook-validating-configuration"}) {
    const Exit exit = exit_of({std::string(flag) + "=Not_one"});
    EXPECT_EQ(exit.code, 2);
    EXPECT_THAT(exit.text, HasSubstr(flag));
    EXPECT_THAT(exit.text, HasSubstr("\"Not_one\""));
  }
}

TEST(MetricsFlags, SecureNothingByDefault) {
  const MetricsFlags defaults = flags({}).metrics;
  EXPECT_FALSE(defaults.secure);
  EXPECT_EQ(defaults.certificate.path, "");
  EXPECT_EQ(defaults.certificate.name, "tls.crt");
  EXPECT_EQ(defaults.certificate.key, "tls.key");
}

TEST(MetricsFlags, AreRead) {
  const MetricsFlags given = flags({"--metrics-secure=true", "--metrics-cert-path=/certs",
                                    "--metrics-cert-name=a.crt", "--metrics-cert-key=a.key"})
                                 .metrics;
  EXPECT_TRUE(given.secure);
  EXPECT_EQ(given.certificate.path, "/certs");
  EXPECT_EQ(given.certificate.name, "a.crt");
  EXPECT_EQ(given.certificate.key, "a.key");
  EXPECT_FALSE(flags({"--metrics-secure=false"}).metrics.secure);
}

}  // namespace
}  // namespace op
