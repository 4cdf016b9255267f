#include <zlib.h>

#include <gmock/gmock.h>

#include "net/message_reader.h"

namespace net {
namespace {

std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string gzip_answer(const std::string& compressed) {
  return "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " +
         std::to_string(compressed.size()) + "\r\n\r\n" + compressed;
}

// Feeds the bytes in pieces of that size, as a connection would.
base::Result<Response> read(const std::string& bytes, std::size_t piece, ResponseRules rules = {}) {
  ResponseCollector collector;
  ResponseReader reader(rules, collector);
  std::string held;
  for (std::size_t at = 0; at < bytes.size() && !reader.done(); at += piece) {
    held += bytes.substr(at, piece);
    while (!held.empty() && !reader.done()) {
      const auto taken = reader.put(held);
      if (!taken) return std::unexpected(taken.error());
      if (*taken == 0) break;
      held.erase(0, *taken);
    }
  }
  if (!reader.done()) {
    if (auto end = reader.put_eof(); !end) return std::unexpected(end.error());
  }
  return collector.take();
}

TEST(ResponseReader, DecodesGzipHoweverItIsCut) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i);
  const std::string answer = gzip_answer(gzip(text));
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, answer.size()}) {
    const auto response = read(answer, piece);
    ASSERT_TRUE(response) << response.error().describe();
    EXPECT_TRUE(response->body == text) << piece;
  }
}

TEST(ResponseReader, BoundsWhatACompressedBodyUnfoldsTo) {
  const std::string bomb = gzip(std::string(8'000'000, '0'));
  ASSERT_LT(bomb.size(), 100'000U);
  const auto response = read(gzip_answer(bomb), 4096, {.max_body_bytes = 1'000'000});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().reason, base::Reason::kTooLarge);
}

TEST(ResponseReader, RefusesGzipThatIsCutShortOrCorruptOrGoesOn) {
  const std::string whole = gzip("some text that is long enough to be compressed");
  std::string corrupt = whole;
  corrupt[corrupt.size() - 5] ^= 1;
  for (const auto& body : {whole.substr(0, whole.size() - 1), corrupt, whole + "more"}) {
    const auto response = read(gzip_answer(body), 1000);
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().reason, base::Reason::kProtocol);
  }
}

TEST(ResponseReader, AllowsAnEmptyBodyThatIsLabelledGzip) {
  EXPECT_TRUE(read(gzip_answer(""), 1000));
}

TEST(ResponseReader, FindsTheSameMessageHoweverTheBytesAreCut) {
  const std::string answer =
      "HTTP/1.1 100 Continue\r\n\r\n"
      "HTTP/1.1 200 OK\r\nX: y\r\nTransfer-Encoding: chunked\r\n\r\n"
      "4;name=value\r\nwiki\r\n5\r\npedia\r\n0\r\nTrailer: t\r\n\r\n";
  for (std::size_t piece = 1; piece <= answer.size(); ++piece) {
    const auto response = read(answer, piece);
    ASSERT_TRUE(response) << piece << response.error().describe();
    EXPECT_EQ(response->body, "wikipedia");
    EXPECT_EQ(response->header("x"), "y");
    EXPECT_EQ(response->header("trailer"), "");
  }
}

TEST(ResponseReader, ReadsAnEmptyChunkedBodyHoweverItIsCut) {
  const std::string answer =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n";
  for (std::size_t piece = 1; piece <= answer.size(); ++piece) {
    const auto response = read(answer, piece);
    ASSERT_TRUE(response) << piece << ": " << response.error().describe();
    EXPECT_EQ(response->body, "") << piece;
  }
}

TEST(ResponseReader, LeavesWhatFollowsTheHeadOfATunnel) {
  ResponseCollector collector;
  ResponseReader reader({.head_only = true}, collector);
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
  EXPECT_EQ(reader.put(head + "\x16\x03").value(), head.size());
  EXPECT_TRUE(reader.done());
}

TEST(ResponseReader, HandsOnTheSinksError) {
  struct Refusing : ResponseSink {
    base::Result<void> on_head(Response) override { return {}; }
    base::Result<void> on_body(std::string_view) override {
      return base::fail(base::Reason::kCancelled, "enough");
    }
  } sink;
  ResponseReader reader({}, sink);
  const auto taken = reader.put("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().message, "enough");
}

TEST(ResponseReader, KnowsWhetherTheConnectionCanBeKept) {
  const auto keeps = [](const std::string& head) {
    ResponseCollector collector;
    ResponseReader reader({}, collector);
    EXPECT_TRUE(reader.put(head + "Content-Length: 0\r\n\r\n"));
    return reader.keep_alive();
  };
  EXPECT_TRUE(keeps("HTTP/1.1 200 OK\r\n"));
  EXPECT_FALSE(keeps("HTTP/1.1 200 OK\r\nConnection: close\r\n"));
  EXPECT_FALSE(keeps("HTTP/1.0 200 OK\r\n"));
  EXPECT_TRUE(keeps("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n"));
}

}  // namespace
}  // namespace net
