#include "yaml/convert.h"

#include <string>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using testing::HasSubstr;
using testing::StartsWith;

// What `text` becomes, as JSON; an error as "ERROR: …".
std::string json_of(std::string_view text, const yaml::Limits& limits = {}) {
  const auto result = yaml::parse(text, limits);
  return result ? boost::json::serialize(*result) : "ERROR: " + result.error().message;
}

TEST(YamlScalars, ArePlainNullsInEverySpelling) {
  EXPECT_EQ(json_of("[~, null, Null, NULL, nUll]"), R"([null,null,null,null,"nUll"])");
  EXPECT_EQ(json_of("a:"), R"({"a":null})");
}

TEST(YamlScalars, AreYaml11BooleansWhenPlain) {
  EXPECT_EQ(json_of("[true, True, TRUE, yes, Yes, YES, on, On, ON, y, Y]"),
            "[true,true,true,true,true,true,true,true,true,true,true]");
  EXPECT_EQ(json_of("[false, False, FALSE, no, No, NO, off, Off, OFF, n, N]"),
            "[false,false,false,false,false,false,false,false,false,false,false]");
  EXPECT_EQ(json_of("[tRue, yEs, nO]"), R"(["tRue","yEs","nO"])");
}

TEST(YamlScalars, AreStringsWhenQuotedOrBlocksOrTagged) {
  EXPECT_EQ(json_of(R"(["true", 'no', "1", '~', !!str 12, !!str yes])"),
            R"(["true","no","1","~","12","yes"])");
  EXPECT_EQ(json_of("a: |\n  12\nb: >-\n  true\n  false\n"), R"({"a":"12\n","b":"true false"})");
}

TEST(YamlScalars, AreIntegersInGosBases) {
  EXPECT_EQ(json_of("[0, -0, 12, +12, -12, 1_000]"), "[0,0,12,12,-12,1000]");
  EXPECT_EQ(json_of("[0x1F, -0x1f, 0o17, 017, 0b101]"), "[31,-31,15,15,5]");
  EXPECT_EQ(json_of("[9223372036854775807, -9223372036854775808, 18446744073709551615]"),
            "[9223372036854775807,-9223372036854775808,18446744073709551615]");
}

TEST(YamlScalars, AreNumbers) {
  EXPECT_EQ(json_of("[1.5, .5, 1e3, -1.25e-2, +2.5]"),
            boost::json::serialize(boost::json::parse("[1.5, 0.5, 1000.0, -0.0125, 2.5]")));
  // No octal digit, so a number after all, as for Go.
  EXPECT_EQ(json_of("08"), boost::json::serialize(boost::json::value(8.0)));
}

TEST(YamlScalars, AreStringsOtherwise) {
  EXPECT_EQ(
      json_of("[a, 1.2.3, 10Gi, 1e, +-1, '', 1:30, 2001-12-14, 0x, 0b2, ., -, --1, -inf]"),
      R"(["a","1.2.3","10Gi","1e","+-1","","1:30","2001-12-14","0x","0b2",".","-","--1","-inf"])");
}

TEST(YamlScalars, RefuseWhatJsonCannotSay) {
  EXPECT_EQ(json_of("a: .inf"), "ERROR: line 1, column 4: JSON has no infinite numbers and no NaN");
  EXPECT_THAT(json_of("- .NaN"), HasSubstr("JSON has no infinite numbers and no NaN"));
}

TEST(YamlScalars, RefuseUnknownTags) {
  EXPECT_EQ(json_of("a: !secret x"),
            "ERROR: line 1, column 4: tag \"!secret\" is not supported; remove it");
  EXPECT_THAT(json_of("a: !!binary eA=="), HasSubstr("tag:yaml.org,2002:binary"));
  EXPECT_THAT(json_of("!!set {a}"), HasSubstr("is not supported"));
}

