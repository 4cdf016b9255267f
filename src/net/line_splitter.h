#pragma once
// Bytes as they arrive → lines: one event of a watch each.

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"

namespace net {

// Lines end with '\n'; a '\r' before it is dropped and empty lines are skipped. A line that lies
// whole within a chunk is not copied. What follows the last '\n' is not a line: a connection cut in
// the middle of an event must not yield half an event.
class LineSplitter {
 public:
  // 8 MiB: five times the largest object that etcd's default request limit (1.5 MiB) admits.
  static constexpr std::size_t kDefaultMaxLine = 8 * 1024 * 1024;

  explicit LineSplitter(std::size_t max_line_bytes = kDefaultMaxLine) : max_line_(max_line_bytes) {}

  // Calls `line` (void(std::string_view), valid during the call) for each line that is complete
  // now. kTooLarge when a line exceeds the limit; the splitter is then of no more use.
  template <class Line>
  base::Result<void> feed(std::string_view chunk, Line&& line);

  // True while bytes without their '\n' are held: after the end of the stream, a truncated last
  // line.
  [[nodiscard]] bool mid_line() const { return !partial_.empty(); }

 private:
  base::Result<void> keep(std::string_view bytes);

  std::size_t max_line_;
  std::string partial_;
};

namespace detail {
inline std::string_view without_carriage_return(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}
}  // namespace detail

template <class Line>
base::Result<void> LineSplitter::feed(std::string_view chunk, Line&& line) {
  for (auto end = chunk.find('\n'); end != std::string_view::npos; end = chunk.find('\n')) {
    std::string_view whole = chunk.substr(0, end);
    chunk.remove_prefix(end + 1);
    const bool continued = !partial_.empty();
    if (continued || whole.size() > max_line_) {
      if (auto kept = keep(whole); !kept) return kept;
      whole = partial_;
    }
    whole = detail::without_carriage_return(whole);
    if (!whole.empty()) line(whole);
    if (continued) partial_.clear();
  }
  return keep(chunk);
}

}  // namespace net
