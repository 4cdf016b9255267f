#include "object/wanted.h"

#include <algorithm>

#include "base/hash.h"
#include "json/canonical.h"

namespace object {
namespace {

// What identifies an object like `live` as ours.
Labels identity_of(const Record& live, const Ownership& ownership) {
  Labels identity = ownership.identity;
  if (live.key.ns.empty()) {
    identity.insert(identity.end(), ownership.cluster_identity.begin(),
                    ownership.cluster_identity.end());
  }
  return identity;
}

}  // namespace

Ours is_ours(const Record& live, const Ownership& ownership, std::string_view wanted_hash) {
  const std::string& uid = ownership.controller.uid;
  const OwnerReference* controller = live.controller();
  if (controller != nullptr && controller->uid != uid) return Ours::kNo;
  if (std::ranges::find(live.owners, uid, &OwnerReference::uid) != live.owners.end()) {
    return Ours::kYes;
  }
  if (!live.applied_hash.empty() && live.applied_hash == wanted_hash) return Ours::kYes;
  const Labels identity = identity_of(live, ownership);
  const bool labelled = std::ranges::all_of(
      identity, [&](const auto& label) { return live.label(label.first) == label.second; });
  if (labelled && !ownership.identity.empty()) return Ours::kYes;
  // The annotation stays after an adoption: it must not hand the object on to the next one.
  return live.adoptable && foreign_identity(live, ownership).empty() ? Ours::kAdoptable : Ours::kNo;
}

Labels foreign_identity(const Record& live, const Ownership& ownership) {
  Labels carried;
  bool foreign = false;
  for (const auto& [name, value] : identity_of(live, ownership)) {
    const std::string_view other = live.label(name);
    if (other.empty()) continue;
    carried.emplace_back(name, other);
    foreign |= other != value;
  }
  return foreign ? carried : Labels{};
}

std::string applied_hash(const boost::json::object& body) {
  return "1-" + base::sha256_hex128(json::canonical(body));
}

}  // namespace object
