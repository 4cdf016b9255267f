#pragma once
// The words in which people are told of objects.

#include <string>

#include "object/kind.h"
#include "object/wanted.h"

namespace capp {

// "Service web/capp-sample".
[[nodiscard]] std::string name_of(const object::Wanted& object);
// That it is being deleted, and what then.
[[nodiscard]] std::string terminating_text(const object::Wanted& object);
// That the cluster does not serve `kind`.
[[nodiscard]] std::string missing_text(const object::Kind& kind);
// That it serves it, but its objects are not known.
[[nodiscard]] std::string unread_text(const object::Kind& kind);
// Why it failed, in the API server's own words, whole: who shows them cuts them.
[[nodiscard]] std::string cause_of(const object::Outcome& outcome);

}  // namespace capp
