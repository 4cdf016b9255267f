#pragma once
// A Lease of coordination.k8s.io/v1 as a value, and the times by which replicas share it (R42).

#include <chrono>
#include <cstdint>
#include <string>

#include <boost/json/object.hpp>

#include "base/error.h"
#include "object/kind.h"

namespace runtime {

inline constexpr object::Kind kLease{
    .group = "coordination.k8s.io", .version = "v1", .kind = "Lease", .plural = "leases"};

// What is written into a Lease. Times are texts as they are on the wire: they tell one term of one
// holder from another and are shown to people, but nothing is ever judged by a clock that is not
// our own.
struct LeaseSpec {
  std::string holder;  // holderIdentity; empty: nobody
  std::chrono::seconds duration{0};
  std::string acquired;  // acquireTime
  std::string renewed;   // renewTime
  std::int64_t transitions = 0;

  friend bool operator==(const LeaseSpec&, const LeaseSpec&) = default;
};

struct Lease {
  std::uint64_t version = 0;  // resourceVersion
  LeaseSpec spec;

  friend bool operator==(const Lease&, const Lease&) = default;
};

// Absent fields read as empty. kProtocol where the resourceVersion is missing or no number.
base::Result<Lease> read_lease(const boost::json::object& object);
LeaseSpec read_lease_spec(const boost::json::object& object);
// Sets the fields of `spec` in the object's own; what else it has stays.
void write_lease_spec(const LeaseSpec& spec, boost::json::object& object);

// client-go's defaults.
struct LeaseTimes {
  // A candidate takes a lease that it has not seen to change for so long. In the API whole seconds.
  std::chrono::milliseconds duration{15'000};
  // So long after a renewal was sent the leader may write; then it gives up.
  std::chrono::milliseconds renew_deadline{10'000};
  // Between two renewals, and between two attempts of a candidate that has to poll.
  std::chrono::milliseconds retry_period{2'000};
};

// How much longer than the retry period a candidate waits at most, as a factor (client-go's
// JitterFactor): candidates that begin together do not stay together.
inline constexpr double kLeaseJitter = 1.2;

// A duration in a Lease is believed up to so many times the candidate's own. Replicas of two
// releases may differ; a mistyped one must not keep everybody from leading for years.
inline constexpr int kLongestBelieved = 10;

// How long a candidate leaves a lease alone that does not change. Its holder has promised to stop
// within the duration that it wrote; one that is shorter than our own may have been edited in.
std::chrono::milliseconds patience(const LeaseSpec& spec, const LeaseTimes& times);

// kBadInput unless duration > renew deadline > retry period * kLeaseJitter, the duration in whole
// seconds: the holder must have ended before the next one begins, and have tried more than once.
base::Result<void> check(const LeaseTimes& times);

}  // namespace runtime
