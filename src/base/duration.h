#pragma once
// Durations as Go writes them ("1m30s"): the form of every duration in Kubernetes objects and
// flags.

#include <chrono>
#include <string>
#include <string_view>

#include "base/error.h"

namespace base {

// time.ParseDuration: an optional sign, then numbers with an optional fraction, each followed by
// its unit (ns, us, µs, ms, s, m, h); "0" needs no unit. What is finer than a nanosecond is cut
// off. Reason::kBadInput names the text and the rule it breaks; the range is that of 64-bit
// nanoseconds (±292 years).
[[nodiscard]] Result<std::chrono::nanoseconds> parse_duration(std::string_view text);

// time.Duration.String(): "1h0m0s", "1m30s", "1.5s", "100ms", "0s".
[[nodiscard]] std::string format_duration(std::chrono::nanoseconds duration);

}  // namespace base
