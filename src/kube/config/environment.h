#pragma once
// The environment variables of a process, as a value, so that nothing below main() reads globals.

#include <map>
#include <string>
#include <string_view>

namespace kube {

using Environment = std::map<std::string, std::string, std::less<>>;

// A copy of this process's variables. Call it before threads start: environ is not synchronised.
Environment process_environment();

// The value of a variable; empty when it is not set.
std::string_view variable(const Environment& environment, std::string_view name);

}  // namespace kube
