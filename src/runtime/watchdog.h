#pragma once
// The end of a process that does not notice that its time is over.

#include <ctime>
#include <memory>

#include "base/clock.h"
#include "base/error.h"
#include "net/loop.h"

namespace runtime {

// Between the moment at which a sender looks at the clock and the one at which the kernel takes its
// bytes, the process may be stopped, or get no CPU, for any time; and what is sent in several parts
// goes on afterwards. No check in the program can exclude that. A timer of the kernel can: its
// signal is delivered to the io thread, the only one that sends, before that runs another
// instruction, and ends the process with code 1. As databases do with a hardware watchdog, for the
// same reason.
//
// A signal with a handler, since an unhandled one would not end the first process of a container.
class Watchdog {
 public:
  // Installs the handler of SIGRTMIN. The loop outlives the watchdog. kInternal where the kernel
  // gives no timer.
  static base::Result<std::unique_ptr<Watchdog>> create(net::Loop& loop);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // Any thread: ends the process at that time, also while it is stopped or the machine sleeps (then
  // as soon as it goes on), unless another time is set or it is disarmed before.
  void arm(base::BootClock::time_point at);
  void disarm();

 private:
  explicit Watchdog(timer_t timer) : timer_(timer) {}

  timer_t timer_;
};

}  // namespace runtime
