#pragma once
// The policies that a cluster without webhooks has (config/policy), in force for one namespace.

#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "tests/support/cluster.h"

namespace test {

// As long as it lives, the policies judge the Capps of the cluster's namespace, by the CappConfig
// that is there.
class AdmissionPolicies {
 public:
  // Returns when they are in force.
  explicit AdmissionPolicies(Cluster& cluster);
  ~AdmissionPolicies();
  AdmissionPolicies(const AdmissionPolicies&) = delete;
  AdmissionPolicies& operator=(const AdmissionPolicies&) = delete;

  // The spec of the CappConfig; nothing: there is none. Returns when the policies see it so.
  void configure(const std::optional<boost::json::object>& spec);

 private:
  struct Stored {
    const object::Kind& kind;
    std::string name;
  };
  void store(boost::json::object object);
  void await_config(const std::string& version);

  Cluster& cluster_;
  std::vector<Stored> stored_;
  std::optional<boost::json::object> config_;
};

}  // namespace test
