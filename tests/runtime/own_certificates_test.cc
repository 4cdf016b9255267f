// Certificates made as the rule of rotation says, kept in a Secret and read again.

#include "runtime/own_certificates.h"

#include <algorithm>

#include <gmock/gmock.h>

#include "base/hash.h"
#include "json/parse.h"
#include "json/value.h"
#include "runtime/certificate_secret.h"

namespace runtime {
namespace {

using base::WallClock;
using std::chrono::days;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

const WallClock::time_point kNow = std::chrono::floor<seconds>(WallClock::now());
const std::vector<std::string> kNames{"hook.web.svc", "127.0.0.1"};
const RotationOptions kOptions{};
const OwnLabel kLabel{.key = "example.org/managed-by", .value = "us"};

OwnCertificates renewed(const OwnCertificates& certificates, Renewal renewal) {
  return renew(certificates, renewal, kNames, kNow, kOptions).value();
}

OwnCertificates new_ones() {
  return renewed({}, Renewal::kAll);
}

Renewal due_of(const OwnCertificates& certificates, WallClock::duration after = {}) {
  return due(held(certificates, kNames), kNow + after, std::chrono::minutes(10), kOptions);
}

TEST(OwnCertificates, AreWholeAfterEachRenewal) {
  const auto first = new_ones();
  EXPECT_EQ(due_of(first), Renewal::kNone);
  const auto next = renewed(first, Renewal::kServing);
  EXPECT_EQ(due_of(next), Renewal::kNone);
  EXPECT_EQ(next.authority, first.authority);
  EXPECT_NE(next.serving, first.serving);
}

TEST(OwnCertificates, ChangeTheirAuthorityInTwoSteps) {
  const auto first = new_ones();
  const auto between = renewed(first, Renewal::kAuthority);
  EXPECT_EQ(between.serving, first.serving);
  EXPECT_THAT(between.authority.certificate_pem, Not(HasSubstr("PRIVATE")));
  const auto both = held(between, kNames);
  EXPECT_THAT(both.authorities, SizeIs(2));
  EXPECT_TRUE(both.can_sign);
  EXPECT_EQ(both.serving->signed_by, 1U);

  EXPECT_EQ(due_of(between), Renewal::kServing);
  const auto after = renewed(between, Renewal::kServing);
  EXPECT_EQ(held(after, kNames).serving->signed_by, 0U);
  // The first authority goes with the next one.
  const auto again = renewed(after, Renewal::kAuthority);
  EXPECT_THAT(held(again, kNames).authorities, SizeIs(2));
  EXPECT_THAT(again.authority.certificate_pem, Not(HasSubstr(first.authority.certificate_pem)));
}

TEST(OwnCertificates, LastAsLongAsTheRuleSays) {
  const auto certificates = new_ones();
  EXPECT_EQ(due_of(certificates, days(60) - seconds(1)), Renewal::kNone);
  EXPECT_EQ(due_of(certificates, days(60)), Renewal::kServing);
  const auto facts = held(certificates, kNames);
  EXPECT_EQ(facts.authorities.at(0).not_before, kNow - kBackdated);
  EXPECT_EQ(facts.authorities.at(0).not_after, kNow + days(365));
}

TEST(OwnCertificates, AreRenewedWhereSomebodyDamagedThem) {
  const auto whole = new_ones();
  const auto other = new_ones();
  const auto damaged = [&](auto change) {
    auto certificates = whole;
    change(certificates);
    return due_of(certificates, std::chrono::hours(1));
  };
  const base::Redacted<std::string> nonsense("nonsense");
  EXPECT_EQ(damaged([](auto& own) { own.serving = {}; }), Renewal::kServing);
  EXPECT_EQ(damaged([&](auto& own) { own.serving.private_key_pem = nonsense; }), Renewal::kServing);
  EXPECT_EQ(damaged([&](auto& own) { own.serving = other.serving; }), Renewal::kServing);
  EXPECT_EQ(damaged([&](auto& own) { own.authority.private_key_pem = {}; }), Renewal::kAuthority);
  EXPECT_EQ(damaged([&](auto& own) { own.authority.private_key_pem = nonsense; }),
            Renewal::kAuthority);
  EXPECT_EQ(damaged([](auto& own) { own.authority = {}; }), Renewal::kAll);
  EXPECT_EQ(damaged([](auto& own) { own.authority.certificate_pem.resize(100); }), Renewal::kAll);
}

TEST(OwnCertificates, AreRenewedForANameTheyLack) {
  const auto certificates = new_ones();
  auto names = kNames;
  names.emplace_back("hook.example.org");
  EXPECT_FALSE(held(certificates, names).serving->has_names);
  const auto renewal = renew(certificates, Renewal::kServing, names, kNow, kOptions);
  EXPECT_TRUE(held(renewal.value(), names).serving->has_names);
}

TEST(CertificateSecret, IsReadAsItWasWritten) {
  const auto certificates = new_ones();
  const object::Key key{.ns = "web", .name = "cert"};
  const auto body =
      json::parse(certificate_secret(key, kLabel, {}, certificates)).value().as_object();
  EXPECT_EQ(json::string_at(body, {"type"}), "kubernetes.io/tls");
  EXPECT_EQ(json::string_at(body, {"metadata", "name"}), "cert");
  EXPECT_EQ(json::string_at(body, {"metadata", "namespace"}), "web");
  const auto read = read_certificate_secret(body, kLabel);
  EXPECT_TRUE(read.ours);
  EXPECT_EQ(read.certificates, certificates);
}

TEST(CertificateSecret, IsNotOursWithoutTheLabel) {
  const auto ours = [](std::string_view labels) {
    const auto secret = R"({"metadata": {"labels": )" + std::string(labels) + "}}";
    return read_certificate_secret(json::parse(secret).value().as_object(), kLabel).ours;
  };
  EXPECT_TRUE(ours(R"({"example.org/managed-by": "us"})"));
  EXPECT_FALSE(ours(R"({"example.org/managed-by": "them"})"));
  EXPECT_FALSE(ours(R"({"controller.cert-manager.io/fao": "true"})"));
  EXPECT_FALSE(ours("null"));
}

TEST(CertificateSecret, WithoutUsableDataHoldsNoCertificates) {
  const auto read = read_certificate_secret(json::parse(R"({"metadata": {"resourceVersion": "7"},
                      "data": {"tls.crt": "", "tls.key": "*", "ca.crt": 1}})")
                                                .value()
                                                .as_object(),
                                            kLabel);
  EXPECT_EQ(read.resource_version, "7");
  EXPECT_EQ(read.certificates, OwnCertificates{});
}

TEST(CertificateSecret, IsOnlyWrittenWhereItIsTheOneThatWasRead) {
  const auto version = [](const CertificateSecret& before) {
    const auto body = json::parse(certificate_secret({}, kLabel, before, {})).value();
    return std::string(json::string_at(body, {"metadata", "resourceVersion"}));
  };
  EXPECT_EQ(version({.resource_version = "812"}), "812");
  // No object has this one; without any, what somebody else made meanwhile would be overwritten.
  EXPECT_EQ(version({}), "1");
}

}  // namespace
}  // namespace runtime
