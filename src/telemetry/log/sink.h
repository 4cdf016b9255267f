#pragma once
// Where log lines go.

#include <atomic>
#include <cstdint>
#include <string_view>

#include "base/mutex.h"

namespace telemetry::log {

// Takes finished lines, each ending with '\n'. Called from every thread that logs.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void write(std::string_view line) = 0;
};

// Writes to a file descriptor that it does not own, one write(2) a line; a lock keeps lines longer
// than PIPE_BUF whole. Blocks while the reader of a pipe does not read. A line that cannot be
// written (reader gone, disk full) is dropped: logging never fails its caller.
class FdSink final : public Sink {
 public:
  explicit FdSink(int fd) : fd_(fd) {}
  void write(std::string_view line) override;

  // Lines dropped since the start, wholly or in part.
  [[nodiscard]] std::uint64_t dropped_lines() const { return dropped_lines_; }

 private:
  void write_whole(std::string_view line) CAPP_REQUIRES(mutex_);

  const int fd_;
  base::Mutex mutex_;
  std::atomic<std::uint64_t> dropped_lines_ = 0;
};

}  // namespace telemetry::log
