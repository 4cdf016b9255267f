#include "base/clock.h"

#include <ctime>

#include <fmt/format.h>

namespace base {
namespace {

std::string date_and_time(WallClock::time_point time) {
  const std::time_t seconds = WallClock::to_time_t(std::chrono::floor<std::chrono::seconds>(time));
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", utc.tm_year + 1900, utc.tm_mon + 1,
                     utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

}  // namespace

BootClock::time_point BootClock::now() noexcept {
  std::timespec time{};
  clock_gettime(CLOCK_BOOTTIME, &time);
  return time_point(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

std::string rfc3339(WallClock::time_point time) {
  return date_and_time(time) + "Z";
}

std::string rfc3339_micro(WallClock::time_point time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(time - whole);
  return fmt::format("{}.{:06}Z", date_and_time(time), micros.count());
}

}  // namespace base
