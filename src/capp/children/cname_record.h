#pragma once
// The DNS record of a Capp's hostname, in one of the two APIs of Crossplane's DNS provider: a row
// of the table each. Wanted while a hostname below the zone's apex is set, in the API that
// record_kind() chooses. A previous one stays until the new one is ready; see host.h.

#include "capp/children/child.h"

namespace capp {

class CnameRecord final : public Child {
 public:
  // kClusterCnameRecord or kCnameRecord; outlives the child.
  explicit CnameRecord(const object::Kind& kind) : kind_(kind) {}

  [[nodiscard]] const object::Kind& kind() const override { return kind_; }
  [[nodiscard]] const Concern& concern() const override { return kDnsRecord; }
  [[nodiscard]] std::string_view event_stem() const override { return "DNSRecord"; }
  // An owner in a namespace cannot own a cluster-scoped object.
  [[nodiscard]] bool needs_finalizer() const override {
    return kind_.scope == object::Scope::kCluster;
  }
  [[nodiscard]] std::vector<Asked> wanted(const World& world) const override;
  [[nodiscard]] bool may_go(const World& world, const object::Record& unwanted) const override;
  [[nodiscard]] std::optional<Finding> remark(const World& world) const override;
  [[nodiscard]] Health health(const World& world, const object::Record& live) const override;
  [[nodiscard]] boost::json::object status(const World& world, const Live& live) const override;

 private:
  const object::Kind& kind_;
};

}  // namespace capp
