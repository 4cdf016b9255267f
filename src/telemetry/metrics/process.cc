#include "telemetry/metrics/process.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <system_error>
#include <unistd.h>

namespace telemetry::metrics {
namespace {

std::string read_file(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::optional<ProcessStat> own_stat() {
  return parse_process_stat(read_file("/proc/self/stat"));
}

double ticks_to_seconds(std::uint64_t ticks) {
  return static_cast<double>(ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// When the machine was started, in seconds since the epoch: the line "btime <seconds>" of
// /proc/stat.
std::optional<double> boot_time() {
  std::ifstream file("/proc/stat");
  for (std::string word; file >> word;) {
    double seconds = 0;
    if (word == "btime" && file >> seconds) return seconds;
  }
  return std::nullopt;
}

std::optional<double> cpu_seconds() {
  const auto stat = own_stat();
  if (!stat) return std::nullopt;
  return ticks_to_seconds(stat->cpu_ticks);
}

std::optional<double> start_time() {
  const auto stat = own_stat();
  const auto boot = boot_time();
  if (!stat || !boot) return std::nullopt;
  return *boot + ticks_to_seconds(stat->start_ticks);
}

std::optional<double> resident_bytes() {
  const auto stat = own_stat();
  if (!stat) return std::nullopt;
  return static_cast<double>(stat->resident_pages) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

std::optional<double> virtual_bytes() {
  const auto stat = own_stat();
  if (!stat) return std::nullopt;
  return static_cast<double>(stat->virtual_bytes);
}

std::optional<double> open_fds() {
  std::error_code error;
  const std::filesystem::directory_iterator entries("/proc/self/fd", error);
  if (error) return std::nullopt;
  // One of them is the directory being read.
  return static_cast<double>(std::distance(begin(entries), end(entries)) - 1);
}

std::optional<double> max_fds() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
  return static_cast<double>(limit.rlim_cur);
}

struct ProcessMetric {
  Type type;
  const char* name;
  const char* help;
  std::optional<double> (*read)();
};

constexpr ProcessMetric kProcessMetrics[] = {
    {Type::kCounter, "process_cpu_seconds_total",
     "Total user and system CPU time spent in seconds.", cpu_seconds},
    {Type::kGauge, "process_resident_memory_bytes", "Resident memory size in bytes.",
     resident_bytes},
    {Type::kGauge, "process_virtual_memory_bytes", "Virtual memory size in bytes.", virtual_bytes},
    {Type::kGauge, "process_start_time_seconds",
     "Start time of the process since unix epoch in seconds.", start_time},
    {Type::kGauge, "process_open_fds", "Number of open file descriptors.", open_fds},
    {Type::kGauge, "process_max_fds", "Maximum number of open file descriptors.", max_fds},
};

}  // namespace

std::optional<ProcessStat> parse_process_stat(std::string_view content) {
  // The second field is the name of the program in brackets; it may hold anything, also spaces and
  // brackets.
  const auto bracket = content.rfind(')');
  if (bracket == std::string_view::npos) return std::nullopt;
  std::istringstream rest{std::string(content.substr(bracket + 1))};
  const std::vector<std::string> words{std::istream_iterator<std::string>(rest), {}};

  bool valid = true;
  // By proc(5)'s numbers; the first word behind the bracket is field 3.
  const auto field = [&](std::size_t number) -> std::uint64_t {
    std::uint64_t value = 0;
    if (words.size() <= number - 3) {
      valid = false;
      return value;
    }
    const std::string& word = words[number - 3];
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    valid = valid && error == std::errc{} && end == word.data() + word.size();
    return value;
  };
  const ProcessStat stat{.cpu_ticks = field(14) + field(15),
                         .start_ticks = field(22),
                         .virtual_bytes = field(23),
                         .resident_pages = field(24)};
  if (!valid) return std::nullopt;
  return stat;
}

ProcessMetrics::ProcessMetrics(Registry& registry) {
  for (const auto& metric : kProcessMetrics) {
    const auto collect = [read = metric.read] {
      const auto value = read();
      return value ? std::vector{Sample{.value = *value}} : std::vector<Sample>{};
    };
    collectors_.push_back(registry.collect(metric.type, metric.name, metric.help, {}, collect));
  }
}

}  // namespace telemetry::metrics
