// Another manager that undoes each repair is left alone for a while, and named (design 3.2).

#include <chrono>
#include <string>
#include <utility>

#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include "capp/kinds.h"
#include "object/record.h"
#include "tests/support/cluster.h"

namespace test {
namespace {

using capp::kKnativeService;
using namespace std::chrono_literals;

constexpr std::string_view kImage = "ghcr.io/dana-team/capp-gin-app:v0.2.0";
constexpr std::string_view kImagePath = "/spec/template/spec/containers/0/image";

class Fight : public SharedCluster {
 protected:
  void SetUp() override {
    SharedCluster::SetUp();
    cluster.create_settled(a_capp("web"));
  }

  // What a controller of the older kind does at each change: it puts the whole object as it wants
  // it, without the annotation of ours that it does not know.
  void rival_reacts() {
    auto service = cluster.service("web");
    if (annotation(service, object::kAppliedHashAnnotation).empty()) return;
    auto& annotations = service["metadata"].as_object()["annotations"].as_object();
    annotations.erase(object::kAppliedHashAnnotation);
    boost::json::value rendering(std::move(service));
    rendering.at_pointer(kImagePath) = "example.com/theirs";
    api.replace(kKnativeService, web, rendering.as_object(), "rival");
  }
  std::string told() { return condition(cluster.capp("web"), "KnativeServiceReady").message; }
  testing::AssertionResult is_told() {
    return told().contains("\"rival\" takes .spec.template.spec.containers again after each")
               ? testing::AssertionSuccess()
               : testing::AssertionFailure() << "told: " << told();
  }

  object::Key web = cluster.key("web");
};

TEST_F(Fight, WithAWriterOfWholeObjectsIsGivenUpAndToldUntilItEnds) {
  EXPECT_TRUE(eventually([&] {
    rival_reacts();
    return is_told();
  }));
  EXPECT_GE(cluster.op().metric("runtime_apply_fights_total", R"(manager="rival")").value_or(0), 1);

  // It waits 1 s, 2 s, 4 s …, and each time makes one repair.
  cluster.audit.restart();
  EXPECT_TRUE(throughout(3s, [&] {
    rival_reacts();
    return testing::AssertionSuccess();
  }));
  EXPECT_LE(cluster.writes().of("patch", "services").size(), 3U) << cluster.writes().describe();

  // From now on the rival stands still.
  EXPECT_TRUE(
      eventually([&] { return is("image", at(cluster.service("web"), kImagePath), kImage); }));
  EXPECT_TRUE(eventually([&] {
    return told().contains(" takes ") ? testing::AssertionFailure() << "still told: " << told()
                                      : testing::AssertionSuccess();
  }));
}

}  // namespace
}  // namespace test
