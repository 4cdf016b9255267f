#pragma once
// What must be done about one Capp. Pure: the same world gives the same plan.

#include <optional>
#include <string>
#include <vector>

#include "capp/children/child.h"
#include "capp/revisions.h"
#include "capp/verdict.h"
#include "capp/world.h"
#include "object/wanted.h"

namespace capp {

struct ChildWanted {
  const Child* child = nullptr;
  object::Wanted object;
  // Not before the Capp has our finalizer: see Child::needs_finalizer.
  bool after_finalizer = false;
};

struct ChildUnwanted {
  const Child* child = nullptr;
  object::Unwanted object;
};

// Wanted too, but not written.
struct ChildHeld {
  const Child* child = nullptr;
  object::Wanted object;
  Verdict verdict = Verdict::kMissing;  // why
  std::string message;
};

struct Plan {
  // To be written now; independent of each other.
  std::vector<ChildWanted> wanted;
  // To be deleted now; independent of each other and of what is written.
  std::vector<ChildUnwanted> unwanted;
  std::vector<ChildHeld> held;
  // Kinds of which there may be objects that only we would delete, and that nobody can see: the
  // finalizer of a Capp that goes waits for them.
  std::vector<const Child*> unseen;
  // TLS Secrets to be deleted now, once each; see tls_secrets.h.
  std::vector<object::RemoveByName> tls_secrets;
  // The whole new list of the Capp's finalizers; empty where it is right. Added beside the other
  // writes; removed only by a plan in which nothing is left to delete.
  std::optional<std::vector<std::string>> finalizers;
  History history;
  // Of the children, for the applier. Owner and labels are in the bodies as well.
  object::Ownership ownership;
};

[[nodiscard]] Plan plan(const World& world);

// What became of a plan: outcomes in the order of the plan's lists.
struct Results {
  std::vector<object::Outcome> wanted;
  std::vector<object::Outcome> unwanted;
  std::vector<object::Outcome> tls_secrets;
  // Of History::create and History::prune; absent or shorter where they were not tried.
  std::optional<object::Outcome> revision;
  std::vector<object::Outcome> pruned;
  std::optional<object::Outcome> finalizers;  // absent where they were right
};

}  // namespace capp
