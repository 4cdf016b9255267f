#include "tests/support/operator_process.h"

#include <csignal>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "net/client.h"
#include "net/loop.h"
#include "tests/support/eventually.h"
#include "tests/support/places.h"

namespace test {
namespace {

// Longer than the operator's own limit of 5 s, so that a slow machine fails the rule's own test
// and no other.
constexpr std::chrono::seconds kStopPatience{30};

std::vector<std::string> command_of(const OperatorOptions& options, int metrics_port,
                                    int probe_port) {
  std::vector<std::string> command{
      operator_program(),
      "--kubeconfig=" + options.kubeconfig,
      "--namespace=" + options.ns,
      fmt::format("--metrics-bind-address=127.0.0.1:{}", metrics_port),
      fmt::format("--health-probe-bind-address=127.0.0.1:{}", probe_port),
  };
  command.insert(command.end(), options.flags.begin(), options.flags.end());
  return command;
}

std::string last_lines(const std::string& text) {
  constexpr std::size_t kBytes = 4000;
  return text.size() <= kBytes ? text : "…" + text.substr(text.size() - kBytes);
}

bool has_sanitizer_report(const std::string& log) {
  for (const char* sign : {"ERROR: AddressSanitizer", "ERROR: LeakSanitizer",
                           "WARNING: ThreadSanitizer", ": runtime error: "}) {
    if (log.contains(sign)) return true;
  }
  return false;
}

}  // namespace

net::Response http_get(int port, const std::string& path) {
  net::Loop loop;
  auto client = net::Client::create(
      loop, {.host = "127.0.0.1", .port = static_cast<std::uint16_t>(port), .tls = false});
  if (!client) throw std::runtime_error(client.error().describe());
  auto answer = (*client)->send({.target = path});
  if (!answer) throw std::runtime_error(answer.error().describe());
  return *answer;
}

OperatorProcess::OperatorProcess(const OperatorOptions& options)
    : metrics_port_(free_port()),
      probe_port_(free_port()),
      log_file_(options.log_file),
      process_({.command = command_of(options, metrics_port_, probe_port_),
                .stderr_file = options.log_file}) {}

OperatorProcess::~OperatorProcess() {
  try {
    if (runs()) stop();
    if (!any_exit_code_) EXPECT_EQ(process_.exit_code(), 0) << last_lines(log());
  } catch (const std::exception& error) {
    ADD_FAILURE() << "the operator does not stop: " << error.what();
  }
  EXPECT_FALSE(has_sanitizer_report(log())) << log();
}

void OperatorProcess::await_ready() {
  const auto ready = eventually([&] {
    if (!runs()) return testing::AssertionSuccess();
    const auto answer = probe("/readyz");
    return is("/readyz", answer.body, "ok");
  });
  if (!runs()) throw std::runtime_error("the operator ended: " + last_lines(log()));
  if (!ready) throw std::runtime_error(std::string(ready.message()) + last_lines(log()));
}

int OperatorProcess::stop() {
  process_.signal(SIGTERM);
  return process_.wait(kStopPatience);
}

void OperatorProcess::kill() {
  process_.signal(SIGKILL);
  await_end();
}

int OperatorProcess::await_end() {
  any_exit_code_ = true;
  return process_.wait(kStopPatience);
}

net::Response OperatorProcess::probe(const std::string& path) const {
  return http_get(probe_port_, path);
}

std::string OperatorProcess::metrics() const {
  return http_get(metrics_port_, "/metrics").body;
}

std::optional<double> OperatorProcess::metric(const std::string& name,
                                              const std::string& label) const {
  std::optional<double> sum;
  std::istringstream lines(metrics());
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(name + " ") && !line.starts_with(name + "{")) continue;
    if (!line.contains(label)) continue;
    sum = sum.value_or(0) + std::stod(line.substr(line.rfind(' ')));
  }
  return sum;
}

double OperatorProcess::reconciles() const {
  // The controller of the configuration counts its own.
  return metric("controller_runtime_reconcile_total", R"(controller="capp")").value_or(0);
}

}  // namespace test
