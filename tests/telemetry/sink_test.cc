#include "telemetry/log/sink.h"

#include <array>
#include <csignal>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

namespace telemetry::log {
namespace {

struct Pipe {
  Pipe() { EXPECT_EQ(pipe(ends.data()), 0); }
  ~Pipe() {
    close_reader();
    close(ends[1]);
  }
  void close_reader() {
    if (ends[0] >= 0) close(ends[0]);
    ends[0] = -1;
  }
  std::array<int, 2> ends{};
};

TEST(FdSink, WritesALineWithOneCall) {
  // A sequenced-packet socket keeps the bounds of writes.
  std::array<int, 2> ends{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends.data()), 0);
  FdSink(ends[1]).write("a line\n");
  FdSink(ends[1]).write("another\n");
  std::array<char, 100> buffer{};
  EXPECT_EQ(read(ends[0], buffer.data(), buffer.size()), 7);
  EXPECT_EQ(std::string(buffer.data(), 7), "a line\n");
  close(ends[0]);
  close(ends[1]);
}

TEST(FdSink, KeepsLongLinesOfSeveralThreadsWhole) {
  constexpr int kThreads = 4;
  constexpr int kLines = 20;
  constexpr std::size_t kLength = 20'000;  // above PIPE_BUF
  Pipe pipe;
  FdSink sink(pipe.ends[1]);
  std::vector<std::jthread> writers;
  for (int i = 0; i < kThreads; ++i) {
    writers.emplace_back([&sink, letter = static_cast<char>('a' + i)] {
      for (int n = 0; n < kLines; ++n) sink.write(std::string(kLength, letter) + '\n');
    });
  }
  std::string text;
  std::array<char, 4096> buffer{};
  while (text.size() < kThreads * kLines * (kLength + 1)) {
    const auto count = read(pipe.ends[0], buffer.data(), buffer.size());
    ASSERT_GT(count, 0);
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  for (std::size_t at = 0; at < text.size(); at += kLength + 1) {
    ASSERT_EQ(text.substr(at, kLength + 1), std::string(kLength, text[at]) + '\n');
  }
}

TEST(FdSink, CountsLinesThatNobodyCanRead) {
  std::signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  FdSink sink(pipe.ends[1]);
  pipe.close_reader();
  sink.write("lost\n");
  EXPECT_EQ(sink.dropped_lines(), 1U);
}

}  // namespace
}  // namespace telemetry::log
