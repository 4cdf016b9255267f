#pragma once
// The claims of a Capp's NFS volumes (nfspvc.dana.io/v1alpha1), one a volume and named as it.
//
// All that a Capp says of a volume is fixed on the server once the claim exists. A changed volume
// is therefore told and not written, and nothing is deleted for it: the claim stays as it is until
// the user takes the volume off the list.

#include "capp/children/child.h"
#include "capp/kinds.h"

namespace capp {

class NfsPvc final : public Child {
 public:
  [[nodiscard]] const object::Kind& kind() const override { return kNfsPvc; }
  [[nodiscard]] const Concern& concern() const override { return kVolumes; }
  [[nodiscard]] std::string_view event_stem() const override { return "NfsPvc"; }
  [[nodiscard]] object::Projection projection() const override;
  [[nodiscard]] std::vector<Asked> wanted(const World& world) const override;
  [[nodiscard]] Health health(const World& world, const object::Record& live) const override;
  [[nodiscard]] boost::json::object status(const World& world, const Live& live) const override;
};

}  // namespace capp
