// The one exception to "nobody notices" (takeover_test.cc): the older operator passed on a Capp's
// annotations of its own API group and no others, so that the template of a Capp with annotations
// differs.

#include <algorithm>

#include "tests/stack/stack_cluster.h"
#include "tests/support/go_operator.h"

namespace test {
namespace {

class TakeOverOfAnnotations : public StackCluster {
 protected:
  // The Go operator's objects come to rest before the operator starts.
  void SetUp() override {
    GoOperator go(api, cluster.ns);
    for (const char* file : {"older/config.yaml", "older/plain.yaml", "older/annotated.yaml"}) {
      go.write(file);
    }
    for (const char* name : {"plain", "annotated"}) {
      ASSERT_TRUE(eventually(
          [&] { return is(name, condition(cluster.service(name), "Ready").status, "True"); }));
    }
  }

  std::ptrdiff_t revisions_of(std::string_view service) {
    return std::ranges::count_if(
        api.list(capp::kKnativeRevision, cluster.ns), [&](const auto& revision) {
          return label(revision, "serving.knative.dev/configuration") == service;
        });
  }
};

TEST_F(TakeOverOfAnnotations, MakesOneRevisionWhereThereAreSomeAndNoneElsewhere) {
  cluster.start_operator();
  ASSERT_TRUE(eventually([&] {
    return is("ready revision",
              at(cluster.capp("annotated"), "/status/knativeObjectStatus/latestReadyRevisionName"),
              "annotated-00002");
  }));
  for (const char* name : {"plain", "annotated"}) {
    ASSERT_TRUE(
        eventually([&] { return has_condition(cluster.capp(name), "Ready", "True", "Ready"); }));
  }
  ASSERT_TRUE(eventually([&] { return quiet(); }));
  EXPECT_EQ(revisions_of("annotated"), 2);
  EXPECT_EQ(revisions_of("plain"), 1);
}

}  // namespace
}  // namespace test
