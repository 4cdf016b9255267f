#pragma once
// Events by the clock (sources.knative.dev/v1), one object for each such entry of the Capp.

#include "capp/children/child.h"
#include "capp/kinds.h"

namespace capp {

class PingSource final : public Child {
 public:
  [[nodiscard]] const object::Kind& kind() const override { return kPingSource; }
  [[nodiscard]] const Concern& concern() const override { return kEventing; }
  [[nodiscard]] std::string_view event_stem() const override { return "PingSource"; }
  [[nodiscard]] std::vector<Asked> wanted(const World& world) const override;
  [[nodiscard]] Health health(const World& world, const object::Record& live) const override;
  [[nodiscard]] boost::json::object status(const World& world, const Live& live) const override;
};

}  // namespace capp
