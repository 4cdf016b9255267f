// Deletion, and who may be in its way (behaviour 2, "Deletion").

#include "capp/kinds.h"
#include "tests/support/cluster.h"

namespace test {
namespace {

using capp::kCapp;
using capp::kCappRevision;
using capp::kKnativeService;
using namespace std::chrono_literals;

class Deletion : public SharedCluster {
 protected:
  void SetUp() override {
    SharedCluster::SetUp();
    cluster.create_settled(a_capp("web"));
  }

  testing::AssertionResult gone(const object::Kind& kind) {
    return is(std::string(kind.plural), api.list(kind, cluster.ns).size(), 0U);
  }
  void expect_all_gone() {
    for (const auto* kind : {&kCapp, &kKnativeService, &kCappRevision}) {
      EXPECT_TRUE(eventually([&] { return gone(*kind); }));
    }
  }

  object::Key web = cluster.key("web");
};

TEST_F(Deletion, TakesTheChildrenWithIt) {
  EXPECT_EQ(at(cluster.capp("web"), "/metadata/finalizers"), R"(["dana.io/capp-cleanup"])");
  api.remove(kCapp, web);
  expect_all_gone();
}

TEST_F(Deletion, InTheForegroundToo) {
  api.remove(kCapp, web, "Foreground");
  expect_all_gone();
}

TEST_F(Deletion, AddsNothingWhileAnotherFinalizerHoldsTheCapp) {
  api.json_patch(kCapp, web, R"([{"op": "add", "path": "/metadata/finalizers/-",
    "value": "example.com/hold"}])");
  api.remove(kCapp, web);
  EXPECT_TRUE(eventually([&] {
    return is("finalizers", at(cluster.capp("web"), "/metadata/finalizers"),
              R"(["example.com/hold"])");
  }));

  cluster.audit.restart();
  api.merge_patch(kCapp, web, R"({"metadata": {"labels": {"team": "blue"}}})");
  api.remove(kKnativeService, web);
  EXPECT_TRUE(cluster.writes_stay_at(0));
  EXPECT_TRUE(gone(kKnativeService));

  api.merge_patch(kCapp, web, R"({"metadata": {"finalizers": null}})");
  expect_all_gone();
}

TEST_F(Deletion, OfAWholeNamespaceCompletes) {
  const object::Key name{.ns = {}, .name = cluster.ns};
  api.remove(kNamespace, name);
  EXPECT_TRUE(eventually([&] {
    const auto left = api.find(kNamespace, name);
    return left ? testing::AssertionFailure() << at(*left, "/status") : testing::AssertionSuccess();
  }));
}

}  // namespace
}  // namespace test
