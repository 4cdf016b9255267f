#pragma once
// metav1.Condition, and the rule of its transition time.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>

namespace object {

enum class ConditionStatus { kTrue, kFalse, kUnknown };
std::string_view to_string(ConditionStatus status);

// The API's limit of a condition's message, in bytes.
inline constexpr std::size_t kMaxConditionMessage = 32768;

struct Condition {
  std::string type;
  ConditionStatus status = ConditionStatus::kUnknown;
  std::string reason;
  std::string message;

  friend bool operator==(const Condition&, const Condition&) = default;
};

// The `conditions` array as it goes into a status, in the order given. lastTransitionTime is `now`
// (RFC 3339), or, where `previous` (the array as it stands; may hold anything) has that type with
// the same status, what stands there. Messages longer than the limit are cut at a character
// boundary.
boost::json::array merge_conditions(const std::vector<Condition>& conditions,
                                    const boost::json::array& previous, std::string_view now,
                                    std::int64_t observed_generation);

// The condition of `type` in an array of a foreign object's status; type empty where there is none.
Condition find_condition(const boost::json::array& conditions, std::string_view type);

}  // namespace object
