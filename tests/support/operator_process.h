#pragma once
// The operator as it is shipped: the program of this build, started and stopped by a test.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/http.h"
#include "tests/support/child_process.h"

namespace test {

// The program's path.

// GET on 127.0.0.1, without TLS. Throws where nobody answers.
net::Response http_get(int port, const std::string& path);

struct OperatorOptions {
  std::string kubeconfig;
  std::string ns;        // --namespace: where it looks for its configuration
  std::string log_file;  // appended to
  std::vector<std::string> flags{};
};

// Not thread-safe.
class OperatorProcess {
 public:
  // Starts it; await_ready() waits.
  explicit OperatorProcess(const OperatorOptions& options);
  // Stops it where it still runs; fails the test on an exit code other than 0, and on a sanitizer's
  // report in the log.
  ~OperatorProcess();
  OperatorProcess(const OperatorProcess&) = delete;
  OperatorProcess& operator=(const OperatorProcess&) = delete;

  // Until /readyz says so. Throws, with the end of the log, where it ends meanwhile.
  void await_ready();
  // SIGTERM; the exit code.
  int stop();
  // SIGKILL, and waits for the end.
  void kill();
  void signal(int number) const { process_.signal(number); }
  // Waits until it ends by itself; the exit code, which may be any.
  int await_end();

  [[nodiscard]] bool runs() { return !process_.exit_code(); }
  [[nodiscard]] int metrics_port() const { return metrics_port_; }
  [[nodiscard]] net::Response probe(const std::string& path) const;
  // The exposition of /metrics.
  [[nodiscard]] std::string metrics() const;
  // The sum of all series of that name that have `label`, as R"(controller="capp")", if it is
  // given; nothing where there are none.
  [[nodiscard]] std::optional<double> metric(const std::string& name,
                                             const std::string& label = {}) const;
  // How often a Capp was reconciled.
  [[nodiscard]] double reconciles() const;
  [[nodiscard]] std::string log() const { return read_file(log_file_); }
  // See ChildProcess.
  [[nodiscard]] std::size_t peak_memory() const { return process_.peak_memory(); }

 private:
  int metrics_port_;
  int probe_port_;
  std::string log_file_;
  ChildProcess process_;
  bool any_exit_code_ = false;
};

}  // namespace test
