#pragma once
// Which Capps a change of the configuration is about (behaviour 3).

#include "capp/capp.h"
#include "capp/config.h"

namespace capp {

// Whether `after` may ask for another object of this Capp, or another condition, than `before`.
[[nodiscard]] bool concerns(const InForce& before, const InForce& after, const Capp& capp);

}  // namespace capp
