#include "runtime/list_removal.h"

#include <gmock/gmock.h>

#include "json/canonical.h"
#include "json/parse.h"

namespace runtime {
namespace {

boost::json::object object(std::string_view text) {
  return json::parse(text)->as_object();
}

class ListRemoval : public testing::Test {
 protected:
  boost::json::array patch(std::string_view live, std::string_view wanted) {
    const auto owned = pool.read(*json::parse(
        R"({"f:spec":{"f:volumes":{"k:{\"name\":\"a\"}":{".":{},"f:name":{}},"k:{\"name\":\"c\"}":{".":{},"f:name":{}}}}})"));
    return removal_patch(*json::parse(live), *owned, object(wanted), "uid-1");
  }

  object::OwnedSetPool pool;
};

TEST_F(ListRemoval, RemovesOurItemsFromTheLastToTheFirstAndTestsEach) {
  EXPECT_EQ(json::canonical(
                patch(R"({"spec":{"volumes":[{"name":"a"},{"name":"b"},{"name":"c","theirs":1}]}})",
                      R"({"spec":{}})")),
            json::canonical(*json::parse(R"([
              {"op":"test","path":"/metadata/uid","value":"uid-1"},
              {"op":"test","path":"/spec/volumes/2","value":{"name":"c","theirs":1}},
              {"op":"remove","path":"/spec/volumes/2"},
              {"op":"test","path":"/spec/volumes/0","value":{"name":"a"}},
              {"op":"remove","path":"/spec/volumes/0"}])")));
}

TEST_F(ListRemoval, LeavesAListThatIsStillWanted) {
  EXPECT_THAT(
      patch(R"({"spec":{"volumes":[{"name":"a"}]}})", R"({"spec":{"volumes":[{"name":"z"}]}})"),
      testing::IsEmpty());
}

// It may be of somebody else as well, and an apply can drop it.
TEST_F(ListRemoval, LeavesPlainValuesToTheApply) {
  const auto owned = pool.read(*json::parse(R"({"f:spec":{"f:hosts":{"v:\"a\"":{}}}})"));
  EXPECT_THAT(removal_patch(*json::parse(R"({"spec":{"hosts":["a"]}})"), *owned, {}, "uid-1"),
              testing::IsEmpty());
}

TEST_F(ListRemoval, SendsNothingWhereNothingOfOursIsLeft) {
  EXPECT_THAT(patch(R"({"spec":{"volumes":[{"name":"b"}]}})", R"({"spec":{}})"),
              testing::IsEmpty());
}

}  // namespace
}  // namespace runtime
