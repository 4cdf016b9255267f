#include "object/wanted.h"

#include <algorithm>

#include "base/hash.h"
#include "json/canonical.h"

namespace object {

Ours is_ours(const Record& live, const Ownership& ownership, std::string_view wanted_hash) {
  const std::string& uid = ownership.controller.uid;
  const OwnerReference* controller = live.controller();
  if (controller != nullptr && controller->uid != uid) return Ours::kNo;
  if (std::ranges::find(live.owners, uid, &OwnerReference::uid) != live.owners.end()) {
    return Ours::kYes;
  }
  if (!live.applied_hash.empty() && live.applied_hash == wanted_hash) return Ours::kYes;
  const bool labelled = std::ranges::all_of(ownership.identity, [&](const auto& label) {
    return live.label(label.first) == label.second;
  });
  if (labelled && !ownership.identity.empty()) return Ours::kYes;
  return live.adoptable ? Ours::kAdoptable : Ours::kNo;
}

std::string applied_hash(const boost::json::object& body) {
  return "1-" + base::sha256_hex128(json::canonical(body));
}

}  // namespace object
