#pragma once
// The webhooks as they are shipped (config/webhook), served by the operator of a test for its own
// namespace.

#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "tests/support/admission_table.h"
#include "tests/support/cluster.h"

namespace test {

// As long as it lives, the cluster's operator runs and judges the Capps of the cluster's namespace.
class AdmissionWebhooks {
 public:
  // Starts the operator with these flags more; returns when the API server calls it.
  explicit AdmissionWebhooks(Cluster& cluster, std::vector<std::string> flags = {});
  ~AdmissionWebhooks();
  AdmissionWebhooks(const AdmissionWebhooks&) = delete;
  AdmissionWebhooks& operator=(const AdmissionWebhooks&) = delete;

  // The spec of the CappConfig; nothing: there is none. Returns when the operator works by it. To
  // know that, it gets a limit more: of no kind that `rule` is about.
  void configure(const std::optional<boost::json::object>& spec, std::string_view rule = {});
  // Stores what is there before the case, asks for its Capp, and clears up.
  testing::AssertionResult answered(const AdmissionCase& asked);

 private:
  void install(boost::json::object configuration, int port);
  void await_calls();
  // In the Capp's namespace, or in the second one, as it says.
  [[nodiscard]] object::Key place_of(const boost::json::object& object);
  void store(const boost::json::object& object);
  void remove(const boost::json::object& object);

  Cluster& cluster_;
  const std::string elsewhere_;
  std::string ca_bundle_;
  std::vector<const object::Kind*> installed_;
  std::optional<boost::json::object> config_;
  int configured_ = 0;
};

}  // namespace test
