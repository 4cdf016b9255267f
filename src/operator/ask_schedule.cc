#include "operator/ask_schedule.h"

#include <algorithm>

namespace op {

bool AskSchedule::concerns(std::string_view subject, std::uint64_t version, TimePoint now) {
  const bool other = subject != subject_;
  if (!other && version == version_) return false;
  subject_ = subject;
  version_ = version;
  pause_ = options_.initial;
  next_ = other ? now + options_.first : std::max(now, not_before_);
  return other;
}

void AskSchedule::asked(TimePoint now) {
  next_ = now + pause_;
  not_before_ = now + options_.gap;
  pause_ = std::min(pause_ * 2, options_.cap);
}

std::chrono::milliseconds AskSchedule::remaining(TimePoint now) const {
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(next_ - now),
                  std::chrono::milliseconds(0));
}

}  // namespace op
