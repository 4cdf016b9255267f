#pragma once
// What a pass found out about each object: the material of which conditions, status and events are
// made.

#include <string>
#include <vector>

#include "capp/concern.h"
#include "capp/plan.h"
#include "capp/world.h"
#include "object/record.h"
#include "object/wanted.h"

namespace capp {

// Of one object, or of one attempt to change it; a later one is worse.
enum class Verdict { kReady, kNotReady, kTerminating, kMissing, kSyncFailed };

struct Finding {
  const Concern* concern = nullptr;  // null for the history: no condition of its own tells of it
  Verdict verdict = Verdict::kReady;
  std::string message{};
};
using Findings = std::vector<Finding>;

[[nodiscard]] Findings find_all(const World& world, const Plan& plan, const Results& results);

// kReady where nothing was found.
[[nodiscard]] Verdict worst_of(const Findings& findings, const Concern& concern);

// The object as it is after the pass, where it exists and is ours. A failed write may have met
// somebody else's, whose status is none of this Capp's.
[[nodiscard]] object::RecordPtr live_after(const World& world, const Plan& plan,
                                           const object::Wanted& wanted,
                                           const object::Outcome& outcome);

// Why it failed, in the API server's own words, whole: who shows them cuts them.
[[nodiscard]] std::string cause_of(const object::Outcome& outcome);
// "Service web/capp-sample", for people.
[[nodiscard]] std::string name_of(const object::Wanted& object);

}  // namespace capp
