#pragma once
// Which log lines of the cluster are the Capp's (logging.banzaicloud.io/v1beta1). Wanted while the
// Capp asks for logs, beside the SyslogNGOutput that says where they go.

#include "capp/children/child.h"
#include "capp/kinds.h"

namespace capp {

class SyslogNgFlow final : public Child {
 public:
  [[nodiscard]] const object::Kind& kind() const override { return kSyslogNgFlow; }
  [[nodiscard]] const Concern& concern() const override { return kLogging; }
  [[nodiscard]] std::string_view event_stem() const override { return "SyslogNGFlow"; }
  [[nodiscard]] std::vector<Asked> wanted(const World& world) const override;
  [[nodiscard]] Health health(const World& world, const object::Record& live) const override;
  [[nodiscard]] boost::json::object status(const World& world, const Live& live) const override;
};

}  // namespace capp
