#pragma once
// What a pass found out about each object.

#include "capp/concern.h"
#include "capp/plan.h"
#include "capp/verdict.h"
#include "capp/world.h"
#include "object/record.h"
#include "object/wanted.h"

namespace capp {

[[nodiscard]] Findings find_all(const World& world, const Plan& plan, const Results& results);

// kReady where nothing was found.
[[nodiscard]] Verdict worst_of(const Findings& findings, const Concern& concern);

// The object as it is after the pass, where it exists and is ours. A failed write may have met
// somebody else's, whose status is none of this Capp's.
[[nodiscard]] object::RecordPtr live_after(const World& world, const Plan& plan,
                                           const object::Wanted& wanted,
                                           const object::Outcome& outcome);

}  // namespace capp
