#include "runtime/watchdog.h"

#include <atomic>
#include <csignal>
#include <fcntl.h>
#include <functional>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

namespace runtime {
namespace {

using namespace std::chrono_literals;

constexpr int kAlive = 42;  // no exit code of the watchdog

void wait_until(base::BootClock::time_point time) {
  while (base::BootClock::now() < time) std::this_thread::yield();
}

// A process whose io thread does nothing but write into a pipe, as if each byte were a request.
class Writer {
 public:
  // Forked before it has any thread; calls `then` in the process, on another thread, when it is
  // writing.
  explicit Writer(const std::function<void(Watchdog&)>& then) {
    if (::pipe(pipe_) != 0) throw std::runtime_error("no pipe");
    ::fcntl(pipe_[0], F_SETFL, O_NONBLOCK);
    pid_ = ::fork();
    if (pid_ == 0) write_until_the_end(then);
    ::close(pipe_[1]);
  }
  ~Writer() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      await(0);
    }
    ::close(pipe_[0]);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void go_on() const { ::kill(pid_, SIGCONT); }
  [[nodiscard]] int exit_code() {
    const int status = await(0);
    pid_ = -1;  // may be another process's from now on
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  // False where it has ended instead.
  [[nodiscard]] bool await_stopped() {
    if (WIFSTOPPED(await(WUNTRACED))) return true;
    pid_ = -1;
    return false;
  }
  // Bytes that are there.
  [[nodiscard]] std::size_t read_all() const {
    char buffer[4096];
    std::size_t count = 0;
    for (ssize_t read = 0; (read = ::read(pipe_[0], buffer, sizeof buffer)) > 0;) {
      count += static_cast<std::size_t>(read);
    }
    return count;
  }

 private:
  int await(int options) const {
    int status = 0;
    ::waitpid(pid_, &status, options);
    return status;
  }

  [[noreturn]] void write_until_the_end(const std::function<void(Watchdog&)>& then) const {
    net::Loop loop;
    const auto watchdog = Watchdog::create(loop);
    if (!watchdog) ::_exit(99);
    std::atomic<bool> writing = false;
    loop.post([&] {
      for (;;) {
        [[maybe_unused]] const auto written = ::write(pipe_[1], ".", 1);
        writing = true;
      }
    });
    while (!writing) std::this_thread::yield();
    then(**watchdog);
    for (;;) ::pause();
  }

  int pipe_[2] = {-1, -1};
  pid_t pid_ = -1;
};

TEST(Watchdog, EndsAProcessThatDoesNotEndByItself) {
  Writer writer([](Watchdog& watchdog) { watchdog.arm(base::BootClock::now() + 100ms); });
  EXPECT_EQ(writer.exit_code(), 1);
}

TEST(Watchdog, LetsNothingOutAfterItsTimeThoughTheProcessWasStopped) {
#if __has_feature(thread_sanitizer)
  GTEST_SKIP() << "ThreadSanitizer itself takes signals, and hands them on when a call returns";
#endif
  constexpr auto kTime = 1s;
  Writer writer([&](Watchdog& watchdog) {
    watchdog.arm(base::BootClock::now() + kTime);
    ::kill(::getpid(), SIGSTOP);
  });
  ASSERT_TRUE(writer.await_stopped()) << "its time was over before it could be stopped";
  // There is room from now on, and it would go on writing.
  EXPECT_GT(writer.read_all(), 0U);
  wait_until(base::BootClock::now() + kTime);
  writer.go_on();
  EXPECT_EQ(writer.exit_code(), 1);
  EXPECT_EQ(writer.read_all(), 0U);
}

// In the process: until after the time that was set first.
void live_past(base::BootClock::time_point time) {
  wait_until(time + 100ms);
  ::_exit(kAlive);
}

TEST(Watchdog, GoesByTheLastTimeThatWasSet) {
  Writer writer([](Watchdog& watchdog) {
    const auto first = base::BootClock::now() + 500ms;
    watchdog.arm(first);
    watchdog.arm(first + 1h);
    live_past(first);
  });
  EXPECT_EQ(writer.exit_code(), kAlive);
}

TEST(Watchdog, MaySleepAgain) {
  Writer writer([](Watchdog& watchdog) {
    const auto first = base::BootClock::now() + 500ms;
    watchdog.arm(first);
    watchdog.disarm();
    live_past(first);
  });
  EXPECT_EQ(writer.exit_code(), kAlive);
}

}  // namespace
}  // namespace runtime
