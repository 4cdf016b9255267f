#pragma once
// The DomainMapping of a Capp's hostname (serving.knative.dev/v1beta1): Knative answers under that
// name with the Capp's Service. Wanted while a hostname is set. A previous one serves until the new
// address does; see host.h for that rule.

#include "capp/children/child.h"
#include "capp/kinds.h"

namespace capp {

class DomainMapping final : public Child {
 public:
  [[nodiscard]] const object::Kind& kind() const override { return kDomainMapping; }
  [[nodiscard]] const Concern& concern() const override { return kDomain; }
  [[nodiscard]] std::string_view event_stem() const override { return "DomainMapping"; }
  [[nodiscard]] std::vector<Asked> wanted(const World& world) const override;
  [[nodiscard]] bool may_go(const World& world, const object::Record& unwanted) const override;
  [[nodiscard]] std::optional<Finding> remark(const World& world) const override;
  [[nodiscard]] Health health(const World& world, const object::Record& live) const override;
  [[nodiscard]] boost::json::object status(const World& world, const Live& live) const override;
};

// Whether the DomainMapping names a TLS Secret that we gave it.
[[nodiscard]] bool has_tls(const object::Record& mapping);

}  // namespace capp
