#include "runtime/rival.h"

#include <string>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace runtime {
namespace {

std::string rival(const std::string& path) {
  object::OwnedSetPool pool;
  const auto wanted =
      boost::json::parse(R"({"spec":{"x":1,"y":{"z":2},"l":[{"name":"a","v":1}],"w":3}})")
          .as_object();
  const auto live = boost::json::parse(R"({"metadata":{"managedFields":[
      {"manager":"capp-operator","operation":"Apply","fieldsV1":{"f:spec":{"f:x":{}}}},
      {"manager":"unreadable","operation":"Update","fieldsV1":7},
      {"manager":"bare","operation":"Update"},
      {"manager":"status-only","operation":"Update","fieldsV1":{"f:status":{"f:ready":{}}}},
      {"manager":"scaler","operation":"Update","subresource":"scale",
       "fieldsV1":{"f:spec":{"f:w":{}}}},
      {"manager":"kubectl-edit","operation":"Update","fieldsV1":{"f:spec":{"f:y":{"f:z":{}},
          "f:l":{"k:{\"name\":\"a\"}":{"f:v":{}}}}}}]}})");
  return rival_of(path, wanted, live, "capp-operator", pool);
}

TEST(Rival, IsTheOtherManagerThatOwnsThePath) {
  EXPECT_EQ(rival(".spec.y.z"), "kubectl-edit");
  EXPECT_EQ(rival(".spec.l[0].v"), "kubectl-edit");
}

TEST(Rival, IsTheOneThatOwnsAPartOfIt) {
  EXPECT_EQ(rival(".spec"), "kubectl-edit");
}

TEST(Rival, IsNeverOurselves) {
  EXPECT_EQ(rival(".spec.x"), "another manager");
}

TEST(Rival, WritesTheObjectItself) {
  EXPECT_EQ(rival(".spec.w"), "another manager");
}

TEST(Rival, IsUnknownOfAnObjectThatWasNotRead) {
  object::OwnedSetPool pool;
  EXPECT_EQ(rival_of(".spec", {}, nullptr, "capp-operator", pool), "another manager");
}

}  // namespace
}  // namespace runtime
