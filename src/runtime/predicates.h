#pragma once
// Which changes are worth a reconcile (R30).

#include "runtime/store.h"

namespace runtime {

// False where an object stayed the same in all that its record keeps; its version alone moved, as
// after a write of something that nobody here reads.
[[nodiscard]] bool content_changed(const Change& change);

}  // namespace runtime
