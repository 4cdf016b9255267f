#include "json/parse.h"

#include <array>
#include <string>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "json/canonical.h"
#include "json/value.h"
#include "tests/json/values.h"

namespace json {
namespace {

using boost::json::serialize;
using ::testing::StartsWith;

// The text of what was parsed, or the error.
std::string parsed(std::string_view text, const Filter& filter = {}) {
  const auto value = parse(text, filter);
  return value ? serialize(*value) : std::string(to_string(value.error().reason));
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(JsonParse, ReadsEveryKindOfValue) {
  for (const auto* text : {"null", "true", "false", "0", "-7", R"("text")", "[]", "{}",
                           R"({"a":[1,{"b":null}],"c":"d"})"}) {
    EXPECT_EQ(parsed(text), text);
  }
  EXPECT_EQ(parsed(" \r\n\t[ 1 , 2 ] \n"), "[1,2]");
}

TEST(JsonParse, KeepsSoManyValuesAndNoMore) {
  const auto list_of = [](std::size_t count) {
    std::string text = "[1";
    for (std::size_t i = 1; i < count; ++i) text += ",1";
    return text + "]";
  };
  EXPECT_TRUE(parse(list_of(kMaxValues - 1))) << "the list counts too";
  EXPECT_EQ(parse(list_of(kMaxValues)).error().reason, base::Reason::kTooLarge);
  const auto dropping = Filter::drop({"/dropped"});
  EXPECT_EQ(parsed(R"({"kept":1,"dropped":)" + list_of(kMaxValues) + "}", dropping),
            R"({"kept":1})");
}

TEST(JsonParse, TellsOfTooManyValuesOnlyWhereAllOfItIsJson) {
  std::string text = "[";
  for (std::size_t i = 0; i < kMaxValues; ++i) text += "{},";
  EXPECT_EQ(parse(text).error().reason, base::Reason::kProtocol);
  EXPECT_EQ(parse(text + R"({"a":["b"]}])").error().reason, base::Reason::kTooLarge);
}

TEST(JsonParse, KeepsIntegersOf64BitsExactly) {
  EXPECT_EQ(parse("-9223372036854775808")->as_int64(), INT64_MIN);
  EXPECT_EQ(parse("9223372036854775807")->as_int64(), INT64_MAX);
  EXPECT_EQ(parse("18446744073709551615")->as_uint64(), UINT64_MAX);
  EXPECT_DOUBLE_EQ(parse("18446744073709551616")->as_double(), 18446744073709551616.0);
}

TEST(JsonParse, ReadsTheDoubleThatIsNearest) {
  for (const auto* text : {"0.1", "3.0000000000000004", "5e-324", "2.2250738585072011e-308",
                           "1.7976931348623157e308", "9007199254740993.0", "-0.3"}) {
    EXPECT_EQ(parse(text)->as_double(), std::strtod(text, nullptr)) << text;
  }
}

TEST(JsonParse, RefusesANumberThatNoDoubleHolds) {
  EXPECT_EQ(parsed("1e400"), "Protocol");
  EXPECT_EQ(parsed("[-1e999999]"), "Protocol");
}

TEST(JsonParse, PutsAStringTogetherThatEscapesSplit) {
  EXPECT_EQ(parse(R"("a\nb\u00e4\ud83d\ude00\"c\\")")->as_string(), "a\nbä😀\"c\\");
  EXPECT_EQ(parse(R"({"k\u0065y\n":"\t"})")->as_object().at("key\n").as_string(), "\t");
  const std::string text(10'000, 'x');
  EXPECT_EQ(parse("\"" + text + "\\n" + text + "\"")->as_string(), text + "\n" + text);
}

TEST(JsonParse, KeepsTheLastOfADuplicateKey) {
  EXPECT_EQ(parsed(R"({"a":1,"b":2,"a":{"c":3}})"), parsed(R"({"a":{"c":3},"b":2})"));
}

TEST(JsonParse, RefusesWhatIsDeeperThanTheLimit) {
  EXPECT_EQ(parsed(nested(kMaxDepth)), nested(kMaxDepth));
  EXPECT_EQ(parsed(nested(kMaxDepth + 1)), "Protocol");
}

TEST(JsonParse, CountsTheDepthOfWhatIsDroppedToo) {
  const auto filter = Filter::keep({"/a"});
  EXPECT_EQ(parsed(R"({"b":)" + nested(kMaxDepth) + "}", filter), "Protocol");
}

TEST(JsonParse, RefusesInvalidUtf8AlsoInWhatIsDropped) {
  for (const std::string bytes : {"\xFF", "\xC3", "\xED\xA0\x80", "\xC0\x80", "\xF5\x80\x80\x80"}) {
    EXPECT_EQ(parsed(R"({"b":")" + bytes + "\"}"), "Protocol");
    EXPECT_EQ(parsed(R"({"b":")" + bytes + "\"}", Filter::keep({"/a"})), "Protocol");
    EXPECT_EQ(parsed("{\"" + bytes + "\":1}"), "Protocol");
  }
  EXPECT_EQ(parsed(R"("\ud800")"), "Protocol") << "half a surrogate pair";
}

TEST(JsonParse, RefusesADocumentThatWasCutAnywhere) {
  const std::string text = R"({"a":[1,-2.5e3,"x\u00e4\n"],"b":{"c":null,"d":true},"e":""})";
  for (const Filter& filter : {Filter(), Filter::keep({"/b/c"}), Filter::drop({"/a"})}) {
    ASSERT_TRUE(parse(text, filter));
    for (std::size_t length = 0; length < text.size(); ++length) {
      EXPECT_EQ(parsed(text.substr(0, length), filter), "Protocol") << text.substr(0, length);
    }
  }
}

TEST(JsonParse, RefusesWhatIsNoJson) {
  for (const auto* text : {"", " ", "{} {}", "[1,]", "{\"a\"}", "{a:1}", "nul", "01", "+1", "NaN",
                           "'a'", "[1] x", "/* c */ 1", "\"a\nb\""}) {
    EXPECT_EQ(parsed(text), "Protocol") << text;
  }
}

TEST(JsonParse, NamesTheByteWhereItStopped) {
  const auto value = parse(R"({"a":x})");
  ASSERT_FALSE(value);
  EXPECT_THAT(value.error().message, StartsWith("not JSON at byte 5: "));
}

TEST(JsonParse, TakesMemoryFromTheStorageGiven) {
  std::array<unsigned char, 4096> buffer;
  boost::json::monotonic_resource memory(buffer.data(), buffer.size());
  const auto value =
      parse(R"({"a":["b",{"c":"a text that is longer than any small one"}]})", {}, &memory);
  ASSERT_TRUE(value);
  EXPECT_EQ(value->storage().get(), &memory);
}

RC_GTEST_PROP(JsonParse, ReadsBackWhatWasWritten, ()) {
  const auto value = *test::any_value();
  const auto again = parse(serialize(value));
  RC_ASSERT(again.has_value());
  RC_ASSERT(equal(*again, value));
}

}  // namespace
}  // namespace json
