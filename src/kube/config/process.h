#pragma once
// Running a short program and taking what it prints.

#include <cstddef>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"

namespace kube {

struct ProcessOptions {
  std::string program;  // absolute, or a name that is looked up in this process's $PATH
  std::vector<std::string> arguments;
  std::vector<std::string> environment;  // all of it, as "NAME=value"
  std::size_t max_output = 1024 * 1024;  // of standard output
};

struct ProcessResult {
  std::string output;       // standard output
  std::string diagnostics;  // the first bytes of standard error, printable
  // As a shell has it: 128 + n when signal n ended the program.
  int exit_status = 0;
};

// Runs the program without a shell, with nothing to read and in a process group of its own, which
// is killed at `deadline` (kTimeout), on `stop` (kCancelled) and when it prints too much
// (kTooLarge). kNotFound when there is no such program. Blocks until it has ended and its output is
// closed, also by what it left in the background.
base::Result<ProcessResult> run_process(const ProcessOptions& options,
                                        base::Clock::time_point deadline, std::stop_token stop);

}  // namespace kube
