#include "json/value.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/json/values.h"

namespace json {
namespace {

using boost::json::parse;
using boost::json::serialize;

TEST(JsonValue, FindsByPathAndNothingThroughWhatIsNoObject) {
  const auto value = parse(R"({"a":{"b":[1],"n":null}})");
  EXPECT_EQ(find(value, {}), &value);
  EXPECT_EQ(serialize(*find(value, {"a", "b"})), "[1]");
  EXPECT_TRUE(find(value, {"a", "n"})->is_null());
  EXPECT_EQ(find(value, {"a", "x"}), nullptr);
  EXPECT_EQ(find(value, {"a", "b", "c"}), nullptr);
  EXPECT_EQ(find(value, {"a", "n", "c"}), nullptr);
  EXPECT_EQ(find(parse("[1]"), {"a"}), nullptr);
}

TEST(JsonValue, ReadsATypedValueOrNothing) {
  const auto object = parse(R"({"s":"text","i":-7,"u":18446744073709551615,"d":2.0,"h":2.5,
                                "b":true,"o":{},"l":[],"n":null})")
                          .as_object();
  EXPECT_EQ(string_at(object, {"s"}), "text");
  EXPECT_EQ(string_at(object, {"i"}), "");
  EXPECT_EQ(string_at(object, {"absent"}), "");
  EXPECT_EQ(int_at(object, {"i"}), -7);
  EXPECT_EQ(int_at(object, {"d"}), 2);
  EXPECT_EQ(int_at(object, {"h"}), std::nullopt);
  EXPECT_EQ(int_at(object, {"u"}), std::nullopt) << "does not fit";
  EXPECT_EQ(int_at(object, {"s"}), std::nullopt);
  EXPECT_EQ(bool_at(object, {"b"}), true);
  EXPECT_EQ(bool_at(object, {"i"}), std::nullopt);
  EXPECT_NE(object_at(object, {"o"}), nullptr);
  EXPECT_EQ(object_at(object, {"l"}), nullptr);
  EXPECT_NE(array_at(object, {"l"}), nullptr);
  EXPECT_EQ(array_at(object, {"n"}), nullptr);
}

TEST(JsonValue, EqualsInAnyOrderOfKeysAndNoOtherOfElements) {
  EXPECT_TRUE(
      equal(parse(R"({"a":1,"b":{"c":2,"d":[3]}})"), parse(R"({"b":{"d":[3],"c":2},"a":1})")));
  EXPECT_FALSE(equal(parse("[1,2]"), parse("[2,1]")));
  EXPECT_FALSE(equal(parse("[1]"), parse("[1,1]")));
  EXPECT_FALSE(equal(parse(R"({"a":1})"), parse(R"({"a":1,"b":1})")));
  EXPECT_FALSE(equal(parse(R"({"a":null})"), parse(R"({"b":null})")));
}

TEST(JsonValue, EqualsIntegersOfEitherSignednessByValue) {
  EXPECT_TRUE(equal(boost::json::value(std::int64_t{7}), boost::json::value(std::uint64_t{7})));
  EXPECT_FALSE(equal(boost::json::value(std::int64_t{-1}), boost::json::value(UINT64_MAX)));
  EXPECT_TRUE(equal(boost::json::array{std::int64_t{7}}, boost::json::array{std::uint64_t{7}}));
  EXPECT_FALSE(equal(parse("1"), parse("true")));
  EXPECT_FALSE(equal(parse("1"), parse(R"("1")")));
}

TEST(JsonValue, RemovesNullsAtAnyDepthAndNothingElse) {
  EXPECT_EQ(serialize(without_nulls(parse(R"({"a":null,"b":[null,{"c":null}],"d":{},"e":""})"))),
            R"({"b":[{}],"d":{},"e":""})");
}

TEST(JsonValue, RemovesMembersThatSayNothing) {
  EXPECT_EQ(serialize(significant(
                parse(R"({"a":null,"b":"","c":[],"d":{},"e":{"f":{"g":null}},"h":0,"i":false})"))),
            R"({"h":0,"i":false})");
}

TEST(JsonValue, KeepsTheNumberOfElementsOfAList) {
  EXPECT_EQ(serialize(significant(parse(R"({"a":[null,"",{},{"b":""}]})"))),
            R"({"a":[null,"",{},{}]})");
}

RC_GTEST_PROP(JsonValue, IsEqualToItself, ()) {
  const auto value = *test::any_value();
  RC_ASSERT(equal(value, boost::json::value(value)));
}

RC_GTEST_PROP(JsonValue, SaysNothingNewTheSecondTime, ()) {
  const auto value = *test::any_value();
  RC_ASSERT(equal(significant(significant(value)), significant(value)));
  RC_ASSERT(equal(without_nulls(without_nulls(value)), without_nulls(value)));
}

}  // namespace
}  // namespace json
