#pragma once
// Where the Capp's log lines go (logging.banzaicloud.io/v1beta1): an index or a data stream of
// Elasticsearch. Wanted while the Capp asks for logs.

#include "capp/children/child.h"
#include "capp/kinds.h"

namespace capp {

class SyslogNgOutput final : public Child {
 public:
  [[nodiscard]] const object::Kind& kind() const override { return kSyslogNgOutput; }
  [[nodiscard]] const Concern& concern() const override { return kLogging; }
  [[nodiscard]] std::string_view event_stem() const override { return "SyslogNGOutput"; }
  [[nodiscard]] std::vector<Asked> wanted(const World& world) const override;
  [[nodiscard]] Health health(const World& world, const object::Record& live) const override;
  // Of the flow and the output together, too: `loggingStatus.conditions`.
  [[nodiscard]] boost::json::object status(const World& world, const Live& live) const override;
};

}  // namespace capp
