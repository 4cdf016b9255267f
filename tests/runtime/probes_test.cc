#include "runtime/probes.h"

#include <string>

#include <gtest/gtest.h>

namespace runtime {
namespace {

class ProbesTest : public ::testing::Test {
 protected:
  ProbesTest() {
    probes.add("/healthz", "streams", [this] { return streams; });
    probes.add("/healthz", "ping", [] { return base::Result<void>(); });
    probes.add("/readyz", "synced", [this] { return synced; });
  }
  std::string answer(std::string target) {
    const auto response = probes.handle({.target = std::move(target)});
    return std::to_string(response.status) + " " + response.body;
  }

  base::Result<void> streams;
  base::Result<void> synced;
  Probes probes;
};

TEST_F(ProbesTest, AnswerOkWhereAllChecksPass) {
  EXPECT_EQ(answer("/healthz"), "200 ok");
  EXPECT_EQ(answer("/healthz/"), "200 ok");
  EXPECT_EQ(answer("/readyz"), "200 ok");
}

TEST_F(ProbesTest, SayWhichCheckFailedAndWhy) {
  streams = base::fail(base::Reason::kTimeout, "no byte for 3 min");
  EXPECT_EQ(answer("/healthz"),
            "500 [+]ping ok\n[-]streams failed: no byte for 3 min\nhealthz check failed\n");
  EXPECT_EQ(answer("/readyz"), "200 ok") << "the other path has its own checks";
}

TEST_F(ProbesTest, ListTheChecksWhereAsked) {
  const std::string expected = "200 [+]ping ok\n[+]streams ok\nhealthz check passed\n";
  EXPECT_EQ(answer("/healthz?verbose"), expected);
  EXPECT_EQ(answer("/healthz?verbose=true"), expected);
}

TEST_F(ProbesTest, RunOneCheckAlone) {
  streams = base::fail(base::Reason::kTimeout, "dead");
  EXPECT_EQ(answer("/healthz/ping"), "200 ok");
  EXPECT_EQ(answer("/healthz/streams"), "500 [-]streams failed: dead\nhealthz check failed\n");
}

TEST_F(ProbesTest, LeaveOutWhatIsExcluded) {
  streams = base::fail(base::Reason::kTimeout, "dead");
  EXPECT_EQ(answer("/healthz?exclude=streams"), "200 ok");
  EXPECT_EQ(answer("/healthz?verbose&exclude=streams&exclude=ping"),
            "200 [+]ping excluded: ok\n[+]streams excluded: ok\nhealthz check passed\n");
}

TEST_F(ProbesTest, KnowNoOtherPath) {
  for (const auto* target : {"/", "/metrics", "/healthz/absent", "/healthzz", "/readyz/ping", ""}) {
    EXPECT_EQ(answer(target), "404 404 page not found\n") << target;
  }
}

}  // namespace
}  // namespace runtime
