// What events tell of each child (behaviour 2, "Events").

#include "capp/kinds.h"
#include "tests/support/all_children.h"
#include "tests/support/refusal.h"

namespace test {
namespace {

using namespace std::chrono_literals;

class ChildEvents : public AllChildren {
 protected:
  // One event of that reason and type about the Capp, whose note says `words`.
  testing::AssertionResult told(std::string_view reason, std::string_view type,
                                std::string_view words) {
    const auto events = cluster.events("web", reason);
    if (events.size() != 1) {
      return testing::AssertionFailure() << events.size() << " events " << reason;
    }
    const auto& event = events.front();
    EXPECT_EQ(at(event, "/type"), type);
    EXPECT_EQ(at(event, "/reportingController"), "container-app-controller");
    EXPECT_EQ(at(event, "/regarding/uid"), at(cluster.capp("web"), "/metadata/uid"));
    const std::string note = at(event, "/note");
    return note.contains(words) ? testing::AssertionSuccess() : testing::AssertionFailure() << note;
  }
  static std::string reason(const ChildCase& child, std::string_view what) {
    return std::string(child.event_stem).append(what);
  }
};

TEST_F(ChildEvents, EachChildThatIsMadeIsTold) {
  create_quiet();
  for (const auto& child : child_cases()) {
    EXPECT_TRUE(told(reason(child, "Created"), "Normal", child.name));
    EXPECT_TRUE(cluster.events("web", reason(child, "CreationFailed")).empty());
  }
}

TEST_F(ChildEvents, EachChildThatCannotBeMadeIsToldWithTheCause) {
  const Refusal refusal(cluster,
                        {"serving.knative.dev", "record.dns-v2.m.crossplane.io", "cert-manager.io",
                         "logging.banzaicloud.io", "nfspvc.dana.io", "sources.knative.dev"},
                        "not on a Friday", capp::kNfsPvc);
  api.create(capp::kCapp, cluster.ns, a_capp_with_all_children("web"));
  for (const auto& child : child_cases()) {
    EXPECT_TRUE(eventually([&] {
      return told(reason(child, "CreationFailed"), "Warning", "not on a Friday");
    })) << child;
    EXPECT_TRUE(cluster.events("web", reason(child, "Created")).empty());
  }
}

}  // namespace
}  // namespace test
