#include "base/utf8.h"

#include <string_view>

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(Utf8, MeasuresTheFirstCharacter) {
  EXPECT_EQ(utf8_character_length("ab"), 1U);
  EXPECT_EQ(utf8_character_length(std::string_view("\0", 1)), 1U);
  EXPECT_EQ(utf8_character_length("\u00e4b"), 2U);
  EXPECT_EQ(utf8_character_length("\u20ac"), 3U);
  EXPECT_EQ(utf8_character_length("\U0001F600"), 4U);
  EXPECT_EQ(utf8_character_length("\U0010FFFF"), 4U);
}

TEST(Utf8, RefusesWhatRfc3629DoesNotAllow) {
  EXPECT_EQ(utf8_character_length(""), 0U);
  for (const auto* text :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xC3", "\xC3(", "\xE0\x9F\xBF", "\xE2\x82", "\xED\xA0\x80",
        "\xF0\x8F\xBF\xBF", "\xF0\x9F\x98", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"}) {
    EXPECT_EQ(utf8_character_length(text), 0U) << testing::PrintToString(text);
  }
}

TEST(Utf8Prefix, IsTheWholeTextWhereItFits) {
  EXPECT_EQ(utf8_prefix("", 0), "");
  EXPECT_EQ(utf8_prefix("a\u00e4", 3), "a\u00e4");
}

TEST(Utf8Prefix, EndsBeforeACharacterThatDoesNotFit) {
  const std::string_view text = "a\u00e4\u20ac\U0001F600";  // 1, 2, 3 and 4 bytes
  for (std::size_t max = 0; max <= text.size(); ++max) {
    const std::size_t whole = max >= 10 ? 10 : max >= 6 ? 6 : max >= 3 ? 3 : max >= 1 ? 1 : 0;
    EXPECT_EQ(utf8_prefix(text, max), text.substr(0, whole)) << max;
  }
}

TEST(Utf8Prefix, SurvivesBytesThatAreNoCharacters) {
  EXPECT_EQ(utf8_prefix("\x80\x80\x80", 2), "");
  EXPECT_EQ(utf8_prefix("\xFF\xFF\xFF", 2), "\xFF\xFF");
}

TEST(IsUtf8, HoldsForWholeCharactersOnly) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("a\u00e9\u20ac\U0001F600"));
  EXPECT_FALSE(is_utf8("a\x85"));
  EXPECT_FALSE(is_utf8("\xE2\x82"));
}

}  // namespace
}  // namespace base
