#include "runtime/watchdog.h"

#include <csignal>
#include <fcntl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

namespace runtime {
namespace {

using namespace std::chrono_literals;

// A process whose io thread does nothing but write into a pipe, as if each byte were a request.
class Writer {
 public:
  // Forked before it has any thread.
  explicit Writer(std::chrono::milliseconds armed_for) {
    if (::pipe(pipe_) != 0) throw std::runtime_error("no pipe");
    ::fcntl(pipe_[0], F_SETFL, O_NONBLOCK);
    pid_ = ::fork();
    if (pid_ == 0) write_until_the_end(armed_for);
    ::close(pipe_[1]);
  }
  ~Writer() {
    ::kill(pid_, SIGKILL);
    ::close(pipe_[0]);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void signal(int number) const { ::kill(pid_, number); }
  [[nodiscard]] int exit_code() const {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  void await_stopped() const {
    int status = 0;
    ::waitpid(pid_, &status, WUNTRACED);
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
  [[noreturn]] void write_until_the_end(std::chrono::milliseconds armed_for) const {
    net::Loop loop;
    const auto watchdog = Watchdog::create(loop);
    if (!watchdog) ::_exit(99);
    (*watchdog)->arm(base::BootClock::now() + armed_for);
    loop.post([this] {
      for (;;) {
        [[maybe_unused]] const auto written = ::write(pipe_[1], ".", 1);
      }
    });
    for (;;) ::pause();
  }

  int pipe_[2] = {-1, -1};
  pid_t pid_ = -1;
};

TEST(Watchdog, EndsAProcessThatDoesNotEndByItself) {
  const Writer writer(100ms);
  EXPECT_EQ(writer.exit_code(), 1);
}

TEST(Watchdog, LetsNothingOutAfterItsTimeThoughTheProcessWasStopped) {
#if __has_feature(thread_sanitizer)
  GTEST_SKIP() << "ThreadSanitizer itself takes signals, and hands them on when a call returns";
#endif
  const Writer writer(500ms);
  while (writer.read_all() == 0) std::this_thread::yield();
  writer.signal(SIGSTOP);
  writer.await_stopped();
  // Whatever it wrote before; there is room, and it would go on writing.
  [[maybe_unused]] const auto before = writer.read_all();
  const auto armed_until = base::BootClock::now() + 500ms;
  while (base::BootClock::now() < armed_until) std::this_thread::yield();
  writer.signal(SIGCONT);
  EXPECT_EQ(writer.exit_code(), 1);
  EXPECT_EQ(writer.read_all(), 0U);
}

TEST(Watchdog, MaySleepAgain) {
  net::Loop loop;
  const auto watchdog = Watchdog::create(loop);
  ASSERT_TRUE(watchdog);
  (*watchdog)->arm(base::BootClock::now() + 1h);
  (*watchdog)->arm(base::BootClock::now() + 30min);
  (*watchdog)->disarm();
}

}  // namespace
}  // namespace runtime
