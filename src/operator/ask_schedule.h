#pragma once
// When to ask the API server again for what nobody tells us of. Pure: time comes in.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace op {

// Of one question, asked with growing pauses while the answer does not settle it.
class AskSchedule {
 public:
  using TimePoint = base::Clock::time_point;

  struct Options {
    std::chrono::milliseconds first;    // from when there is something to ask to the first time
    std::chrono::milliseconds initial;  // the first pause between two times; doubles
    // At least between two times, whatever changes.
    std::chrono::milliseconds gap{0};
    std::chrono::milliseconds cap{std::chrono::minutes(5)};
  };

  explicit AskSchedule(Options options) : options_(options) {}

  // What is asked about now. Another `subject` begins anew (then true: what is known is of the one
  // before); another `version` of it is asked about at once, but for the gap, and then with the
  // first pause again.
  bool concerns(std::string_view subject, std::uint64_t version, TimePoint now);
  [[nodiscard]] bool is_due(TimePoint now) const { return now >= next_; }
  void asked(TimePoint now);
  // Until it is due.
  [[nodiscard]] std::chrono::milliseconds remaining(TimePoint now) const;

 private:
  Options options_;
  std::string subject_;
  std::uint64_t version_ = 0;
  std::chrono::milliseconds pause_{0};
  TimePoint next_{};
  TimePoint not_before_{};  // by the gap
};

}  // namespace op
