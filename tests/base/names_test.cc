#include "base/names.h"

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace base {
namespace {

TEST(Names, ADns1123LabelIsLowerCaseAlphanumericWithInnerDashes) {
  for (const auto* name : {"a", "0", "web", "1-2", "a--b"})
    EXPECT_TRUE(is_dns1123_label(name)) << name;
  for (const auto* name : {"", "-a", "a-", "A", "a.b", "a_b", "ä", "a b"}) {
    EXPECT_FALSE(is_dns1123_label(name)) << name;
  }
  EXPECT_TRUE(is_dns1123_label(std::string(63, 'a')));
  EXPECT_FALSE(is_dns1123_label(std::string(64, 'a')));
}

TEST(Names, ADns1123SubdomainIsLabelsJoinedByDots) {
  for (const auto* name : {"a", "a.b", "web.example.com", "0.1"}) {
    EXPECT_TRUE(is_dns1123_subdomain(name)) << name;
  }
  for (const auto* name : {"", ".", "a.", ".a", "a..b", "a.-b", "a-.b", "a.B"}) {
    EXPECT_FALSE(is_dns1123_subdomain(name)) << name;
  }
  EXPECT_TRUE(is_dns1123_subdomain(std::string(253, 'a')));
  EXPECT_FALSE(is_dns1123_subdomain(std::string(254, 'a')));
}

TEST(Names, ADns1035LabelBeginsWithALetter) {
  EXPECT_TRUE(is_dns1035_label("a1"));
  EXPECT_FALSE(is_dns1035_label("1a"));
  EXPECT_FALSE(is_dns1035_label(""));
  EXPECT_FALSE(is_dns1035_label(std::string(64, 'a')));
}

TEST(Names, LeavesAShortNameAsItIs) {
  EXPECT_EQ(shorten("web", 63), "web");
  EXPECT_EQ(shorten(std::string(63, 'a'), 63), std::string(63, 'a'));
}

TEST(Names, ShortensALongNameToItsBeginningAndAHash) {
  // The hash is printf '%s' <name> | sha256sum; a change of it renames objects in clusters.
  EXPECT_EQ(shorten("a-rather-long-name", 17), "a-rath-87d02c795d");
  EXPECT_EQ(shorten("web.example.com", 14), "web-a273ea6b89");
}

TEST(Names, RefusesALimitWithoutRoomForABeginning) {
  EXPECT_THROW(static_cast<void>(shorten("web", 11)), std::logic_error);
}

RC_GTEST_PROP(NamesProperty, AShortenedLabelIsALabelWithinTheLimit, ()) {
  const auto inner = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab0---")));
  const auto max = *rc::gen::inRange<std::size_t>(12, 64);
  const std::string name = "a" + inner + "z";
  const std::string result = shorten(name, max);
  RC_ASSERT(result.size() <= max);
  RC_ASSERT(is_dns1035_label(result));
  RC_ASSERT((result == name) == (name.size() <= max));
}

RC_GTEST_PROP(NamesProperty, NamesThatDifferBehindTheCutStayApart, ()) {
  const std::string beginning(60, 'a');
  const auto ending = rc::gen::container<std::string>(10, rc::gen::inRange('a', 'z'));
  const auto left = *ending;
  const auto right = *rc::gen::distinctFrom(ending, left);
  RC_ASSERT(shorten(beginning + left, 63) != shorten(beginning + right, 63));
}

}  // namespace
}  // namespace base
