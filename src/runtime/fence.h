#pragma once
// Until when this process may write (R44).

#include <atomic>

#include "base/clock.h"

namespace runtime {

// Thread-safe. Open without end at first: a process that shares its work with no other one writes
// as it likes. One that has to lead closes it, and then opens it for as long as nobody else can
// have the lease. What is refused, and what this cannot prevent: docs/adr/0009.
class Fence {
 public:
  void open_until(base::BootClock::time_point deadline) { deadline_ = deadline; }
  void close() { deadline_ = base::BootClock::time_point::min(); }
  [[nodiscard]] bool open(base::BootClock::time_point now) const { return now < deadline_.load(); }

 private:
  std::atomic<base::BootClock::time_point> deadline_ = base::BootClock::time_point::max();
};

}  // namespace runtime
