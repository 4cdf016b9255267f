#include "json/filter.h"

#include <algorithm>
#include <string>
#include <vector>

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "json/parse.h"
#include "json/value.h"
#include "tests/json/values.h"

namespace json {
namespace {

std::string filtered(std::string_view text, const Filter& filter) {
  return boost::json::serialize(parse(text, filter).value());
}
std::string kept(std::string_view text, const std::vector<std::string>& pointers) {
  return filtered(text, Filter::keep(pointers));
}
std::string dropped(std::string_view text, const std::vector<std::string>& pointers) {
  return filtered(text, Filter::drop(pointers));
}

TEST(JsonFilter, KeepsWhatIsAtOrBelowAPath) {
  EXPECT_EQ(kept(R"({"a":{"b":{"c":[1]},"d":2},"e":3})", {"/a/b"}), R"({"a":{"b":{"c":[1]}}})");
  EXPECT_EQ(kept(R"({"a":{"b":1},"e":{"f":null}})", {"/a", "/e/f"}),
            R"({"a":{"b":1},"e":{"f":null}})");
}

TEST(JsonFilter, KeepsTheContainersOnTheWayAndNoScalarThere) {
  EXPECT_EQ(kept(R"({"a":{"x":1}})", {"/a/b"}), R"({"a":{}})");
  EXPECT_EQ(kept(R"({"a":"text","b":7,"c":null,"d":true})", {"/a/b", "/b/c", "/c/d", "/d/e"}),
            "{}");
  EXPECT_EQ(kept(R"({"a":["x",{"b":1,"c":2},[3]]})", {"/a/*/b"}), R"({"a":[{"b":1},[]]})");
}

TEST(JsonFilter, KeepsAllBelowTheShorterOfTwoPaths) {
  EXPECT_EQ(kept(R"({"a":{"b":1,"c":2}})", {"/a/b", "/a"}), R"({"a":{"b":1,"c":2}})");
}

TEST(JsonFilter, MatchesAnyKeyAndAnyIndexWithAStar) {
  EXPECT_EQ(kept(R"({"a":{"x":{"k":1,"l":2},"y":{"k":3}}})", {"/a/*/k"}),
            R"({"a":{"x":{"k":1},"y":{"k":3}}})");
  EXPECT_EQ(kept(R"({"a":[{"k":1,"l":2},{"k":3}]})", {"/a/*/k"}), R"({"a":[{"k":1},{"k":3}]})");
}

TEST(JsonFilter, MatchesAStarBesideAKeyOfTheSamePlace) {
  EXPECT_EQ(kept(R"({"x":{"k":1,"l":2,"m":3},"y":{"k":4,"l":5}})", {"/x/l", "/*/k"}),
            R"({"x":{"k":1,"l":2},"y":{"k":4}})");
  EXPECT_EQ(dropped(R"({"x":{"k":1,"l":2,"m":3},"y":{"k":4,"l":5}})", {"/x/l", "/*/k"}),
            R"({"x":{"m":3},"y":{"l":5}})");
}

TEST(JsonFilter, UnescapesTildeAndSlash) {
  EXPECT_EQ(kept(R"({"a/b":1,"a~b":2,"a~1b":3})", {"/a~1b"}), R"({"a/b":1})");
  EXPECT_EQ(kept(R"({"a/b":1,"a~b":2,"a~1b":3})", {"/a~0b", "/a~01b"}), R"({"a~b":2,"a~1b":3})");
}

TEST(JsonFilter, FindsAKeyThatEscapesSplit) {
  EXPECT_EQ(kept(R"({"k\u0065y":"v\n","other":1})", {"/key"}), R"({"key":"v\n"})");
}

TEST(JsonFilter, DropsWhatIsAtOrBelowAPathAndKeepsTheRest) {
  EXPECT_EQ(dropped(R"({"a":{"b":{"c":1},"d":2},"e":[{"b":3}]})", {"/a/b", "/e/*/b"}),
            R"({"a":{"d":2},"e":[{}]})");
  EXPECT_EQ(dropped(R"({"a":"text"})", {"/a/b"}), R"({"a":"text"})");
}

TEST(JsonFilter, KeepsTheWholeDocumentWithoutPaths) {
  EXPECT_EQ(filtered(R"({"a":1})", Filter()), R"({"a":1})");
  EXPECT_EQ(dropped(R"({"a":1})", {}), R"({"a":1})");
  EXPECT_EQ(kept(R"({"a":1})", {}), "{}");
}

TEST(JsonFilter, NamesTheWholeDocumentWithTheEmptyPath) {
  EXPECT_EQ(kept(R"({"a":{"b":1}})", {""}), R"({"a":{"b":1}})");
}

TEST(JsonFilter, HoldsForADocumentWithinAnother) {
  const auto event = R"({"type":"ADDED","n":1,"object":{"a":{"b":1,"c":2},"d":3}})";
  EXPECT_EQ(filtered(event, Filter::keep({"/a/b"}).within("/object", {"/type"})),
            R"({"type":"ADDED","object":{"a":{"b":1}}})");
  EXPECT_EQ(filtered(event, Filter::drop({"/a/b"}).within("/object", {"/type"})),
            R"({"type":"ADDED","n":1,"object":{"a":{"c":2},"d":3}})");
  EXPECT_EQ(filtered(event, Filter().within("/object", {"/type"})), event);
}

// What a filter means, said on a whole value: the pointers are lists of tokens, and what is left of
// each on the way down is what still matters.
using Pointer = std::vector<std::string>;
using Pointers = std::vector<Pointer>;

Pointers below(const Pointers& pointers, std::string_view key) {
  Pointers rest;
  for (const auto& pointer : pointers) {
    if (!pointer.empty() && (pointer.front() == "*" || pointer.front() == key)) {
      rest.emplace_back(pointer.begin() + 1, pointer.end());
    }
  }
  return rest;
}

std::optional<boost::json::value> judged(const boost::json::value& value, const Pointers& pointers,
                                         bool keeps) {
  const bool named = std::ranges::any_of(pointers, &Pointer::empty);
  if (named) return keeps ? std::optional(value) : std::nullopt;
  if (pointers.empty()) return keeps ? std::nullopt : std::optional(value);
  if (const auto* object = value.if_object()) {
    boost::json::object rest;
    for (const auto& [key, member] : *object) {
      if (auto inner = judged(member, below(pointers, key), keeps)) rest[key] = std::move(*inner);
    }
    return rest;
  }
  if (const auto* array = value.if_array()) {
    boost::json::array rest;
    for (const auto& element : *array) {
      // No token but the star names an element of a list.
      if (auto inner = judged(element, below(pointers, "*"), keeps)) rest.push_back(*inner);
    }
    return rest;
  }
  return keeps ? std::nullopt : std::optional(value);
}

RC_GTEST_PROP(JsonFilter, KeepsAndDropsWhatThePathsSay, (bool keeps)) {
  const auto pointers = *rc::gen::container<Pointers>(rc::gen::nonEmpty(
      rc::gen::container<Pointer>(rc::gen::element<std::string>("a", "b", "c", "*"))));
  const boost::json::value value{{"a", *test::any_value()}, {"b", *test::any_value()}};
  std::vector<std::string> texts;
  for (const auto& pointer : pointers) {
    std::string& text = texts.emplace_back();
    for (const auto& token : pointer) text += "/" + token;
  }
  const auto filter = keeps ? Filter::keep(texts) : Filter::drop(texts);
  const auto expected = judged(value, pointers, keeps).value_or(boost::json::object());
  const auto actual = parse(boost::json::serialize(value), filter).value();
  if (!equal(actual, expected)) {
    RC_LOG() << "value " << value << "\nexpected " << expected << "\nactual " << actual << "\n";
    RC_FAIL();
  }
}

}  // namespace
}  // namespace json
