#pragma once
// The status of a Capp after a pass (behaviour 1, "Status").

#include <string_view>

#include <boost/json/object.hpp>

#include "capp/findings.h"
#include "capp/plan.h"
#include "capp/world.h"

namespace capp {

// `stateStatus.state` as the status has it: the state that was last acted on; empty before that.
[[nodiscard]] std::string_view state_before(const Capp& capp);

// Whether the Capp's state was acted on: what it asks for is the Service, there or gone.
[[nodiscard]] bool acted_on_state(const Findings& findings);

// The whole status of a Capp that lives.
[[nodiscard]] boost::json::object status_after(const World& world, const Plan& plan,
                                               const Results& results, const Findings& findings);

// A Capp that goes away keeps the status that it has, but for the TLS Secrets that it still answers
// for, and what keeps it from going.
[[nodiscard]] boost::json::object status_of_leaving(const World& world, const Plan& plan,
                                                    const Results& results,
                                                    const Findings& findings);

}  // namespace capp
