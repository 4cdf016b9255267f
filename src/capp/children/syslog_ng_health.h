#pragma once
// What the logging operator says of its objects: it has no conditions, but a number of problems.

#include <string_view>

#include "capp/health.h"
#include "object/record.h"

namespace capp {

// `what` names the kind for people.
[[nodiscard]] Health syslog_ng_health(const object::Record& live, std::string_view what);

}  // namespace capp
