#include "runtime/adoption.h"

#include <gmock/gmock.h>

#include "json/canonical.h"
#include "json/parse.h"

namespace runtime {
namespace {

boost::json::array array(std::string_view text) {
  return json::parse(text)->as_array();
}

boost::json::array adopt(std::string_view managed_fields) {
  return adopt_fields(array(managed_fields), {"manager"}, "capp-operator");
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
  EXPECT_THAT(adopt(R"([
    {"manager":"kubectl-edit","operation":"Update","fieldsV1":{"f:spec":{"f:a":{}}}},
    {"manager":"manager","operation":"Update","subresource":"status","fieldsV1":{"f:status":{"f:a":{}}}},
    {"manager":"manager","operation":"Apply","fieldsV1":{"f:spec":{"f:a":{}}}}])"),
              testing::IsEmpty());
}

}  // namespace
}  // namespace runtime
