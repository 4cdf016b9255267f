#include "runtime/lease.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "base/duration.h"
#include "json/value.h"

namespace runtime {

base::Result<Lease> read_lease(const boost::json::object& object) {
  const std::string_view version = json::string_at(object, {"metadata", "resourceVersion"});
  Lease lease{.version = 0, .spec = read_lease_spec(object)};
  const auto* end = version.data() + version.size();
  const auto [stopped, error] = std::from_chars(version.data(), end, lease.version);
  if (error != std::errc() || stopped != end) {
    return base::fail(base::Reason::kProtocol,
                      fmt::format("a Lease has the resourceVersion \"{}\"", version));
  }
  return lease;
}

LeaseSpec read_lease_spec(const boost::json::object& object) {
  const auto text = [&](std::string_view field) {
    return std::string(json::string_at(object, {"spec", field}));
  };
  // 32 bits in the API.
  const auto number = [&](std::string_view field) {
    return std::clamp<std::int64_t>(json::int_at(object, {"spec", field}).value_or(0), 0,
                                    std::numeric_limits<std::int32_t>::max());
  };
  return {.holder = text("holderIdentity"),
          .duration = std::chrono::seconds(number("leaseDurationSeconds")),
          .acquired = text("acquireTime"),
          .renewed = text("renewTime"),
          .transitions = number("leaseTransitions")};
}

void write_lease_spec(const LeaseSpec& spec, boost::json::object& object) {
  boost::json::value& fields = object["spec"];
  if (!fields.is_object()) fields.emplace_object();
  boost::json::object& written = fields.get_object();
  written["holderIdentity"] = spec.holder;
  written["leaseDurationSeconds"] = spec.duration.count();
  written["acquireTime"] = spec.acquired;
  written["renewTime"] = spec.renewed;
  written["leaseTransitions"] = spec.transitions;
}

std::chrono::milliseconds patience(const LeaseSpec& spec, const LeaseTimes& times) {
  return std::clamp<std::chrono::milliseconds>(spec.duration, times.duration,
                                               times.duration * kLongestBelieved);
}

base::Result<void> check(const LeaseTimes& times) {
  const auto shown = [](std::chrono::milliseconds time) { return base::format_duration(time); };
  if (times.retry_period.count() <= 0) {
    return base::fail(base::Reason::kBadInput,
                      fmt::format("the retry period of the lease, {}, is not positive",
                                  shown(times.retry_period)));
  }
  if (times.duration <= times.renew_deadline) {
    return base::fail(
        base::Reason::kBadInput,
        fmt::format("the duration of the lease, {}, is not greater than its renew deadline, {}",
                    shown(times.duration), shown(times.renew_deadline)));
  }
  const auto longest_wait =
      std::chrono::duration<double, std::milli>(times.retry_period) * kLeaseJitter;
  if (times.renew_deadline <= longest_wait) {
    return base::fail(
        base::Reason::kBadInput,
        fmt::format("the renew deadline of the lease, {}, is not greater than {} times its retry "
                    "period, {}",
                    shown(times.renew_deadline), kLeaseJitter, shown(times.retry_period)));
  }
  if (times.duration % std::chrono::seconds(1) != std::chrono::seconds(0)) {
    return base::fail(base::Reason::kBadInput,
                      fmt::format("the duration of the lease, {}, is not in whole seconds, which "
                                  "is all that a Lease can say",
                                  shown(times.duration)));
  }
  return {};
}

}  // namespace runtime
