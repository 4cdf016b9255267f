#include "capp/names.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/names.h"
#include "tests/capp/builders.h"

namespace capp {
namespace {

rc::Gen<std::string> capp_names() {
  const auto letters = rc::gen::elementOf(std::string("abcdefghijklmnopqrstuvwxyz"));
  const auto inner = rc::gen::elementOf(std::string("abcdefghijklmnopqrstuvwxyz0123456789-"));
  return rc::gen::mapcat(rc::gen::inRange<std::size_t>(0, 62), [=](std::size_t length) {
    return rc::gen::map(
        rc::gen::tuple(letters, rc::gen::container<std::string>(length, inner), letters),
        [](const auto& parts) {
          return std::get<0>(parts) + std::get<1>(parts) + std::get<2>(parts);
        });
  });
}

TEST(RevisionName, HasFiveDigits) {
  EXPECT_EQ(revision_name("web", 1), "web-00001");
  EXPECT_EQ(revision_name("web", 99999), "web-99999");
  EXPECT_EQ(revision_name("web", 123456), "web-123456");
}

TEST(RevisionName, IsShortenedOnlyBeyondSixtyThreeCharacters) {
  EXPECT_EQ(revision_name(std::string(57, 'a'), 1), std::string(57, 'a') + "-00001");
  const std::string shortened = revision_name(std::string(58, 'a'), 1);
  EXPECT_EQ(shortened.size(), 63U);
  EXPECT_TRUE(shortened.ends_with("-00001")) << shortened;
}

RC_GTEST_PROP(RevisionName, IsAValidNameThatEndsInItsNumber, ()) {
  const auto capp = *capp_names();
  const auto number = *rc::gen::inRange<std::int64_t>(1, 200000);
  const auto name = revision_name(capp, number);
  RC_ASSERT(base::is_dns1035_label(name));
  RC_ASSERT(name.ends_with(std::to_string(number)));
}

RC_GTEST_PROP(RevisionName, TellsCappsApartThatDifferOnlyAtTheEnd, ()) {
  const auto capp = std::string(50, 'a') +
                    *rc::gen::container<std::string>(12, rc::gen::elementOf(std::string("abc")));
  const auto other = capp.substr(0, 61) + (capp[61] == 'a' ? 'b' : 'a');
  RC_ASSERT(revision_name(capp, 1) != revision_name(other, 1));
}

TEST(Annotations, OfKubectlAreDroppedByPrefix) {
  EXPECT_THAT(without_kubectl(parse_object(R"({"kubectl.kubernetes.io/restartedAt": "x",
                              "kubectl.example/y": "1", "team": "shop"})")),
              IsJson(R"({"kubectl.example/y": "1", "team": "shop"})"));
}

}  // namespace
}  // namespace capp
