#pragma once
// Regular expressions of hostnames, as a CappConfig allows them (behaviour 5).

#include <span>
#include <string_view>

#include "capp/config.h"

namespace capp {

// Whether RE2 takes `match`: an expression that costs linear time in the hostname, whoever wrote
// it.
[[nodiscard]] bool is_hostname_pattern(std::string_view match);

// True where there are no patterns: then no hostname is kept out.
[[nodiscard]] bool matches_any(std::span<const HostnamePattern> patterns,
                               std::string_view hostname);

}  // namespace capp
