#include "runtime/predicates.h"

namespace runtime {

bool content_changed(const Change& change) {
  if (!change.before || !change.after || change.missed) return true;
  const object::Record& a = *change.before;
  const object::Record& b = *change.after;
  return a.uid != b.uid || a.generation != b.generation || a.terminating != b.terminating ||
         a.applied_hash != b.applied_hash || a.adoptable != b.adoptable ||
         a.finalizers != b.finalizers || a.labels != b.labels || a.owners != b.owners ||
         a.owned.set != b.owned.set || a.owned.owner_uid != b.owned.owner_uid || a.body != b.body;
}

}  // namespace runtime
