#pragma once
// The whole program behind main(): flags, signals, logging, the manager.

#include <string>
#include <vector>

namespace op {

// Runs the operator until SIGTERM or SIGINT; a second one ends it at once. Returns the exit code: 0
// after a signal, 1 where it could not start or lost its lease, 2 for a wrong command line.
// `arguments` without the program's name.
int run(const std::vector<std::string>& arguments);

}  // namespace op
