#include "json/canonical.h"

#include <algorithm>
#include <string>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "json/parse.h"
#include "json/value.h"
#include "tests/json/values.h"

namespace json {
namespace {

TEST(JsonCanonical, SortsKeysBytewiseAtEveryDepth) {
  EXPECT_EQ(canonical(boost::json::parse(
                R"({"b":1,"a":{"z":[{"y":2,"x":3}],"\u00e4":4,"B":5},"":6,"aa":7})")),
            R"({"":6,"a":{"B":5,"z":[{"x":3,"y":2}],"ä":4},"aa":7,"b":1})");
}

TEST(JsonCanonical, WritesNoWhiteSpaceAndKeepsTheOrderOfLists) {
  EXPECT_EQ(canonical(boost::json::parse(R"( { "a" : [ 3 , 1 , [ ] , { } , null , true ] } )")),
            R"({"a":[3,1,[],{},null,true]})");
}

TEST(JsonCanonical, EscapesWhatJsonAsksFor) {
  EXPECT_EQ(canonical(boost::json::object{{"q\"\\\n", "\x01\t/ä😀"}}),
            "{\"q\\\"\\\\\\n\":\"\\u0001\\t/ä😀\"}");
}

TEST(JsonCanonical, IsTheSameForIntegersOfEitherSignedness) {
  EXPECT_EQ(canonical(boost::json::value(std::int64_t{7})), "7");
  EXPECT_EQ(canonical(boost::json::value(std::uint64_t{7})), "7");
}

// The text is hashed into the annotation of every child: another form rewrites them all.
TEST(JsonCanonical, HasTheFormThatTheHashesOfClustersStandOn) {
  EXPECT_EQ(canonical(boost::json::parse(R"({"i":-1,"u":18446744073709551615,"d":0.5,"n":null})")),
            R"({"d":5E-1,"i":-1,"n":null,"u":18446744073709551615})");
}

RC_GTEST_PROP(JsonCanonical, IsTheTextOfItsOwnMeaning, ()) {
  const auto text = canonical(*test::any_value());
  const auto again = parse(text);
  RC_ASSERT(again.has_value());
  RC_ASSERT(canonical(*again) == text);
}

RC_GTEST_PROP(JsonCanonical, DoesNotDependOnTheOrderOfKeys, ()) {
  const auto value =
      *rc::gen::suchThat(test::any_value(), [](const auto& any) { return any.is_object(); });
  boost::json::object reversed;
  for (auto it = value.get_object().end(); it != value.get_object().begin();) {
    --it;
    reversed.emplace(it->key(), it->value());
  }
  RC_ASSERT(canonical(reversed) == canonical(value));
}

}  // namespace
}  // namespace json
