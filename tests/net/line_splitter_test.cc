#include "net/line_splitter.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

namespace net {
namespace {

using ::testing::ElementsAre;

struct Lines {
  LineSplitter splitter;
  std::vector<std::string> seen;

  explicit Lines(std::size_t max = LineSplitter::kDefaultMaxLine) : splitter(max) {}
  base::Result<void> feed(std::string_view chunk) {
    return splitter.feed(chunk, [this](std::string_view line) { seen.emplace_back(line); });
  }
};

TEST(LineSplitter, SplitsSeveralEventsOfOneChunk) {
  Lines lines;
  ASSERT_TRUE(lines.feed("{\"a\":1}\n{\"b\":2}\n"));
  EXPECT_THAT(lines.seen, ElementsAre("{\"a\":1}", "{\"b\":2}"));
  EXPECT_FALSE(lines.splitter.mid_line());
}

TEST(LineSplitter, JoinsALineThatIsSplitAtEveryByte) {
  Lines lines;
  for (const char c : std::string("one\r\n\r\n\ntwo\n")) ASSERT_TRUE(lines.feed({&c, 1}));
  EXPECT_THAT(lines.seen, ElementsAre("one", "two"));
}

TEST(LineSplitter, KeepsATruncatedLastLineBack) {
  Lines lines;
  ASSERT_TRUE(lines.feed("one\ntw"));
  EXPECT_THAT(lines.seen, ElementsAre("one"));
  EXPECT_TRUE(lines.splitter.mid_line());
}

TEST(LineSplitter, DoesNotCopyALineThatLiesWholeInAChunk) {
  const std::string chunk = "whole\nrest";
  LineSplitter splitter;
  const char* where = nullptr;
  ASSERT_TRUE(splitter.feed(chunk, [&](std::string_view line) { where = line.data(); }));
  EXPECT_EQ(where, chunk.data());
}

TEST(LineSplitter, RefusesALineOverTheLimitHoweverItArrives) {
  Lines at_once(4);
  ASSERT_TRUE(at_once.feed("four\n"));
  const auto whole = at_once.feed("fives\n");
  ASSERT_FALSE(whole);
  EXPECT_EQ(whole.error().reason, base::Reason::kTooLarge);

  Lines in_pieces(4);
  ASSERT_TRUE(in_pieces.feed("fiv"));
  const auto pieces = in_pieces.feed("es");
  ASSERT_FALSE(pieces);
  EXPECT_EQ(pieces.error().reason, base::Reason::kTooLarge);
}

RC_GTEST_PROP(LineSplitter, FindsTheSameLinesHoweverTheBytesAreCut, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::element('a', 'b', '\r', '\n'));
  Lines whole;
  RC_ASSERT(whole.feed(text).has_value());
  Lines cut;
  for (std::size_t at = 0; at < text.size();) {
    const auto size = *rc::gen::inRange<std::size_t>(1, 5);
    RC_ASSERT(cut.feed(std::string_view(text).substr(at, size)).has_value());
    at += size;
  }
  RC_ASSERT(whole.seen == cut.seen);
  RC_ASSERT(whole.splitter.mid_line() == cut.splitter.mid_line());
}

}  // namespace
}  // namespace net
