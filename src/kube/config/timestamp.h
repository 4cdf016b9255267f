#pragma once
// Timestamps as the API writes them.

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace kube {

// RFC 3339 ("2026-01-31T12:00:00Z", any offset); a fraction of a second is dropped, and what
// the clock cannot say (before 1677, after 2262) is the nearest that it can.
std::optional<base::WallClock::time_point> parse_rfc3339(std::string_view text);

}  // namespace kube
