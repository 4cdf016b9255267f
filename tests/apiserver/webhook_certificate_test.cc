// The operator's own certificate for its webhooks, with the API server as the one who calls them.

#include <string>

#include <gmock/gmock.h>

#include "net/self_signed.h"
#include "tests/support/own_webhooks.h"

namespace test {
namespace {

using runtime::kMutatingWebhooks;
using runtime::kSecret;
using runtime::kValidatingWebhooks;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(OwnWebhookCertificate, IsMadeByTheLeaderServedByAllAndTrustedByTheApiServer) {
  const auto leader = start(true);
  const auto follower = start(false);
  configure(kMutatingWebhooks, *leader);
  configure(kValidatingWebhooks, *follower);
  EXPECT_TRUE(eventually([&] { return called(*leader); }));
  EXPECT_TRUE(called(*follower));

  const auto made = api.get(kSecret, secret);
  EXPECT_EQ(at(made, "/type"), "kubernetes.io/tls");
  EXPECT_EQ(label(made, kLabel.key), kLabel.value);
  EXPECT_EQ(bundle_of(kMutatingWebhooks), in_secret("ca.crt"));
  EXPECT_EQ(bundle_of(kValidatingWebhooks), in_secret("ca.crt"));
  const auto facts = net::read_certificates(in_secret("tls.crt")).value();
  EXPECT_THAT(facts.at(0).names, testing::ElementsAre("127.0.0.1", "hook." + cluster.ns + ".svc",
                                                      "hook." + cluster.ns + ".svc.cluster.local"));
}

TEST_F(OwnWebhookCertificate, IsThereBeforeItsConfigurations) {
  const auto leader = start(true);
  EXPECT_TRUE(eventually([&] { return serves(*leader, in_secret("tls.crt")); }));
  const auto before = leader->certificate_pem();
  configure(kValidatingWebhooks, *leader);
  // The URL's host is a name that it did not have.
  EXPECT_TRUE(eventually([&] { return called(*leader); }));
  EXPECT_NE(leader->certificate_pem(), before);
  // The one that does not come is looked for every 50 ms, and told of once.
  EXPECT_EQ(log->count("kind=MutatingWebhookConfiguration"), 1U) << log->text();
}

TEST_F(OwnWebhookCertificate, IsTrustedAgainWhereSomebodyTakesTheBundleAway) {
  const auto leader = start(true);
  configure(kMutatingWebhooks, *leader);
  ASSERT_TRUE(eventually([&] { return called(*leader); }));
  api.json_patch(kMutatingWebhooks, configuration,
                 R"([{"op": "remove", "path": "/webhooks/0/clientConfig/caBundle"}])");
  EXPECT_TRUE(
      eventually([&] { return is("bundle", bundle_of(kMutatingWebhooks), in_secret("ca.crt")); }));
  EXPECT_TRUE(eventually([&] { return called(*leader); }));
}

TEST_F(OwnWebhookCertificate, IsMadeAnewWhereTheSecretIsDeleted) {
  const auto leader = start(true);
  const auto follower = start(false);
  configure(kValidatingWebhooks, *follower);
  ASSERT_TRUE(eventually([&] { return called(*follower); }));
  const auto authority = in_secret("ca.crt");
  api.remove(kSecret, secret);
  EXPECT_TRUE(eventually([&] { return serves(*follower, in_secret("tls.crt")); }));
  EXPECT_TRUE(serves(*leader, in_secret("tls.crt")));
  EXPECT_NE(in_secret("ca.crt"), authority);
  // The old authority is not trusted any more.
  EXPECT_TRUE(eventually(
      [&] { return is("bundle", bundle_of(kValidatingWebhooks), in_secret("ca.crt")); }));
  EXPECT_THAT(in_secret("ca.crt"), Not(HasSubstr(authority)));
  EXPECT_TRUE(eventually([&] { return called(*follower); }));
}

TEST_F(OwnWebhookCertificate, IsNotWrittenIntoSomebodyElsesSecret) {
  const auto theirs = api.create(kSecret, cluster.ns, parse_object(R"({
      "metadata": {"name": "webhook-self-signed-cert",
                   "labels": {"controller.cert-manager.io/fao": "true"}},
      "type": "kubernetes.io/tls", "data": {"tls.crt": "", "tls.key": ""}})"));
  const auto leader = start(true);
  EXPECT_TRUE(eventually([&] {
    return log->text().contains("Secret " + secret.to_string() + " is somebody else's")
               ? testing::AssertionSuccess()
               : testing::AssertionFailure() << log->text();
  }));
  EXPECT_TRUE(throughout(kMoment, [&] {
    return is("resourceVersion", at(api.get(kSecret, secret), "/metadata/resourceVersion"),
              at(theirs, "/metadata/resourceVersion"));
  }));
  EXPECT_EQ(leader->certificate_pem(), "");
  EXPECT_THAT(leader->is_ready().message(), HasSubstr("is somebody else's"));
  EXPECT_THAT(leader->metrics(), Not(HasSubstr("runtime_webhook_certificate_failures_total 0\n")));

  api.remove(kSecret, secret);
  EXPECT_TRUE(eventually([&] { return serves(*leader, in_secret("tls.crt")); }));
}

TEST_F(OwnWebhookCertificate, IsTheSameForTwoThatBothThinkTheyLead) {
  const auto one = start(true);
  const auto other = start(true);
  EXPECT_TRUE(eventually([&] { return serves(*one, in_secret("tls.crt")); }));
  EXPECT_TRUE(eventually([&] { return serves(*other, in_secret("tls.crt")); }));
  const auto version = at(api.get(kSecret, secret), "/metadata/resourceVersion");
  EXPECT_TRUE(throughout(kMoment, [&] {
    return is("resourceVersion", at(api.get(kSecret, secret), "/metadata/resourceVersion"),
              version);
  }));
}

TEST_F(OwnWebhookCertificate, IsWaitedForByWhoDoesNotLead) {
  const auto replica = start(false);
  // Or it would wait for ever, where the one that leads makes none.
  EXPECT_TRUE(eventually([&] { return replica->is_ready(); }));
  EXPECT_TRUE(throughout(
      kMoment, [&] { return is("a Secret", api.find(kSecret, secret).has_value(), false); }));
  replica->lead();
  EXPECT_TRUE(eventually([&] { return serves(*replica, in_secret("tls.crt")); }));
}

}  // namespace
}  // namespace test
