#pragma once
// The configuration in force (behaviour 3), and what is wrong with its sources. How it is read:
// config_sources.h.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

namespace capp {

// What one replica is expected to carry, by metric, and how many start at once from zero.
struct Autoscale {
  std::int64_t rps = 200;             // requests per second
  std::int64_t cpu = 80;              // percent of the requested CPU
  std::int64_t memory = 70;           // Mi, as Knative's HPA class reads it
  std::int64_t concurrency = 10;      // requests in flight
  std::int64_t activation_scale = 3;  // replicas

  friend bool operator==(const Autoscale&, const Autoscale&) = default;
};

// Who issues certificates, as a Certificate's `issuerRef` names it.
struct Issuer {
  std::string name = "cert-issuer";
  std::string kind = "ClusterIssuer";
  std::string group = "cert.dana.io";

  friend bool operator==(const Issuer&, const Issuer&) = default;
};

// Where hostnames live.
struct Dns {
  std::string zone;                      // ends in '.'
  std::string cname;                     // what every record points to
  std::string provider = "dns-default";  // Crossplane's configuration of the DNS provider
  Issuer issuer{};

  friend bool operator==(const Dns&, const Dns&) = default;
};

// A regular expression (RE2) of hostnames; it matches anywhere in one unless it anchors itself.
struct HostnamePattern {
  std::string match;
  std::string explanation{};  // for people who are refused; may be empty

  friend bool operator==(const HostnamePattern&, const HostnamePattern&) = default;
};

// The most that a Capp may ask for, where a CappConfig is the source; else nothing is limited.
struct Limits {
  std::optional<std::int64_t> min_replicas{};
  std::optional<std::int64_t> max_replicas{};
  std::int64_t scale_delay_seconds = 3600;
  std::int64_t kafka_consumers = 5;  // of one source

  friend bool operator==(const Limits&, const Limits&) = default;
};

// What a container gets that sets none itself: `cpu` and `memory`, quantities as they were written.
struct DefaultResources {
  boost::json::object requests{};
  boost::json::object limits{};

  friend bool operator==(const DefaultResources&, const DefaultResources&) = default;
};

struct Config {
  Autoscale autoscale{};
  std::optional<Dns> dns{};
  // Why there is no `dns`: the object, the key and what is wrong. Empty where there is one.
  std::string dns_problem{};
  // A CappConfig is the source: what it says of autoscaling is no default that a template may
  // override.
  bool from_capp_config = false;
  std::int64_t revision_history_limit = 10;  // CappRevisions kept of a Capp; at least 1
  // What only admission looks at (behaviour 5).
  Limits limits{};
  std::vector<HostnamePattern> hostname_patterns{};  // none: any hostname is allowed
  DefaultResources default_resources{};

  friend bool operator==(const Config&, const Config&) = default;
};

// A value that cannot be used, or that is missing. It holds back all that its object says.
struct ConfigProblem {
  // Which Capps it concerns: those with a hostname, or all.
  enum class Of { kHostnames, kAll };
  Of of = Of::kAll;
  std::string object;                // "ConfigMap capp-operator-system/autoscale-defaults"
  std::string key;                   // "rps", or "spec.autoscaleConfig.rps" of a CappConfig
  std::optional<std::string> value;  // empty where the key is missing
  std::string rule;                  // "must be a whole number from 1 to 2147483647"

  // One sentence with all four; a long value is cut, and its length told.
  [[nodiscard]] std::string message() const;

  friend bool operator==(const ConfigProblem&, const ConfigProblem&) = default;
};

// What the operator works by: the configuration in force, and what is wrong with its sources. A
// problem leaves the last good content of its object in force.
struct InForce {
  Config config{};
  std::vector<ConfigProblem> problems{};

  friend bool operator==(const InForce&, const InForce&) = default;
};

}  // namespace capp
