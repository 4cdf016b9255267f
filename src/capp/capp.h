#pragma once
// A Capp as the domain reads it (behaviour 1): what is given and what is not, in one form for both
// generations of the API.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "base/error.h"
#include "object/key.h"
#include "object/record.h"

namespace capp {

enum class State { kEnabled, kDisabled };
// As in `spec.state`: "enabled", "disabled".
[[nodiscard]] std::string_view to_string(State state);

enum class Metric { kConcurrency, kRps, kCpu, kMemory };
// As in `spec.scaleMetric`: "concurrency", "rps", "cpu", "memory".
[[nodiscard]] std::string_view to_string(Metric metric);

// Scaling in effect: each field of `scaleSpec` that is set wins over `scaleMetric` and the
// top-level `minReplicas`.
struct Scale {
  Metric metric = Metric::kConcurrency;
  // Empty for 0 too: typed Go clients cannot tell 0 from "not given", and the operator written in
  // Go took both for that, so another reading would make a Knative revision at take-over.
  std::optional<std::int64_t> min_replicas;
  std::optional<std::int64_t> max_replicas;
  std::optional<std::chrono::seconds> down_delay{};
};

struct Route {
  boost::json::object traffic_target;  // a Knative TrafficTarget; empty where none is given
  std::optional<std::int64_t> timeout_seconds;
};

// The spec, typed where the domain decides by it.
struct Spec {
  State state = State::kEnabled;
  Scale scale;
  Route route;
  std::vector<std::string> nfs_volumes;  // names; each is also that of its claim
  boost::json::object configuration;     // `configurationSpec` without nulls, else as written
};

struct Capp {
  object::Key key;
  std::string uid;
  std::int64_t generation = 0;
  bool terminating = false;
  std::vector<std::string> finalizers;
  boost::json::object labels;       // string to string
  boost::json::object annotations;  // likewise; capp_projection() has dropped kubectl's
  Spec spec{};
  boost::json::object raw_spec;  // the spec as written, for the history
  boost::json::object status;    // as the API server has it
};

// Reads a record made by capp_projection(). Tolerant: an empty object or string, null, an unknown
// enum value and a value of another type all count as not given. kProtocol where the body is no
// JSON object.
[[nodiscard]] base::Result<Capp> read_capp(const object::Record& record);

}  // namespace capp
