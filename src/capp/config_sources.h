#pragma once
// From the objects that hold the configuration to what is in force (behaviour 3). All that one
// object says counts, or nothing of it: while it has a problem, what it said when it last was good
// stays in force.

#include <string>
#include <string_view>

#include "capp/config.h"
#include "object/kind.h"
#include "object/record.h"
#include "object/wanted.h"

namespace capp {

// The objects, all in the operator's namespace.
inline constexpr std::string_view kCappConfigName = "capp-config";  // a CappConfig
inline constexpr std::string_view kAutoscaleDefaults = "autoscale-defaults";
inline constexpr std::string_view kAutoscaleDefaultsFallback = "autoscale-default";
inline constexpr std::string_view kDnsConfig = "dns-config";
// Where the operator keeps what each of them said when it last was good.
inline constexpr std::string_view kLastGoodName = "capp-operator-last-good";

// Record::body is `.spec`, compact JSON, or empty. For the ConfigMaps: config_map_projection().
[[nodiscard]] object::Projection capp_config_projection();
// Record::body is `.data`, compact JSON, or empty; with what we own of it.
[[nodiscard]] object::Projection last_good_projection();

// "ConfigMap capp-operator-system/dns-config": how problems name an object.
[[nodiscard]] std::string config_object_name(const object::Kind& kind, const object::Key& key);

// Null where an object does not exist.
struct ConfigSources {
  std::string ns;  // the operator's namespace
  // While it exists, and was good once, the ConfigMaps do not count.
  object::RecordPtr capp_config{};
  object::RecordPtr autoscale_defaults{};
  object::RecordPtr autoscale_defaults_fallback{};  // read where the first does not exist
  object::RecordPtr dns_config{};
};

// What the sources said when they last were good: of each the keys that are read, as canonical
// JSON. Empty for a source that does not exist, or has never been good.
struct LastGood {
  std::string capp_config{};
  std::string autoscale_defaults{};
  std::string dns_config{};

  friend bool operator==(const LastGood&, const LastGood&) = default;
};

struct ConfigReading {
  InForce in_force;
  LastGood last_good;  // to be given to the next reading
};

// An absent key has its built-in value. What is last good of an object goes with the object: one
// that comes back bad does not bring back what was in force before it went.
[[nodiscard]] ConfigReading read_config(const ConfigSources& sources, const LastGood& last_good);

// From a record made by last_good_projection(). What is no text there counts as empty.
[[nodiscard]] LastGood read_last_good(const object::Record& record);
// As it is to be kept in the operator's namespace.
[[nodiscard]] object::Wanted last_good_object(const std::string& ns, const LastGood& last_good);

}  // namespace capp
