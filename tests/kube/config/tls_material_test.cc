#include "kube/config/tls_material.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/pem.h"
#include "tests/kube/config/support.h"

namespace kube {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr base::Clock::time_point kStart{std::chrono::hours(1)};

class TlsFiles : public testing::Test {
 protected:
  TlsFiles() {
    write_pair(old_);
    folder_.write("ca.crt", old_.certificate_pem);
    config_.ca.file = folder_.path("ca.crt");
    config_.certificate.file = folder_.path("tls.crt");
    config_.key.file = folder_.path("tls.key");
  }
  void write_pair(const test::KeyPair& pair) {
    folder_.write("tls.crt", pair.certificate_pem);
    folder_.write("tls.key", pair.key_pem);
  }
  TlsMaterial loaded() { return *TlsMaterial::load(config_, kStart); }

  test::TempFolder folder_;
  test::KeyPair old_ = test::make_key_pair();
  test::KeyPair fresh_ = test::make_key_pair();
  TlsConfig config_;
};

TEST_F(TlsFiles, AreReadAtTheStart) {
  config_.server_name = "n";
  const TlsMaterial material = loaded();
  EXPECT_EQ(material.options().ca_pem, old_.certificate_pem);
  EXPECT_EQ(material.options().certificate_pem, old_.certificate_pem);
  EXPECT_EQ(material.options().private_key_pem, old_.key_pem);
  EXPECT_EQ(material.options().server_name, "n");
}

TEST_F(TlsFiles, AreReadAgainAfterFiveMinutes) {
  TlsMaterial material = loaded();
  write_pair(fresh_);
  EXPECT_EQ(material.reload(kStart + std::chrono::seconds(299)), false);
  EXPECT_EQ(material.options().certificate_pem, old_.certificate_pem);
  EXPECT_EQ(material.reload(kStart + std::chrono::seconds(300)), true);
  EXPECT_EQ(material.options().certificate_pem, fresh_.certificate_pem);
  EXPECT_EQ(material.reload(kStart + std::chrono::seconds(600)), false) << "nothing is new";
}

TEST_F(TlsFiles, DoNotReplaceAPairByHalfOfAnother) {
  TlsMaterial material = loaded();
  folder_.write("tls.crt", fresh_.certificate_pem);
  const auto half = material.reload(kStart + std::chrono::minutes(5));
  ASSERT_FALSE(half);
  EXPECT_THAT(half.error().describe(), HasSubstr("does not belong to the client certificate"));
  EXPECT_EQ(material.options().certificate_pem, old_.certificate_pem);
  folder_.write("tls.key", fresh_.key_pem);
  EXPECT_EQ(material.reload(kStart + std::chrono::minutes(10)), true);
  EXPECT_EQ(material.options().private_key_pem, fresh_.key_pem);
}

TEST_F(TlsFiles, KeepTheOldCaWhileTheFileIsMissingOrEmpty) {
  TlsMaterial material = loaded();
  folder_.remove("ca.crt");
  const auto missing = material.reload(kStart + std::chrono::minutes(5));
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr(folder_.path("ca.crt")));
  folder_.write("ca.crt", "");
  EXPECT_FALSE(material.reload(kStart + std::chrono::minutes(10)));
  EXPECT_EQ(material.options().ca_pem, old_.certificate_pem);
}

TEST_F(TlsFiles, MustBeUsableAtTheStart) {
  folder_.write("tls.key", "hunter2");
  const auto material = TlsMaterial::load(config_, kStart);
  ASSERT_FALSE(material);
  EXPECT_EQ(material.error().reason, base::Reason::kTls);
  EXPECT_THAT(material.error().describe(), HasSubstr(folder_.path("tls.key")));
  EXPECT_THAT(material.error().describe(), Not(HasSubstr("hunter2")));
}

TEST(TlsMaterialOfNothing, IsTheSystemsStore) {
  const auto material = TlsMaterial::load({}, kStart);
  ASSERT_TRUE(material);
  EXPECT_EQ(material->options().ca_pem, "");
  EXPECT_EQ(material->options().certificate_pem, "");
}

TEST(CheckCertificates, TakesABundleAndRefusesABrokenOne) {
  const std::string one = test::make_key_pair().certificate_pem;
  EXPECT_TRUE(net::check_certificates("comment\n" + one + "\n" + one));
  std::string broken = one;
  broken[broken.size() / 2] = '!';
  EXPECT_FALSE(net::check_certificates(one + broken));
  EXPECT_FALSE(net::check_certificates("nothing"));
}

}  // namespace
}  // namespace kube
