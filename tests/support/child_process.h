#pragma once
// A program started by a test, which does not outlive it.

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace test {

// The text of a file; empty where there is none.
std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& text);

// A TCP port of 127.0.0.1 that nobody listens on, below the range from which outgoing connections
// take theirs. Each only once in this process: what asked for it may not listen yet. Not
// thread-safe.
int free_port();

struct ProcessOptions {
  std::vector<std::string> command;  // the program's path and its arguments
  std::string stdout_file = "/dev/null";
  std::string stderr_file = "/dev/null";
};

// Not thread-safe.
class ChildProcess {
 public:
  explicit ChildProcess(const ProcessOptions& options);
  // SIGKILL where it still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  void signal(int number) const;
  // The most memory that it ever had in RAM, in bytes; 0 once it has ended.
  [[nodiscard]] std::size_t peak_memory() const;
  // The exit code, or 128 + the signal that ended it; nothing while it runs.
  std::optional<int> exit_code();
  // Waits for the end. Throws after `patience`.
  int wait(std::chrono::milliseconds patience);

 private:
  pid_t pid_ = -1;
  std::optional<int> exit_code_;
};

// Runs a command to its end; throws with what it said on stderr unless it exits with 0.
std::string output_of(const std::vector<std::string>& command, const std::string& scratch_file);

}  // namespace test
