#pragma once
// Carries out a plan: which of its writes go side by side, and which wait for others.

#include <cstdint>
#include <stop_token>

#include "capp/capp.h"
#include "capp/plan.h"
#include "runtime/applier.h"

namespace op {

// First what depends on nothing; then what waits for the Capp's finalizer and, once a new revision
// is stored, the removal of old ones. `version` is the resourceVersion of the Capp that was planned
// for. The bodies are moved out of the plan; all else of it stays.
[[nodiscard]] capp::Results write(runtime::Applier& applier, capp::Plan& plan,
                                  const object::Key& capp, std::uint64_t version,
                                  const std::stop_token& stop);

}  // namespace op
