#include "kube/config/exec_schedule.h"

#include <algorithm>

namespace kube {

std::chrono::seconds ExecSchedule::backoff() const {
  if (troubles_ == 0) return std::chrono::seconds(0);
  constexpr int kMaxDoublings = 6;  // 64 s, above the maximum
  return std::min(kExecBackoffMax,
                  kExecBackoffBase * (1 << std::min(troubles_ - 1, kMaxDoublings)));
}

void ExecSchedule::succeeded(base::Clock::time_point now,
                             std::optional<base::Clock::time_point> expires) {
  // A plugin that keeps giving what the server refuses succeeds each time; that is no end of it.
  if (!rejected_) troubles_ = 0;
  rejected_ = false;
  last_run_ = now;
  next_run_ = base::Clock::time_point::max();
  if (!expires) return;
  const auto due = std::max(*expires - kExecLeeway, now + (*expires - now) / 2);
  next_run_ = std::max(due, now + kExecBackoffBase);
}

void ExecSchedule::failed(base::Clock::time_point now) {
  rejected_ = false;
  last_run_ = now;
  ++troubles_;
  next_run_ = now + backoff();
}

void ExecSchedule::rejected(base::Clock::time_point now) {
  if (rejected_) return;
  rejected_ = true;
  if (now - last_run_ > kExecForget) troubles_ = 0;
  ++troubles_;
  next_run_ = std::min(next_run_, std::max(now, last_run_ + backoff()));
}

}  // namespace kube
