#pragma once
// The schedules that Knative's PingSource takes.

#include <string_view>

#include "base/error.h"

namespace capp::admission {

// As knative.dev/eventing 0.50 reads them (sources/v1, PingSourceSpec.Validate) with
// robfig/cron 3.0.1: five fields, or six of which the first is of seconds; "@hourly" and its kind,
// but not "@every"; a "TZ=" or "CRON_TZ=" before it, of which only the form is looked at, since the
// time zones that count are those of Knative's own containers. Reason::kBadInput says what is
// wrong, without the schedule.
[[nodiscard]] base::Result<void> check_schedule(std::string_view schedule);

}  // namespace capp::admission
