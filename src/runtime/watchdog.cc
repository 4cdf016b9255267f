#include "runtime/watchdog.h"

#include <chrono>
#include <csignal>
#include <cstring>
#include <future>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <unistd.h>

namespace runtime {
namespace {

// Only what is safe in a signal handler.
void end_the_process(int /*signal*/) {
  constexpr std::string_view kLastWords =
      "the lease ran out before this process had stopped: ended by its watchdog\n";
  [[maybe_unused]] const auto written =
      ::write(STDERR_FILENO, kLastWords.data(), kLastWords.size());
  ::_exit(1);
}

// The kernel's number of the loop's thread, which takes the signal from now on.
pid_t thread_that_takes(int signal, net::Loop& loop) {
  std::promise<pid_t> thread;
  loop.post([&] {
    sigset_t taken;
    sigemptyset(&taken);
    sigaddset(&taken, signal);
    pthread_sigmask(SIG_UNBLOCK, &taken, nullptr);
    thread.set_value(::gettid());
  });
  return thread.get_future().get();
}

timespec since_boot(base::BootClock::time_point time) {
  const auto since = time.time_since_epoch();
  const auto whole = std::chrono::floor<std::chrono::seconds>(since);
  return {.tv_sec = whole.count(), .tv_nsec = (since - whole).count()};
}

}  // namespace

base::Result<std::unique_ptr<Watchdog>> Watchdog::create(net::Loop& loop) {
  const int signal = SIGRTMIN;
  struct sigaction action{};
  action.sa_handler = end_the_process;
  sigaction(signal, &action, nullptr);
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = signal;
  event._sigev_un._tid = thread_that_takes(signal, loop);  // glibc 2.36 has no other name for it
  timer_t timer{};
  if (timer_create(CLOCK_BOOTTIME, &event, &timer) != 0) {
    return base::fail(base::Reason::kInternal,
                      std::string("the kernel gives no timer: ") + std::strerror(errno));
  }
  return std::unique_ptr<Watchdog>(new Watchdog(timer));
}

Watchdog::~Watchdog() {
  timer_delete(timer_);
}

void Watchdog::arm(base::BootClock::time_point at) {
  const itimerspec once{.it_interval = {}, .it_value = since_boot(at)};
  timer_settime(timer_, TIMER_ABSTIME, &once, nullptr);
}

void Watchdog::disarm() {
  const itimerspec never{};
  timer_settime(timer_, 0, &never, nullptr);
}

}  // namespace runtime
