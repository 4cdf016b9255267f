#include "telemetry/log/sink.h"

#include <cerrno>
#include <unistd.h>

namespace telemetry::log {

void FdSink::write(std::string_view line) {
  const base::MutexLock lock(mutex_);
  write_whole(line);
}

void FdSink::write_whole(std::string_view line) {
  while (!line.empty()) {
    const auto written = ::write(fd_, line.data(), line.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      ++dropped_lines_;
      return;
    }
    // Short only where a signal or a full disk came in between.
    line.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace telemetry::log
