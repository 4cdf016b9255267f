#include "tests/support/child_process.h"

#include <arpa/inet.h>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <netinet/in.h>
#include <random>
#include <set>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tests/support/eventually.h"

namespace test {
namespace {

void redirect(int descriptor, const char* path) {
  const int file = ::open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (file >= 0) ::dup2(file, descriptor);
}

bool can_listen_on(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool bound = ::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  return bound;
}

}  // namespace

std::string read_file(const std::string& path) {
  const std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  if (!file) throw std::runtime_error("cannot write " + path);
}

int free_port() {
  static std::set<int> given;
  std::random_device random;
  std::uniform_int_distribution<int> ports(20000, 31999);
  for (;;) {
    const int port = ports(random);
    if (can_listen_on(port) && given.insert(port).second) return port;
  }
}

ChildProcess::ChildProcess(const ProcessOptions& options) {
  std::vector<char*> arguments;
  for (const auto& word : options.command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("cannot fork");
  if (pid_ > 0) return;
  // Between fork and exec: only what is safe in a child of a program with threads.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  redirect(STDOUT_FILENO, options.stdout_file.c_str());
  redirect(STDERR_FILENO, options.stderr_file.c_str());
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

ChildProcess::~ChildProcess() {
  if (exit_code()) return;
  signal(SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void ChildProcess::signal(int number) const {
  if (!exit_code_) ::kill(pid_, number);
}

std::size_t ChildProcess::peak_memory() const {
  constexpr std::string_view kName = "VmHWM:";  // proc_pid_status(5), in kB
  std::istringstream status(read_file(fmt::format("/proc/{}/status", pid_)));
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(kName)) return std::stoul(line.substr(kName.size())) * 1024;
  }
  return 0;
}

std::optional<int> ChildProcess::exit_code() {
  int status = 0;
  if (!exit_code_ && ::waitpid(pid_, &status, WNOHANG) == pid_) {
    exit_code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }
  return exit_code_;
}

int ChildProcess::wait(std::chrono::milliseconds patience) {
  const auto ended = eventually(
      [&] {
        return exit_code() ? testing::AssertionSuccess()
                           : testing::AssertionFailure() << "process " << pid_ << " runs";
      },
      patience);
  if (!ended) throw std::runtime_error(ended.message());
  return *exit_code_;
}

std::string output_of(const std::vector<std::string>& command, const std::string& scratch_file) {
  const std::string errors = scratch_file + ".stderr";
  ChildProcess process({.command = command, .stdout_file = scratch_file, .stderr_file = errors});
  // The longest that is run here starts a control plane.
  if (const int code = process.wait(std::chrono::minutes(3)); code != 0) {
    throw std::runtime_error(
        fmt::format("{}: exit code {}: {}", fmt::join(command, " "), code, read_file(errors)));
  }
  std::string output = read_file(scratch_file);
  ::unlink(scratch_file.c_str());
  ::unlink(errors.c_str());
  return output;
}

}  // namespace test
