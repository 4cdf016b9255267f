#pragma once
// The TLS certificate of a Capp's hostname (cert-manager.io/v1). Wanted while a hostname is set and
// TLS is on. A previous one stays until the new address serves; see host.h. Its Secret, which
// nobody else cleans up, follows it: see tls_secrets.h.

#include "capp/children/child.h"
#include "capp/kinds.h"

namespace capp {

class Certificate final : public Child {
 public:
  [[nodiscard]] const object::Kind& kind() const override { return kCertificate; }
  [[nodiscard]] const Concern& concern() const override { return kTls; }
  [[nodiscard]] std::string_view event_stem() const override { return "Certificate"; }
  [[nodiscard]] bool needs_finalizer() const override { return true; }
  [[nodiscard]] std::vector<Asked> wanted(const World& world) const override;
  [[nodiscard]] bool may_go(const World& world, const object::Record& unwanted) const override;
  [[nodiscard]] std::optional<Finding> remark(const World& world) const override;
  [[nodiscard]] Health health(const World& world, const object::Record& live) const override;
  [[nodiscard]] boost::json::object status(const World& world, const Live& live) const override;
};

}  // namespace capp
