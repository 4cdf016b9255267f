// An image that does not run: the condition says why, and who serves meanwhile.

#include <gmock/gmock.h>

#include "tests/stack/stack_cluster.h"

namespace test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// tools/stack gives a Revision 30 s to become ready.
class Image : public StackCluster {
 protected:
  void SetUp() override {
    StackCluster::SetUp();
    create_ready(a_capp("web"));
  }

  // The message once the Capp is not ready and names the cause.
  std::string message_with(const std::string& cause) {
    EXPECT_TRUE(eventually([&] {
      const auto ready = condition(cluster.capp("web"), "Ready");
      return ready.status == "False" && ready.message.contains(cause)
                 ? testing::AssertionSuccess()
                 : testing::AssertionFailure() << ready.status << ": " << ready.message;
    }));
    return condition(cluster.capp("web"), "Ready").message;
  }
};

TEST_F(Image, ThatCannotBePulledIsNamed) {
  set_image("dev.local/missing:v2");
  EXPECT_THAT(message_with("Back-off pulling image"),
              AllOf(HasSubstr("web-00002"), HasSubstr("dev.local/missing:v2"),
                    HasSubstr("users are served by revision web-00001")));
  EXPECT_TRUE(is_unready("KnativeServiceNotReady"));
}

TEST_F(Image, ThatEndsAtOnceIsNamedWithItsExitCode) {
  set_image("dev.local/crash:v2");
  EXPECT_THAT(message_with("exited with code 3"),
              AllOf(HasSubstr("web-00002"), HasSubstr("simulated crash"),
                    HasSubstr("users are served by revision web-00001")));
}

TEST_F(Image, ThatDoesNotResolveIsNamed) {
  set_image("registry.invalid/web:v2");
  EXPECT_THAT(message_with("registry.invalid/web:v2"),
              AllOf(HasSubstr("web-00002"), HasSubstr("users are served by revision web-00001")));
}

TEST_F(Image, ThatRunsAgainMakesTheCappReady) {
  set_image("registry.invalid/web:v2");
  ASSERT_TRUE(eventually([&] { return is_unready("KnativeServiceNotReady"); }));
  set_image("dev.local/web:v3");
  EXPECT_TRUE(eventually([&] { return is_ready(); }));
}

}  // namespace
}  // namespace test
