#include "telemetry/log/repeat_limiter.h"

#include <algorithm>
#include <utility>

namespace telemetry::log {
namespace {

constexpr std::size_t kMaxKeys = 1024;

}  // namespace

std::optional<std::uint64_t> RepeatLimiter::admit(std::string_view key,
                                                  base::Clock::time_point now) {
  const base::MutexLock lock(mutex_);
  const auto found = entries_.find(std::string(key));
  if (found == entries_.end()) {
    make_room();
    entries_.emplace(key, Entry{.admitted_at = now});
    return 0;
  }
  Entry& entry = found->second;
  if (now - entry.admitted_at < interval_) {
    ++entry.held_back;
    return std::nullopt;
  }
  entry.admitted_at = now;
  return std::exchange(entry.held_back, 0);
}

void RepeatLimiter::make_room() {
  if (entries_.size() < kMaxKeys) return;
  entries_.erase(std::ranges::min_element(
      entries_, {}, [](const auto& entry) { return entry.second.admitted_at; }));
}

}  // namespace telemetry::log
