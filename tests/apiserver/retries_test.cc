// What cannot be written is tried again, and nobody is hammered (behaviour 2, rule 6).

#include <chrono>

#include <fmt/format.h>

#include "capp/kinds.h"
#include "tests/support/all_children.h"
#include "tests/support/audit_checks.h"
#include "tests/support/refusal.h"

namespace test {
namespace {

using capp::kNfsPvc;
using capp::kSyslogNgFlow;
using namespace std::chrono_literals;

class Retries : public AllChildren {
 protected:
  Requests tries() { return cluster.writes().of("patch", "nfspvcs"); }
};

TEST_F(Retries, AreFewAndNotHastenedByNewsOfOtherChildren) {
  const Refusal refusal(cluster, {"nfspvc.dana.io"}, "not on a Friday", kNfsPvc);
  cluster.create_settled(a_capp_with_all_children("web"));
  ASSERT_TRUE(eventually([&] { return is("a try is logged", tries().empty(), false); }));
  int news = 0;
  EXPECT_TRUE(throughout(10s, [&] {
    says(kSyslogNgFlow, "web", fmt::format(R"({{"problemsCount": {}}})", ++news));
    return tries().size() <= 5 ? testing::AssertionSuccess()
                               : testing::AssertionFailure() << tries().describe();
  }));
  // Of the others each is told.
  EXPECT_TRUE(eventually([&] {
    return is("problems",
              at(cluster.capp("web"), "/status/loggingStatus/syslogngflow/problemsCount"),
              std::to_string(news));
  }));
  EXPECT_GE(tries().size(), 2U) << tries().describe();
}

TEST_F(Retries, AChangeOfTheCappIsTriedAtOnce) {
  const Refusal refusal(cluster, {"nfspvc.dana.io"}, "not on a Friday", kNfsPvc);
  cluster.create_settled(a_capp_with_all_children("web"));
  // By now the next would come after four seconds.
  ASSERT_TRUE(eventually([&] { return is("three tries", tries().size() >= 3, true); }));
  cluster.audit.restart();
  change(R"({"spec": {"scaleMetric": "rps"}})");
  EXPECT_TRUE(eventually([&] {
    const auto changes = cluster.audit.all().in(cluster.ns).of("patch", "capps");
    return follows_within(1000ms * kSlowness, changes, tries());
  }));
}

}  // namespace
}  // namespace test
