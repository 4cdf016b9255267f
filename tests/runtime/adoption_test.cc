#include "runtime/adoption.h"

#include <gmock/gmock.h>

#include "json/canonical.h"
#include "json/parse.h"

namespace runtime {
namespace {

boost::json::array array(std::string_view text) {
  return json::parse(text)->as_array();
}

boost::json::array patch(std::string_view managed_fields) {
  const boost::json::object live{
      {"metadata", {{"resourceVersion", "7"}, {"managedFields", array(managed_fields)}}}};
  return adoption_patch(live, {"manager"}, "capp-operator");
}

// The managed fields that the patch leaves.
boost::json::value adopt(std::string_view managed_fields) {
  return patch(managed_fields).at(1).at("value");
}

TEST(Adoption, IsOfTheVersionThatWasSeen) {
  const auto version =
      patch(R"([{"manager":"manager","operation":"Update","fieldsV1":{"f:spec":{"f:a":{}}}}])")
          .at(0);
  EXPECT_EQ(json::canonical(version),
            R"({"op":"replace","path":"/metadata/resourceVersion","value":"7"})");
}

TEST(Adoption, MovesLabelsAnnotationsOwnersAndSpecAndLeavesFinalizersBehind) {
  const auto adopted = adopt(R"([
    {"manager":"manager","operation":"Update","apiVersion":"serving.knative.dev/v1","fieldsType":"FieldsV1",
     "time":"2026-01-01T00:00:00Z","fieldsV1":{
       "f:metadata":{"f:annotations":{"f:a":{}},"f:finalizers":{"v:\"x\"":{}},"f:labels":{"f:l":{}},
                     "f:ownerReferences":{"k:{\"uid\":\"u\"}":{}}},
       "f:spec":{"f:template":{}}}}])");
  EXPECT_EQ(json::canonical(adopted), json::canonical(array(R"([
    {"manager":"manager","operation":"Update","apiVersion":"serving.knative.dev/v1","fieldsType":"FieldsV1",
     "time":"2026-01-01T00:00:00Z","fieldsV1":{"f:metadata":{"f:finalizers":{"v:\"x\"":{}}}}},
    {"manager":"capp-operator","operation":"Apply","apiVersion":"serving.knative.dev/v1","fieldsType":"FieldsV1",
     "time":"2026-01-01T00:00:00Z","fieldsV1":{
       "f:metadata":{"f:annotations":{"f:a":{}},"f:labels":{"f:l":{}},"f:ownerReferences":{"k:{\"uid\":\"u\"}":{}}},
       "f:spec":{"f:template":{}}}}])")));
}

TEST(Adoption, AddsToAnApplyOfOursThatIsThere) {
  const auto adopted = adopt(R"([
    {"manager":"capp-operator","operation":"Apply","fieldsV1":{"f:spec":{"f:a":{}}}},
    {"manager":"manager","operation":"Update","fieldsV1":{"f:spec":{"f:b":{}}}}])");
  EXPECT_EQ(json::canonical(adopted), json::canonical(array(R"([
    {"manager":"capp-operator","operation":"Apply","fieldsV1":{"f:spec":{"f:a":{},"f:b":{}}}}])")));
}

TEST(Adoption, LeavesOtherManagersSubresourcesAndAppliesAlone) {
  EXPECT_THAT(patch(R"([
    {"manager":"kubectl-edit","operation":"Update","fieldsV1":{"f:spec":{"f:a":{}}}},
    {"manager":"manager","operation":"Update","subresource":"status","fieldsV1":{"f:status":{"f:a":{}}}},
    {"manager":"manager","operation":"Apply","fieldsV1":{"f:spec":{"f:a":{}}}}])"),
              testing::IsEmpty());
}

}  // namespace
}  // namespace runtime
