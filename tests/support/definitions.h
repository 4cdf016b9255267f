#pragma once
// CustomResourceDefinitions of the other projects, one by one.

#include "object/kind.h"
#include "tests/support/api.h"

namespace test {

// As its project ships it, out of foreign_definitions().
void install(Api& api, const object::Kind& kind);
// Returns when it is gone, and every object of the kind with it: the API server has been seen to
// need more than a minute for that.
void uninstall(Api& api, const object::Kind& kind);

}  // namespace test
