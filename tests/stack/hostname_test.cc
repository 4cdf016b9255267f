// A changed hostname (behaviour 2, rule 7).

#include "tests/stack/stack_cluster.h"

namespace test {
namespace {

using namespace std::chrono_literals;

class Hostname : public StackCluster {
 protected:
  // What an address consists of.
  testing::AssertionResult address(const std::string& host, bool whole) {
    for (const auto& [kind, name] : {std::pair{&capp::kDomainMapping, host},
                                     {&capp::kCnameRecord, host},
                                     {&capp::kCertificate, host},
                                     {&capp::kSecret, tls_secret(host)}}) {
      const auto seen = is(std::string(kind->kind) + " " + name, exists(*kind, name), whole);
      if (!seen) return seen;
    }
    return testing::AssertionSuccess();
  }
};

TEST_F(Hostname, OldServesUntilTheNewRecordIsReady) {
  const auto old_host = hostname("old");
  const auto new_host = hostname("held");
  create_ready(full_capp(old_host));

  set_hostname(new_host);
  ASSERT_TRUE(eventually([&] { return is_unready("DNSRecordNotReady"); }));
  ASSERT_TRUE(eventually([&] { return address(new_host, true); }));
  EXPECT_TRUE(throughout(3s, [&] {
    const auto mapping = api.get(capp::kDomainMapping, cluster.key(old_host));
    const auto serves = is("old mapping", condition(mapping, "Ready").status, "True");
    return serves ? address(old_host, true) : serves;
  }));

  make_record_ready(new_host);
  EXPECT_TRUE(eventually([&] { return is_ready(); }));
  EXPECT_TRUE(eventually([&] { return address(old_host, false); }));
  EXPECT_TRUE(address(new_host, true));
}

}  // namespace
}  // namespace test
