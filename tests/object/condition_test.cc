#include "object/condition.h"

#include <string>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

namespace object {
namespace {

constexpr std::string_view kNow = "2026-11-23T04:00:00Z";
constexpr std::string_view kBefore = "2026-11-23T03:00:00Z";

Condition ready(ConditionStatus status, std::string reason = "Why", std::string message = "") {
  return {.type = "Ready",
          .status = status,
          .reason = std::move(reason),
          .message = std::move(message)};
}

boost::json::array previous(std::string_view status) {
  return {boost::json::object{{"type", "Other"}, {"status", "True"}, {"lastTransitionTime", "x"}},
          boost::json::object{{"type", "Ready"},
                              {"status", status},
                              {"reason", "Before"},
                              {"lastTransitionTime", kBefore}}};
}

std::string since(const Condition& condition, const boost::json::array& before) {
  const auto merged = merge_conditions({condition}, before, kNow, 1);
  return std::string(merged.at(0).at("lastTransitionTime").as_string());
}

TEST(MergeConditions, WritesWhatTheApiAsksFor) {
  const auto merged =
      merge_conditions({ready(ConditionStatus::kFalse, "Broken", "it is")}, {}, kNow, 7);
  EXPECT_EQ(boost::json::serialize(merged),
            R"([{"type":"Ready","status":"False","reason":"Broken","message":"it is",)"
            R"("lastTransitionTime":"2026-11-23T04:00:00Z","observedGeneration":7}])");
}

TEST(MergeConditions, MovesTheTransitionTimeOnlyWithTheStatus) {
  EXPECT_EQ(since(ready(ConditionStatus::kTrue, "Another", "reason"), previous("True")), kBefore);
  EXPECT_EQ(since(ready(ConditionStatus::kFalse), previous("True")), kNow);
  EXPECT_EQ(since(ready(ConditionStatus::kUnknown), previous("False")), kNow);
}

TEST(MergeConditions, TakesAConditionThatIsNewAsChangedNow) {
  EXPECT_EQ(since(ready(ConditionStatus::kTrue), {}), kNow);
}

TEST(MergeConditions, SurvivesWhateverStoodThere) {
  for (const auto* before :
       {R"([1, null, "x", {}])", R"([{"type": "Ready"}])", R"([{"type": 1, "status": "True"}])",
        R"([{"type": "Ready", "status": "True", "lastTransitionTime": null}])",
        R"([{"type": "Ready", "status": "True", "lastTransitionTime": ""}])"}) {
    EXPECT_EQ(since(ready(ConditionStatus::kTrue), boost::json::parse(before).as_array()), kNow)
        << before;
  }
}

TEST(MergeConditions, DropsWhatIsNotGivenAndKeepsTheOrder) {
  const auto merged = merge_conditions(
      {{.type = "B", .reason = "", .message = ""}, {.type = "A", .reason = "", .message = ""}},
      previous("True"), kNow, 1);
  ASSERT_EQ(merged.size(), 2U);
  EXPECT_EQ(merged.at(0).at("type"), "B");
  EXPECT_EQ(merged.at(1).at("type"), "A");
}

TEST(MergeConditions, CutsALongMessageAtACharacterBoundary) {
  // 32767 bytes, and a character of two that does not fit any more.
  const std::string message = std::string(kMaxConditionMessage - 1, 'x') + "ä";
  const auto merged = merge_conditions({ready(ConditionStatus::kTrue, "R", message)}, {}, kNow, 1);
  EXPECT_EQ(merged.at(0).at("message").as_string(), std::string(kMaxConditionMessage - 1, 'x'));
  const std::string fits(kMaxConditionMessage, 'x');
  const auto whole = merge_conditions({ready(ConditionStatus::kTrue, "R", fits)}, {}, kNow, 1);
  EXPECT_EQ(whole.at(0).at("message").as_string(), fits);
}

TEST(FindCondition, ReadsAForeignObjectsCondition) {
  const auto conditions = boost::json::parse(
      R"([{"type": "A", "status": "True"}, 7,
          {"type": "Ready", "status": "False", "reason": "R", "message": "m"}])");
  EXPECT_EQ(find_condition(conditions.as_array(), "Ready"),
            ready(ConditionStatus::kFalse, "R", "m"));
  EXPECT_EQ(find_condition(conditions.as_array(), "Absent").type, "");
}

TEST(FindCondition, TakesAnyOtherStatusForUnknown) {
  for (const auto* status : {R"("Unknown")", R"("true")", R"("")", "true", "null"}) {
    const auto conditions =
        boost::json::parse(std::string(R"([{"type": "Ready", "status": )") + status + "}]");
    EXPECT_EQ(find_condition(conditions.as_array(), "Ready").status, ConditionStatus::kUnknown)
        << status;
  }
}

}  // namespace
}  // namespace object