TEST(YamlKeys, BecomeStringsByTheTypingOfValues) {
  EXPECT_EQ(json_of("{on: 1, 0x10: 2, \"on\": 3}"), R"({"true":1,"16":2,"on":3})");
}

TEST(YamlKeys, MustBeUnique) {
  EXPECT_EQ(json_of("a: 1\nb: 2\na: 3\n"), "ERROR: line 3, column 4: duplicate key \"a\"");
  EXPECT_THAT(json_of("{yes: 1, on: 2}"), HasSubstr("duplicate key \"true\""));
}

TEST(YamlKeys, MustBeScalars) {
  EXPECT_THAT(json_of("? [a]\n: 1"), HasSubstr("not a list or a mapping"));
  EXPECT_THAT(json_of("~: 1"), HasSubstr("put it in quotes"));
  EXPECT_THAT(json_of("1.5: 1"), HasSubstr("put it in quotes"));
  EXPECT_THAT(json_of("- &a x\n- *a : 1"), HasSubstr("not be an alias"));
}

TEST(YamlAliases, RepeatTheAnchoredValue) {
  EXPECT_EQ(json_of("a: &x {b: [1]}\nc: *x\nd: [*x]"),
            R"({"a":{"b":[1]},"c":{"b":[1]},"d":[{"b":[1]}]})");
}

TEST(YamlAliases, RefuseARecursiveValue) {
  EXPECT_THAT(json_of("a: &x [*x]"), HasSubstr("must not refer to what it is part of"));
}

TEST(YamlAliases, AreBoundedBeforeTheyAreExpanded) {
  std::string bomb = "l0: &l0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int level = 1; level < 30; ++level) {
    const std::string below = "*l" + std::to_string(level - 1);
    bomb += fmt::format("l{0}: &l{0} [{1},{1},{1},{1}]\n", level, below);
  }
  const auto result = yaml::parse(bomb);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, base::Reason::kTooLarge);
  EXPECT_THAT(result.error().message, HasSubstr("more than 100000 nodes"));
}

