#pragma once
// A Capp as the domain reads it (behaviour 1): what is given and what is not, in one form for both
// generations of the API.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
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
  std::string hostname;  // empty where none is given
  bool tls = false;
  boost::json::object traffic_target;  // a Knative TrafficTarget; empty where none is given
  std::optional<std::int64_t> timeout_seconds;
};

struct NfsVolume {
  std::string name;  // also that of its claim
  std::string server;
  std::string path;
  boost::json::object capacity;  // resource name to quantity
};

enum class LogType { kElastic, kElasticDatastream };

struct Log {
  LogType type = LogType::kElastic;
  std::string host;
  std::string index;
  std::string user;
  std::string password_secret;
};

struct Ping {
  std::string schedule;
  std::string data;
};

struct Kafka {
  boost::json::array bootstrap_servers;
  boost::json::array topics;
  std::string consumer_group;  // empty where none is given
  std::int64_t consumers = 1;
  std::string secret;  // with the keys user, password and sasl.mechanism
};

// One source of events; with neither kind it asks for nothing.
struct EventSource {
  std::string name;
  std::string uri;  // empty where none is given
  std::optional<Ping> ping;
  std::optional<Kafka> kafka;
};

// The spec, typed where the domain decides by it.
struct Spec {
  State state = State::kEnabled;
  Scale scale;
  Route route;
  std::vector<NfsVolume> nfs_volumes;
  std::optional<Log> log;  // empty for an unsupported type too
  std::vector<EventSource> sources;
  boost::json::object configuration;  // `configurationSpec` without nulls, else as written
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

// Of a Capp's `spec`, as anybody may have sent it: see read_capp().
[[nodiscard]] Spec read_spec(const boost::json::object& spec);

// Reads a record made by capp_projection(). Tolerant: an empty object or string, null, an unknown
// enum value and a value of another type all count as not given. kProtocol where the body is no
// JSON object.
[[nodiscard]] base::Result<Capp> read_capp(const object::Record& record);

// The hostname in such a record, as it was written; empty where there is none.
[[nodiscard]] std::string hostname_of(const object::Record& record);

}  // namespace capp
