#include "capp/config_change.h"

#include <algorithm>
#include <ranges>

#include "capp/autoscaling.h"
#include "json/value.h"

namespace capp {
namespace {

bool same_problems(const InForce& before, const InForce& after, ConfigProblem::Of of) {
  const auto those = std::views::filter([of](const auto& problem) { return problem.of == of; });
  return std::ranges::equal(before.problems | those, after.problems | those);
}

// A disabled Capp has no Service that could be told.
bool scales_otherwise(const Config& before, const Config& after, const Capp& capp) {
  if (capp.spec.state == State::kDisabled) return false;
  if (before.autoscale == after.autoscale && before.from_capp_config == after.from_capp_config) {
    return false;
  }
  const auto& own =
      json::object_or_empty(capp.spec.configuration, {"template", "metadata", "annotations"});
  return with_autoscaling(own, capp.spec.scale, before) !=
         with_autoscaling(own, capp.spec.scale, after);
}

bool is_addressed_otherwise(const InForce& before, const InForce& after, const Capp& capp) {
  if (capp.spec.route.hostname.empty()) return false;
  return before.config.dns != after.config.dns ||
         before.config.dns_problem != after.config.dns_problem ||
         !same_problems(before, after, ConfigProblem::Of::kHostnames);
}

}  // namespace

bool concerns(const InForce& before, const InForce& after, const Capp& capp) {
  // How many revisions it has is not looked at: none goes where the limit has grown.
  return after.config.revision_history_limit < before.config.revision_history_limit ||
         !same_problems(before, after, ConfigProblem::Of::kAll) ||
         scales_otherwise(before.config, after.config, capp) ||
         is_addressed_otherwise(before, after, capp);
}

}  // namespace capp