TEST(YamlAliases, AreBoundedInBytes) {
  std::string text = "a: &a " + std::string(500, 'x') + "\nb: [";
  for (int i = 0; i < 100; ++i) text += "*a,";
  text += "]";
  EXPECT_THAT(json_of(text, {.max_bytes = 10'000}), HasSubstr("more than 10000 bytes of scalars"));
}

TEST(YamlMerge, TakesWhatTheMappingDoesNotSay) {
  EXPECT_EQ(json_of("base: &b {x: 1, y1: 2}\nc:\n  y1: 3\n  <<: *b\n"),
            R"({"base":{"x":1,"y1":2},"c":{"y1":3,"x":1}})");
  EXPECT_EQ(json_of("<<: [{a: 1}, {a: 2, b: 2}]"), R"({"a":1,"b":2})");
  EXPECT_EQ(json_of("\"<<\": 1"), R"({"<<":1})");
}

TEST(YamlMerge, RefusesWhatIsNoMapping) {
  EXPECT_THAT(json_of("<<: 1"), HasSubstr("merges a mapping or a list of mappings"));
  EXPECT_THAT(json_of("<<: [1]"), HasSubstr("merges a mapping or a list of mappings"));
}

TEST(YamlLimits, HoldForTextDepthAndNodes) {
  EXPECT_THAT(json_of("abcdef", {.max_bytes = 5}), HasSubstr("6 bytes; at most 5"));
  EXPECT_EQ(json_of("[[1]]", {.max_depth = 2}), "[[1]]");
  EXPECT_THAT(json_of("[[[1]]]", {.max_depth = 2}), HasSubstr("nested deeper than 2 levels"));
  EXPECT_THAT(json_of("a: &x [[1]]\nb: [*x]", {.max_depth = 3}), HasSubstr("nested deeper than 3"));
  EXPECT_EQ(json_of("[1, 2]", {.max_nodes = 3}), "[1,2]");
  EXPECT_THAT(json_of("[1, 2, 3]", {.max_nodes = 3}), HasSubstr("more than 3 nodes"));
}

TEST(YamlLimits, StopADeepFlowSequence) {
  EXPECT_THAT(json_of(std::string(1000, '[') + std::string(1000, ']')),
              HasSubstr("nested deeper than 64 levels"));
}

TEST(YamlText, MustBeUtf8WithoutControlCharacters) {
  EXPECT_EQ(json_of("a: \xC3\xA9\xF0\x9F\x98\x80"), "{\"a\":\"\xC3\xA9\xF0\x9F\x98\x80\"}");
  EXPECT_EQ(json_of("\xEF\xBB\xBF"
                    "a: 1"),
            R"({"a":1})");
  EXPECT_EQ(json_of("a: 1\nb: \xC0\x80"), "ERROR: line 2, column 4: text must be UTF-8");
  EXPECT_THAT(json_of("\xED\xA0\x80"), HasSubstr("must be UTF-8"));
  EXPECT_THAT(json_of("\xE2\x82"), HasSubstr("must be UTF-8"));
  EXPECT_THAT(json_of("\xF4\x90\x80\x80"), HasSubstr("must be UTF-8"));
  // yaml-cpp takes this byte for the end of the text.
  EXPECT_EQ(json_of("a: 1\n\x04nonsense: ["),
            "ERROR: line 2, column 1: control character 0x04 is not allowed");
}

TEST(YamlText, SaysWhereASyntaxErrorIs) {
  EXPECT_THAT(json_of("a: [1\nb: 2"), StartsWith("ERROR: line 2, column"));
  EXPECT_THAT(json_of("a: *nobody"), StartsWith("ERROR: line 1, column"));
}

TEST(YamlDocuments, AreOneForParse) {
  EXPECT_EQ(json_of(""), "null");
  EXPECT_EQ(json_of("# nothing\n"), "null");
  EXPECT_EQ(json_of("---\na: 1\n...\n"), R"({"a":1})");
  EXPECT_EQ(json_of("a: 1\n---\nb: 2\n"), "ERROR: 2 documents where one is expected");
}

TEST(YamlDocuments, AreManyForParseAll) {
  const auto documents = yaml::parse_all("---\na: &x 1\n---\n---\nb: 2\n");
  ASSERT_TRUE(documents) << documents.error().message;
  EXPECT_EQ(boost::json::serialize(boost::json::array(documents->begin(), documents->end())),
            R"([{"a":1},null,{"b":2}])");
}

TEST(YamlDocuments, DoNotShareAnchors) {
  EXPECT_FALSE(yaml::parse_all("a: &x 1\n---\nb: *x\n"));
}

TEST(YamlDocuments, AreNotBegunByLeftovers) {
  EXPECT_THAT(json_of("\"a\" \"b\""), HasSubstr("another one must begin with \"---\""));
  EXPECT_THAT(json_of("[1] [2]"), HasSubstr("another one must begin with \"---\""));
  EXPECT_THAT(json_of("{a: 1} }"), StartsWith("ERROR: line 1"));
}

// yaml-cpp makes one byte of them.
TEST(YamlText, RefusesEscapesThatAreNoUtf8) {
  EXPECT_THAT(json_of(R"(a: "x\N")"), HasSubstr("line 1"));
  EXPECT_THAT(json_of(R"(a: "x\N")"), HasSubstr("is not UTF-8"));
  EXPECT_EQ(json_of(R"(a: "x\u0085")"), "{\"a\":\"x\u0085\"}");
}

TEST(YamlDocuments, MayBeJson) {
  const std::string text =
      "{\n\t\"a\": [1, -2.5, true, null, \"x\\u00e9\\n\\/\"],\n\t\"b\": {\"c\": \"yes\"}\n}\n";
  EXPECT_EQ(json_of(text), boost::json::serialize(boost::json::parse(text)));
}

}  // namespace
