#include <set>
#include <string_view>

#include "capp/admission/elements.h"
#include "capp/admission/rules.h"

namespace capp::admission {
namespace {

std::set<std::string_view> mounted_volumes(const boost::json::object& spec) {
  std::set<std::string_view> names;
  for (const auto& container :
       elements(spec, {"configurationSpec", "template", "spec", "containers"})) {
    const auto* mounts = json::array_at(container.object, {"volumeMounts"});
    if (mounts == nullptr) continue;
    for (const auto& mount : *mounts) names.insert(json::string_at(mount, {"name"}));
  }
  return names;
}

}  // namespace

Refusals volumes_not_mounted(const Submission& submission, const Facts& /*facts*/) {
  const auto mounted = mounted_volumes(submission.spec);
  Refusals refusals;
  for (const auto& volume : elements(submission.spec, {"volumesSpec", "nfsVolumes"})) {
    const std::string_view name = json::string_at(volume.object, {"name"});
    if (mounted.contains(name)) continue;
    refusals.push_back({.rule = {},
                        .field = volume.path + ".name",
                        .value = shown(name),
                        .must = "must be mounted by at least one container"});
  }
  return refusals;
}

}  // namespace capp::admission
