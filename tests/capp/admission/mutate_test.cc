#include "capp/admission/mutate.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/capp/admission/submissions.h"

namespace capp::admission {
namespace {

const DefaultResources kDefaults{.requests = {{"cpu", "100m"}, {"memory", "128Mi"}},
                                 .limits = {{"cpu", "1"}, {"memory", "256Mi"}}};

// A Capp with these containers (JSON text).
boost::json::object with_containers(std::string_view containers) {
  return a_capp_with(fmt::format(
      R"({{"configurationSpec": {{"template": {{"spec": {{"containers": {}}}}}}}}})", containers));
}

// The resources that the patch gives a Capp's only container of these resources.
boost::json::value given(std::string_view resources) {
  const auto capp = with_containers(fmt::format(R"([{{"resources": {}}}])", resources));
  const auto patch = mutate(capp, nullptr, "dana", kDefaults);
  return patch.size() < 2 ? boost::json::value() : patch[1].at("value");
}

TEST(Mutate, SaysWhoAsked) {
  auto capp = a_capp_with("{}");
  EXPECT_THAT(mutate(capp, nullptr, "dana", {}), IsJson(R"([{"op": "add",
      "path": "/metadata/annotations", "value": {"rcs.dana.io/last-updated-by": "dana"}}])"));
  capp["metadata"].as_object()["annotations"] = {{"rcs.dana.io/last-updated-by", "root"}};
  EXPECT_THAT(mutate(capp, nullptr, "dana", {}), IsJson(R"([{"op": "add",
      "path": "/metadata/annotations/rcs.dana.io~1last-updated-by", "value": "dana"}])"));
}

TEST(Mutate, GivesEachContainerWhatItLacks) {
  const auto capp = with_containers(R"([{"name": "a"}, {"name": "b", "resources": {
      "requests": {"cpu": "2", "memory": "1Gi"}, "limits": {"cpu": "3", "memory": "2Gi"}}},
      {"name": "c", "resources": {"limits": {"cpu": 2, "nvidia.com/gpu": 1}}}])");
  EXPECT_THAT(mutate(capp, nullptr, "dana", kDefaults), IsJson(R"([
      {"op": "add", "path": "/metadata/annotations",
       "value": {"rcs.dana.io/last-updated-by": "dana"}},
      {"op": "add",
       "path": "/spec/configurationSpec/template/spec/containers/0/resources", "value": {
         "requests": {"cpu": "100m", "memory": "128Mi"},
         "limits": {"cpu": "1", "memory": "256Mi"}}},
      {"op": "add",
       "path": "/spec/configurationSpec/template/spec/containers/2/resources", "value": {
         "requests": {"cpu": "100m", "memory": "128Mi"},
         "limits": {"cpu": 2, "nvidia.com/gpu": 1, "memory": "256Mi"}}}])"));
}

TEST(Mutate, GivesNoRequestAboveTheContainersOwnLimit) {
  EXPECT_THAT(given(R"({"limits": {"memory": "64Mi"}})"), IsJson(R"({
      "requests": {"cpu": "100m"}, "limits": {"cpu": "1", "memory": "64Mi"}})"));
}

TEST(Mutate, GivesNoLimitBelowTheContainersOwnRequest) {
  EXPECT_THAT(given(R"({"requests": {"memory": "1Gi"}})"), IsJson(R"({
      "requests": {"cpu": "100m", "memory": "1Gi"}, "limits": {"cpu": "1"}})"));
}

// When a mutating webhook is asked, no schema has bounded the list: a megabyte has as many.
TEST(Mutate, GivesToAHundredContainersOnly) {
  const auto capp = with_containers(array_of("{}", 300'000));
  EXPECT_EQ(mutate(capp, nullptr, "dana", kDefaults).size(), 101U);
}

TEST(Mutate, TakesNullForNotSet) {
  EXPECT_THAT(given("null"), IsJson(R"({
      "requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"cpu": "1", "memory": "256Mi"}})"));
}

TEST(Mutate, KeepsTheContainersOfAnUpdateThatLeavesTheSpec) {
  const auto capp = with_containers(R"([{"name": "a"}])");
  EXPECT_EQ(mutate(capp, &capp, "dana", kDefaults).size(), 1U);
  const auto before = with_containers(R"([{"name": "b"}])");
  EXPECT_EQ(mutate(capp, &before, "dana", kDefaults).size(), 2U);
}

TEST(Mutate, LeavesACappThatIsBeingDeleted) {
  auto capp = with_containers(R"([{"name": "a"}])");
  capp["metadata"].as_object()["deletionTimestamp"] = kNow;
  EXPECT_TRUE(mutate(capp, &capp, "dana", kDefaults).empty());
}

}  // namespace
}  // namespace capp::admission
