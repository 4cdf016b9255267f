// net::LineSplitter: the lines of the bytes cut into pieces of the size that the first byte says
// are the lines of the whole, none is empty, ends in '\n' or exceeds the limit.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/line_splitter.h"

namespace {

constexpr std::size_t kMaxLine = 64;

// Nothing where a line is too long.
std::optional<std::vector<std::string>> split(std::string_view bytes, std::size_t piece) {
  net::LineSplitter splitter(kMaxLine);
  std::vector<std::string> lines;
  while (!bytes.empty()) {
    const auto fed = splitter.feed(bytes.substr(0, piece), [&](std::string_view line) {
      if (line.empty() || line.size() > kMaxLine || line.find('\n') != std::string_view::npos)
        std::abort();
      lines.emplace_back(line);
    });
    if (!fed) return std::nullopt;
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (split(bytes, bytes.size()) != split(bytes, std::size_t{data[0]} + 1)) std::abort();
  return 0;
}
