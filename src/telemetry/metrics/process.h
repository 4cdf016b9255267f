#pragma once
// The process metrics that every Prometheus client offers, under client_golang's names.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "telemetry/metrics/registry.h"

namespace telemetry::metrics {

// What /proc/<pid>/stat says, in its own units.
struct ProcessStat {
  std::uint64_t cpu_ticks = 0;    // user and system
  std::uint64_t start_ticks = 0;  // since boot
  std::uint64_t virtual_bytes = 0;
  std::uint64_t resident_pages = 0;
};

// Reads the content of /proc/<pid>/stat (proc(5)); nullopt where it is not that.
[[nodiscard]] std::optional<ProcessStat> parse_process_stat(std::string_view content);

// process_cpu_seconds_total, process_resident_memory_bytes, process_virtual_memory_bytes,
// process_start_time_seconds, process_open_fds and process_max_fds of this process, read from /proc
// at each scrape as long as this lives. What cannot be read is left out.
class ProcessMetrics {
 public:
  explicit ProcessMetrics(Registry& registry);

 private:
  std::vector<Collector> collectors_;
};

}  // namespace telemetry::metrics
