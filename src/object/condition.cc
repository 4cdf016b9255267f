#include "object/condition.h"

#include "base/utf8.h"
#include "json/value.h"

namespace object {
namespace {

ConditionStatus read_status(std::string_view text) {
  if (text == "True") return ConditionStatus::kTrue;
  if (text == "False") return ConditionStatus::kFalse;
  return ConditionStatus::kUnknown;
}

const boost::json::object* find_object(const boost::json::array& conditions,
                                       std::string_view type) {
  for (const auto& element : conditions) {
    const auto* condition = element.if_object();
    if (condition != nullptr && json::string_at(*condition, {"type"}) == type) return condition;
  }
  return nullptr;
}

}  // namespace

std::string_view to_string(ConditionStatus status) {
  switch (status) {
    case ConditionStatus::kTrue:
      return "True";
    case ConditionStatus::kFalse:
      return "False";
    case ConditionStatus::kUnknown:
      return "Unknown";
  }
  return "Unknown";
}

boost::json::array merge_conditions(const std::vector<Condition>& conditions,
                                    const boost::json::array& previous, std::string_view now,
                                    std::int64_t observed_generation) {
  boost::json::array merged;
  merged.reserve(conditions.size());
  for (const Condition& condition : conditions) {
    std::string_view since = now;
    if (const auto* before = find_object(previous, condition.type)) {
      const std::string_view stands = json::string_at(*before, {"lastTransitionTime"});
      if (json::string_at(*before, {"status"}) == to_string(condition.status) && !stands.empty()) {
        since = stands;
      }
    }
    merged.push_back(
        boost::json::object{{"type", condition.type},
                            {"status", to_string(condition.status)},
                            {"reason", condition.reason},
                            {"message", base::utf8_prefix(condition.message, kMaxConditionMessage)},
                            {"lastTransitionTime", since},
                            {"observedGeneration", observed_generation}});
  }
  return merged;
}

Condition find_condition(const boost::json::array& conditions, std::string_view type) {
  const auto* found = find_object(conditions, type);
  if (found == nullptr) return {};
  return {.type = std::string(type),
          .status = read_status(json::string_at(*found, {"status"})),
          .reason = std::string(json::string_at(*found, {"reason"})),
          .message = std::string(json::string_at(*found, {"message"}))};
}

}  // namespace object
