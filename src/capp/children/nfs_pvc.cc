#include "capp/children/nfs_pvc.h"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "base/quantity.h"
#include "capp/body.h"

namespace capp {
namespace {

// `immutable` in the claim's schema, and all that we set.
constexpr std::array<std::string_view, 4> kFixedFields{"server", "path", "capacity", "accessModes"};

boost::json::object claim_spec(const NfsVolume& volume) {
  return {{"server", volume.server},
          {"path", volume.path},
          {"accessModes", boost::json::array{"ReadWriteMany"}},
          {"capacity", volume.capacity}};
}

bool equal_quantities(const boost::json::value& a, const boost::json::value& b) {
  if (!a.is_string() || !b.is_string()) return json::equal(a, b);
  const auto left = base::Quantity::parse(a.get_string());
  const auto right = base::Quantity::parse(b.get_string());
  return left && right ? *left == *right : json::equal(a, b);
}

// As a person compares them: "1Gi" is "1024Mi".
bool equal_values(const boost::json::value& a, const boost::json::value& b) {
  if (!a.is_object() || !b.is_object()) return json::equal(a, b);
  const auto& left = a.get_object();
  const auto& right = b.get_object();
  return left.size() == right.size() && std::ranges::all_of(left, [&](const auto& entry) {
           const auto* other = right.if_contains(entry.key());
           return other != nullptr && equal_quantities(entry.value(), *other);
         });
}

// Makes `wanted` what can be written over the live claim, and says why there is no such thing.
std::string reconcile_with(const object::Record& live, boost::json::object& wanted) {
  const auto body = body_of(live);
  for (const std::string_view field : kFixedFields) {
    const auto* is = json::find(body, {"spec", field});
    if (is == nullptr) continue;
    auto& wants = wanted.at(field);
    if (!equal_values(*is, wants)) {
      return fmt::format(
          "volume {}: {} is {} since its creation and cannot become {}; to change it, give the "
          "volume another name, or take it off the list and add it again when its claim is gone",
          live.key.name, field, boost::json::serialize(*is), boost::json::serialize(wants));
    }
    // The server compares texts, and would refuse another spelling of the same quantity.
    wants = *is;
  }
  return {};
}

std::string_view phase(const boost::json::object& status, std::string_view member) {
  const std::string_view phase = json::string_at(status, {member});
  return phase.empty() ? "not known yet" : phase;
}

}  // namespace

object::Projection NfsPvc::projection() const {
  return child_projection(kFixedFields);
}

std::vector<Asked> NfsPvc::wanted(const World& world) const {
  std::vector<Asked> claims;
  for (const auto& volume : world.capp.spec.nfs_volumes) {
    auto spec = claim_spec(volume);
    const auto live = find_ours(world, kNfsPvc, volume.name);
    auto obstacle = live != nullptr ? reconcile_with(*live, spec) : std::string();
    auto body = child_body(world.capp, kNfsPvc, volume.name);
    body["spec"] = std::move(spec);
    claims.push_back({.object = {.kind = &kNfsPvc,
                                 .key = {.ns = world.capp.key.ns, .name = volume.name},
                                 .body = std::move(body)},
                      .obstacle = std::move(obstacle)});
  }
  return claims;
}

Health NfsPvc::health(const World& /*world*/, const object::Record& live) const {
  const auto status = status_of(live);
  const std::string_view claim = phase(status, "pvcPhase");
  const std::string_view volume = phase(status, "pvPhase");
  if (claim == "Bound" && volume == "Bound") return {.ready = true, .message = {}};
  return {.message =
              fmt::format("volume {}: its PersistentVolumeClaim is {}, its PersistentVolume {}",
                          live.key.name, claim, volume)};
}

boost::json::object NfsPvc::status(const World& world, const Live& live) const {
  boost::json::array entries;
  const auto claims = live.of(kNfsPvc);
  for (const auto& volume : world.capp.spec.nfs_volumes) {
    const auto claim = std::ranges::find_if(
        claims, [&](const auto& record) { return record->key.name == volume.name; });
    if (claim == claims.end()) continue;
    boost::json::object entry{{"volumeName", volume.name}};
    if (auto status = status_of(**claim); !status.empty()) {
      entry["nfsPvcStatus"] = std::move(status);
    }
    entries.push_back(std::move(entry));
  }
  if (entries.empty()) return {};
  return {{"volumesStatus", {{"nfsVolumesStatus", std::move(entries)}}}};
}

}  // namespace capp
