#pragma once
// The Knative Service that runs a Capp (behaviour 2, "Knative Service"). Wanted while the Capp is
// enabled.

#include "capp/children/child.h"

namespace capp {

class KnativeService final : public Child {
 public:
  [[nodiscard]] const object::Kind& kind() const override;
  [[nodiscard]] const Concern& concern() const override { return kServing; }
  [[nodiscard]] std::string_view event_stem() const override { return "KnativeService"; }
  [[nodiscard]] std::vector<Asked> wanted(const World& world) const override;
  [[nodiscard]] Health health(const World& world, const object::Record& live) const override;
  [[nodiscard]] boost::json::object status(const World& world, const Live& live) const override;
};

// The Revision that is to serve next, by the status of the Service, where it is known and not
// ready.
[[nodiscard]] object::RecordPtr failing_revision(const World& world,
                                                 const boost::json::object& service_status);

}  // namespace capp
