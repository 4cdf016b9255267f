#include "net/line_splitter.h"

#include <fmt/format.h>

namespace net {

base::Result<void> LineSplitter::keep(std::string_view bytes) {
  if (bytes.size() > max_line_ - partial_.size()) {
    return base::fail(base::Reason::kTooLarge,
                      fmt::format("a line of the stream exceeds {} bytes", max_line_));
  }
  partial_.append(bytes);
  return {};
}

}  // namespace net
