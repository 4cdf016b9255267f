// The CRD's schema alone, with neither webhooks nor policies: the table of admission.

#include "tests/support/admission_table.h"

namespace test {
namespace {

TEST(AdmissionBySchema, AnswersAsTheTableSays) {
  Cluster cluster{ControlPlane::shared()};
  const auto cases = admission_table();
  store_before(cluster, cases);
  for (const auto& each : cases) EXPECT_TRUE(answered(cluster, each, kBySchema));
}

}  // namespace
}  // namespace test
