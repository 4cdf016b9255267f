#pragma once
// The concerns of a Capp: what a person asks about, one condition each (behaviour 1, "Status").

#include <array>
#include <string_view>

namespace capp {

struct Concern {
  std::string_view condition;  // type of its own condition
  std::string_view not_ready;  // reason of that condition, and of Ready, while it is not ready

  friend bool operator==(const Concern&, const Concern&) = default;
};

inline constexpr Concern kServing{"KnativeServiceReady", "KnativeServiceNotReady"};

// The order in which Ready looks at them; the first failure is Ready's.
inline constexpr std::array kConcerns{&kServing};

}  // namespace capp
