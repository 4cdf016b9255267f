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
  [[nodiscard]] std::vector<object::Wanted> wanted(const World& world) const override;
  [[nodiscard]] Health health(const object::Record& live) const override;
  [[nodiscard]] boost::json::object status(const World& world, const Records& live) const override;
};

}  // namespace capp
