#include "kube/list_splitter.h"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace kube {
namespace {

using base::Reason;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Split {
  std::vector<std::string> items;
  std::string rest;  // or the reason of the error

  friend bool operator==(const Split&, const Split&) = default;
};

std::ostream& operator<<(std::ostream& out, const Split& split) {
  for (const auto& item : split.items) out << item << " | ";
  return out << split.rest;
}

Split split_at(std::string_view text, std::size_t at, std::size_t max_bytes = 1000) {
  Split result;
  ListSplitter splitter(
      [&](std::string_view item) -> base::Result<void> {
        result.items.emplace_back(item);
        return {};
      },
      max_bytes);
  for (const auto piece : {text.substr(0, at), text.substr(at)}) {
    if (const auto fed = splitter.feed(piece); !fed) {
      result.rest = to_string(fed.error().reason);
      return result;
    }
  }
  auto rest = splitter.finish();
  result.rest = rest ? *rest : std::string(to_string(rest.error().reason));
  return result;
}

Split split(std::string_view text, std::size_t max_bytes = 1000) {
  return split_at(text, 0, max_bytes);
}

constexpr std::string_view kList =
    R"({"kind":"CappList","metadata":{"resourceVersion":"7","items":["no"]},"items":[)"
    R"({"a":[1,[2,{"b":"]},{[\"\\"}],3]},{"items":[{"x":"items"}]},{}],"after":["items",[9]]})";

TEST(ListSplitter, TakesTheItemsApartAndKeepsTheRest) {
  EXPECT_EQ(split(kList), (Split{.items = {R"({"a":[1,[2,{"b":"]},{[\"\\"}],3]})",
                                           R"({"items":[{"x":"items"}]})", "{}"},
                                 .rest = R"({"kind":"CappList","metadata":{"resourceVersion":"7",)"
                                         R"("items":["no"]},"items":[],"after":["items",[9]]})"}));
}

TEST(ListSplitter, DoesNotDependOnWhereTheBytesAreCut) {
  const auto whole = split(kList);
  for (std::size_t at = 0; at <= kList.size(); ++at) EXPECT_EQ(split_at(kList, at), whole) << at;
}

TEST(ListSplitter, RefusesAListThatWasCutAnywhere) {
  for (std::size_t length = 0; length < kList.size(); ++length) {
    EXPECT_EQ(split(kList.substr(0, length)).rest, "Protocol") << length;
  }
}

TEST(ListSplitter, ReadsAnEmptyListAndOneThatIsNull) {
  EXPECT_THAT(split(R"({"items":[ ]})").items, IsEmpty());
  const auto null = split(R"({"items":null,"metadata":{}})");
  EXPECT_THAT(null.items, IsEmpty());
  EXPECT_EQ(null.rest, R"({"items":null,"metadata":{}})");
}

TEST(ListSplitter, TakesNoValueForTheKey) {
  EXPECT_THAT(split(R"({"a":"items","b":[1]})").items, IsEmpty());
  EXPECT_THAT(split(R"({"items":"x","b":[1]})").items, IsEmpty());
  EXPECT_THAT(split(R"({"items":{"items":[1]}})").items, IsEmpty());
  EXPECT_THAT(split(R"({"items ":[1]})").items, IsEmpty());
}

TEST(ListSplitter, KnowsTheKeyAlsoWhereItIsEscaped) {
  EXPECT_THAT(split(R"({"item\u0073":[1,2]})").items, ElementsAre("1", "2"));
}

TEST(ListSplitter, SkipsWhiteSpaceBetweenAndKeepsItWithin) {
  EXPECT_THAT(split("{ \"items\" : [ {\"a b\": 1} ,\n\t{ } ] }").items,
              ElementsAre("{\"a b\": 1} ", "{ } "));
}

// What is no JSON must stay none.
TEST(ListSplitter, LeavesBrokenTokensBroken) {
  EXPECT_THAT(split(R"({"items":[1 2,tr ue]})").items, ElementsAre("1 2", "tr ue"));
}

TEST(ListSplitter, LimitsAnItemAndTheRestApart) {
  const std::string item = fmt::format(R"({{"a":"{}"}})", std::string(92, 'x'));
  ASSERT_EQ(item.size(), 100U);
  EXPECT_EQ(split(fmt::format(R"({{"items":[{0},{0},{0}]}})", item), 100).items.size(), 3U);
  EXPECT_EQ(split(fmt::format(R"({{"items":[{}]}})", item), 99).rest, "TooLarge");
  EXPECT_EQ(split(fmt::format(R"({{"metadata":{}}})", item), 99).rest, "TooLarge");
}

TEST(ListSplitter, EndsWithTheErrorOfAnItem) {
  std::size_t seen = 0;
  ListSplitter splitter(
      [&](std::string_view) -> base::Result<void> {
        ++seen;
        return base::fail(Reason::kProtocol, "a bad item");
      },
      1000);
  const auto fed = splitter.feed(R"({"items":[1,2,3]})");
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().message, "a bad item");
  EXPECT_EQ(seen, 1U);
}

}  // namespace
}  // namespace kube
