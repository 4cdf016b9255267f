#pragma once
// The conditions of a Capp (behaviour 1, "Status"): Ready, and one for each concern.

#include <boost/json/array.hpp>

#include "capp/findings.h"
#include "capp/world.h"

namespace capp {

// The whole `conditions` array of a Capp that lives.
[[nodiscard]] boost::json::array conditions_of(const World& world, const Findings& findings);

// The one of a Capp that something keeps from going away: Ready, with every cause in `findings`.
[[nodiscard]] boost::json::array conditions_of_leaving(const World& world,
                                                       const Findings& findings);

}  // namespace capp
