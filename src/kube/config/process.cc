#include "kube/config/process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <climits>
#include <fmt/format.h>

namespace kube {
namespace {

// Enough for the sentence that says what is wrong.
constexpr std::size_t kMaxDiagnostics = 1024;

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  void reset() {
    if (is_open()) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
};

struct Pipe {
  Descriptor read;
  Descriptor write;

  static Pipe create() {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {.read = Descriptor(), .write = Descriptor()};
    return {.read = Descriptor(ends[0]), .write = Descriptor(ends[1])};
  }
};

// The pointers that exec takes; `texts` outlives them.
std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

// posix_spawn's settings: standard streams, nothing else open, own group, default signals.
class SpawnSettings {
 public:
  SpawnSettings(int output, int diagnostics) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, diagnostics, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    sigset_t signals;
    posix_spawnattr_init(&attributes_);
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    // What we ignore (SIGPIPE) the program must not inherit as ignored.
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  }
  ~SpawnSettings() {
    posix_spawnattr_destroy(&attributes_);
    posix_spawn_file_actions_destroy(&actions_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  [[nodiscard]] const posix_spawn_file_actions_t* actions() const { return &actions_; }
  [[nodiscard]] const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

std::unexpected<base::Error> system_failure(std::string_view what, int error) {
  return base::fail(error == ENOENT ? base::Reason::kNotFound : base::Reason::kInternal,
                    fmt::format("{}: {}", what, std::generic_category().message(error)));
}

base::Result<pid_t> spawn(const ProcessOptions& options, int output, int diagnostics) {
  const SpawnSettings settings(output, diagnostics);
  std::vector<std::string> arguments{options.program};
  arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
  pid_t pid = -1;
  const int error =
      ::posix_spawnp(&pid, options.program.c_str(), settings.actions(), settings.attributes(),
                     pointers(arguments).data(), pointers(options.environment).data());
  if (error != 0) return system_failure(fmt::format("cannot run {}", options.program), error);
  return pid;
}

// A child that has not been waited for, and its group.
class Child {
 public:
  explicit Child(pid_t pid)
      : pid_(pid), ended_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {}
  // Whoever leaves early leaves nothing running.
  ~Child() {
    if (pid_ < 0) return;
    ::kill(-pid_, SIGKILL);
    wait();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Becomes readable when the child has ended.
  [[nodiscard]] int ended() const { return ended_.get(); }

  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }

 private:
  pid_t pid_;
  Descriptor ended_;
};

// What a child writes to one of its streams; closed at its end.
struct Source {
  Descriptor fd;
  std::string bytes;

  void read_some() {
    std::array<char, 4096> buffer;
    const ssize_t count = ::read(fd.get(), buffer.data(), buffer.size());
    if (count > 0) bytes.append(buffer.data(), static_cast<std::size_t>(count));
    if (count == 0 || (count < 0 && errno != EINTR)) fd.reset();
  }
};

int milliseconds_until(base::Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - base::Clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, INT_MAX));
}

std::string printable(std::string text) {
  std::ranges::replace_if(text, [](char c) { return c < ' ' || c >= 0x7F; }, ' ');
  return text;
}

// Reads both streams to their ends, and waits for the child's.
base::Result<void> follow(const Child& child, Source& output, Source& diagnostics, int cancelled,
                          const ProcessOptions& options, base::Clock::time_point deadline) {
  bool running = true;
  while (running || output.fd.is_open() || diagnostics.fd.is_open()) {
    // poll() passes over negative descriptors.
    std::array<pollfd, 4> events{
        {{.fd = cancelled, .events = POLLIN, .revents = 0},
         {.fd = output.fd.get(), .events = POLLIN, .revents = 0},
         {.fd = diagnostics.fd.get(), .events = POLLIN, .revents = 0},
         {.fd = running ? child.ended() : -1, .events = POLLIN, .revents = 0}}};
    const int ready = ::poll(events.data(), events.size(), milliseconds_until(deadline));
    if (ready < 0 && errno != EINTR) return system_failure("poll", errno);
    if (events[0].revents != 0) return base::fail(base::Reason::kCancelled, "stopped");
    if (base::Clock::now() >= deadline) return base::fail(base::Reason::kTimeout, "took too long");
    if (events[1].revents != 0) output.read_some();
    if (events[2].revents != 0) diagnostics.read_some();
    if (events[3].revents != 0) running = false;
    if (output.bytes.size() > options.max_output) {
      return base::fail(base::Reason::kTooLarge,
                        fmt::format("printed more than {} bytes", options.max_output));
    }
    // Read on, so that the program does not block on a full pipe, but keep the beginning only.
    diagnostics.bytes.resize(std::min(diagnostics.bytes.size(), kMaxDiagnostics));
  }
  return {};
}

}  // namespace

base::Result<ProcessResult> run_process(const ProcessOptions& options,
                                        base::Clock::time_point deadline, std::stop_token stop) {
  Pipe output = Pipe::create();
  Pipe diagnostics = Pipe::create();
  const Descriptor cancelled(::eventfd(0, EFD_CLOEXEC));
  if (!output.read.is_open() || !diagnostics.read.is_open() || !cancelled.is_open()) {
    return system_failure("cannot make a pipe", errno);
  }
  const std::stop_callback on_stop(stop, [fd = cancelled.get()] { ::eventfd_write(fd, 1); });
  const auto pid = spawn(options, output.write.get(), diagnostics.write.get());
  if (!pid) return std::unexpected(pid.error());
  Child child(*pid);
  if (child.ended() < 0) return system_failure("pidfd_open", errno);
  output.write.reset();
  diagnostics.write.reset();
  Source out{.fd = std::move(output.read), .bytes = {}};
  Source err{.fd = std::move(diagnostics.read), .bytes = {}};
  if (auto done = follow(child, out, err, cancelled.get(), options, deadline); !done) {
    return std::unexpected(std::move(done.error()));
  }
  return ProcessResult{.output = std::move(out.bytes),
                       .diagnostics = printable(std::move(err.bytes)),
                       .exit_status = child.wait()};
}

}  // namespace kube
