#pragma once
// All child kinds.

#include <span>

#include "capp/children/child.h"

namespace capp {

// In the order in which they are written where an order is visible (events, messages).
[[nodiscard]] std::span<const Child* const> children();

}  // namespace capp
