// What a server makes for itself is what a client accepts, and no more than that.

#include "net/self_signed.h"

#include <chrono>

#include <gmock/gmock.h>

#include "net/client.h"
#include "net/loop.h"
#include "net/server.h"

namespace net {
namespace {

using base::WallClock;
using std::chrono::hours;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// Whole seconds, as a certificate has them.
const WallClock::time_point kNow = std::chrono::floor<seconds>(WallClock::now());

Validity valid_for(hours time) {
  return {.not_before = kNow - hours(1), .not_after = kNow + time};
}

KeyPair authority() {
  return make_authority("webhook authority", valid_for(hours(100))).value();
}

KeyPair issue(const KeyPair& by, const std::vector<std::string>& names = {"127.0.0.1"}) {
  return issue_server_certificate(by, names, valid_for(hours(10))).value();
}

CertificateFacts only_certificate(const std::string& pem) {
  const auto facts = read_certificates(pem).value();
  EXPECT_THAT(facts, SizeIs(1));
  return facts.at(0);
}

TlsOptions identity(const KeyPair& pair) {
  return {.certificate_pem = pair.certificate_pem,
          .private_key_pem = pair.private_key_pem.reveal()};
}

// What a client that trusts `ca_pem` gets from a server with `pair`.
base::Result<Response> ask(const KeyPair& pair, const std::string& ca_pem,
                           const std::string& server_name = {}) {
  Loop loop;
  const auto server =
      Server::create(loop, {.bind_address = "127.0.0.1:0", .tls = identity(pair)},
                     [](const Request&) { return Response{.status = 200, .body = "hello"}; })
          .value();
  const auto client =
      Client::create(loop, {.host = "127.0.0.1",
                            .port = server->port(),
                            .tls = true,
                            .tls_options = {.ca_pem = ca_pem, .server_name = server_name}})
          .value();
  return client->send({.target = "/"});
}

TEST(SelfSigned, IsAcceptedByAClientThatTrustsTheAuthority) {
  const auto ca = authority();
  const auto pair = issue(ca, {"127.0.0.1", "hook.web.svc"});
  for (const char* name : {"", "hook.web.svc"}) {
    const auto answer = ask(pair, ca.certificate_pem, name);
    ASSERT_TRUE(answer) << answer.error().describe();
    EXPECT_EQ(answer->body, "hello");
  }
}

TEST(SelfSigned, IsAcceptedByAClientThatTrustsOldAndNewAuthority) {
  // Both have the same name: they are told apart by their keys.
  const auto before = authority();
  const auto after = authority();
  for (const auto& ca : {before, after}) {
    const auto answer = ask(issue(ca), before.certificate_pem + after.certificate_pem);
    EXPECT_TRUE(answer) << answer.error().describe();
  }
}

TEST(SelfSigned, IsRefusedUnderAnotherAuthorityOrName) {
  const auto ca = authority();
  const auto by_another = ask(issue(ca), authority().certificate_pem);
  ASSERT_FALSE(by_another);
  EXPECT_EQ(by_another.error().reason, base::Reason::kTls);
  EXPECT_FALSE(ask(issue(ca), ca.certificate_pem, "hook.other.svc"));
}

TEST(SelfSigned, SaysItsNamesAndValidity) {
  const auto ca = authority();
  const auto facts =
      only_certificate(issue(ca, {"hook.web.svc", "127.0.0.1", "fd00::1"}).certificate_pem);
  EXPECT_EQ(facts.validity, valid_for(hours(10)));
  EXPECT_THAT(facts.names, ElementsAre("127.0.0.1", "fd00::1", "hook.web.svc"));
  EXPECT_TRUE(is_signed_by(facts.pem, ca.certificate_pem));
  EXPECT_FALSE(is_signed_by(facts.pem, authority().certificate_pem));
}

TEST(SelfSigned, IsNotValidBeyondItsAuthority) {
  const auto ca = make_authority("short", valid_for(hours(2))).value();
  EXPECT_EQ(only_certificate(issue(ca).certificate_pem).validity.not_after, kNow + hours(2));
}

TEST(SelfSigned, CannotBeIssuedForWhatIsNoHost) {
  for (const char* name : {"", "*", "a b", "x,IP:1.2.3.4", "Upper.example", "final.dot."}) {
    const auto issued = issue_server_certificate(authority(), {name}, valid_for(hours(1)));
    ASSERT_FALSE(issued) << name;
    EXPECT_EQ(issued.error().reason, base::Reason::kBadInput);
    EXPECT_THAT(issued.error().message, HasSubstr('"' + std::string(name) + '"'));
  }
  EXPECT_FALSE(issue_server_certificate(authority(), {}, valid_for(hours(1))));
}

TEST(SelfSigned, NamesAHostAsClientsLookForIt) {
  EXPECT_EQ(certificate_name("Hook.Web.svc."), "hook.web.svc");
  EXPECT_EQ(certificate_name("10.0.0.1"), "10.0.0.1");
  EXPECT_EQ(certificate_name("FD00:0:0::1"), "fd00::1");
  for (const char* none : {"", ".", "a b", "-a", "*.a", "fe80::1%1"}) {
    EXPECT_EQ(certificate_name(none), "") << none;
  }
}

TEST(SelfSigned, TellsApartWhichKeyIsWhose) {
  const auto ca = authority();
  const auto one = issue(ca);
  const auto other = issue(ca);
  EXPECT_TRUE(is_key_pair(one));
  EXPECT_FALSE(is_key_pair({one.certificate_pem, other.private_key_pem}));
  EXPECT_FALSE(is_key_pair({one.certificate_pem, base::Redacted<std::string>("none")}));
  EXPECT_FALSE(is_key_pair({}));

  const auto issued = issue_server_certificate({ca.certificate_pem, one.private_key_pem},
                                               {"127.0.0.1"}, valid_for(hours(1)));
  ASSERT_FALSE(issued);
  EXPECT_EQ(issued.error().reason, base::Reason::kTls);
}

TEST(SelfSigned, ReadsEachCertificateOfATextAndRefusesABrokenOne) {
  const auto one = authority().certificate_pem;
  const auto other = authority().certificate_pem;
  const auto both = read_certificates(one + other).value();
  ASSERT_THAT(both, SizeIs(2));
  EXPECT_EQ(both[0].pem, one);
  EXPECT_EQ(both[1].pem, other);
  EXPECT_THAT(read_certificates("").value(), SizeIs(0));
  EXPECT_FALSE(read_certificates(one + other.substr(0, other.size() / 2)));
}

}  // namespace
}  // namespace net
