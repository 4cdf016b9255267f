#include "runtime/admission.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

#include "base/hash.h"

namespace runtime {
namespace {

using boost::json::object;
using boost::json::parse;
using boost::json::value;
using ::testing::HasSubstr;

// What kube-apiserver 1.34 sends for an update, shortened.
object review() {
  return parse(R"({
    "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
    "request": {
      "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
      "kind": {"group": "rcs.dana.io", "version": "v1alpha1", "kind": "Capp"},
      "resource": {"group": "rcs.dana.io", "version": "v1alpha1", "resource": "capps"},
      "requestKind": {"group": "rcs.dana.io", "version": "v1alpha1", "kind": "Capp"},
      "name": "web", "namespace": "team", "operation": "UPDATE",
      "userInfo": {"username": "jane", "groups": ["system:authenticated"]},
      "object": {"spec": {"state": "enabled"}}, "oldObject": {"spec": {"state": "disabled"}},
      "dryRun": true, "options": {"kind": "UpdateOptions"}
    }})")
      .as_object();
}

object& request_of(object& review) {
  return review["request"].as_object();
}

std::string problem_of(const object& review) {
  const auto request = read_admission_review(boost::json::serialize(review));
  return request ? "none" : request.error().message;
}

AdmissionRequest read(const object& review) {
  return read_admission_review(boost::json::serialize(review)).value();
}

object response_to(const AdmissionRequest& request, const AdmissionReply& reply) {
  return parse(write_admission_review(request, reply)).as_object();
}

TEST(AdmissionReview, IsReadWhole) {
  const AdmissionRequest request = read(review());
  EXPECT_EQ(request.api_version, "admission.k8s.io/v1");
  EXPECT_EQ(request.uid, "705ab4f5-6393-11e8-b7cc-42010a800002");
  EXPECT_EQ(request.operation, AdmissionOperation::kUpdate);
  EXPECT_EQ(request.kind,
            (GroupVersionKind{.group = "rcs.dana.io", .version = "v1alpha1", .kind = "Capp"}));
  EXPECT_EQ(
      request.resource,
      (GroupVersionResource{.group = "rcs.dana.io", .version = "v1alpha1", .resource = "capps"}));
  EXPECT_EQ(request.subresource, "");
  EXPECT_EQ(request.ns, "team");
  EXPECT_EQ(request.name, "web");
  EXPECT_EQ(request.username, "jane");
  EXPECT_TRUE(request.dry_run);
  EXPECT_EQ(request.object, parse(R"({"spec": {"state": "enabled"}})"));
  EXPECT_EQ(request.old_object, parse(R"({"spec": {"state": "disabled"}})"));
}

TEST(AdmissionReview, HasTheObjectsOfItsOperation) {
  for (const auto& [operation, object, old_object] :
       std::vector<std::tuple<std::string, bool, bool>>{{"CREATE", true, false},
                                                        {"UPDATE", true, true},
                                                        {"DELETE", false, true},
                                                        {"CONNECT", false, false}}) {
    auto asked = review();
    request_of(asked)["operation"] = operation;
    if (!object) request_of(asked)["object"] = nullptr;
    if (!old_object) request_of(asked).erase("oldObject");
    const AdmissionRequest request = read(asked);
    EXPECT_EQ(to_string(request.operation), operation);
    EXPECT_EQ(request.object.is_object(), object) << operation;
    EXPECT_EQ(request.old_object.is_object(), old_object) << operation;
  }
}

TEST(AdmissionReview, NamesTheFieldThatIsWrong) {
  const auto with = [](std::string_view field, value content) {
    auto asked = review();
    request_of(asked)[field] = std::move(content);
    return problem_of(asked);
  };
  EXPECT_EQ(with("uid", nullptr), "request.uid is missing");
  EXPECT_EQ(with("uid", 7), "request.uid is not a string");
  EXPECT_EQ(with("operation", "PATCH"),
            "request.operation is \"PATCH\", none of CREATE, UPDATE, DELETE and CONNECT");
  EXPECT_EQ(with("kind", "Capp"), "request.kind is not an object");
  EXPECT_EQ(with("kind", object{{"kind", "Capp"}}), "request.kind.version is missing");
  EXPECT_EQ(with("resource", nullptr), "request.resource is missing");
  EXPECT_EQ(with("userInfo", nullptr), "request.userInfo is missing");
  EXPECT_EQ(with("dryRun", "yes"), "request.dryRun is not a boolean");
  EXPECT_EQ(with("object", nullptr), "request.object is missing");
  EXPECT_EQ(with("oldObject", boost::json::array()), "request.oldObject is not an object");
}

TEST(AdmissionReview, IsNoOtherKindOfObject) {
  auto other = review();
  other["kind"] = "ConversionReview";
  EXPECT_EQ(problem_of(other), "kind is \"ConversionReview\", not AdmissionReview");
  auto newer = review();
  newer["apiVersion"] = "admission.k8s.io/v2";
  EXPECT_THAT(problem_of(newer), HasSubstr("apiVersion is \"admission.k8s.io/v2\", not"));
  auto empty = review();
  empty.erase("request");
  EXPECT_EQ(problem_of(empty), "request is missing");
  for (const char* body : {"", "[]", "null", "{", "{}x"}) {
    EXPECT_FALSE(read_admission_review(body)) << body;
  }
}

TEST(AdmissionReview, LetsFieldsPassThatAreNotKnown) {
  auto asked = review();
  asked["later"] = 1;
  request_of(asked)["later"] = object();
  EXPECT_EQ(problem_of(asked), "none");
}

// With `count` environment variables, as the API server sends an object: who set what is in it.
object with_variables(int count) {
  boost::json::array variables;
  object owned;
  for (int i = 0; i < count; ++i) {
    const std::string name = "VARIABLE_" + std::to_string(i);
    variables.push_back({{"name", name}, {"value", "x"}});
    owned["k:{\"name\":\"" + name + "\"}"] = {
        {".", object()}, {"f:name", object()}, {"f:value", object()}};
  }
  return {{"metadata", {{"managedFields", {{{"fieldsV1", {{"f:env", std::move(owned)}}}}}}}},
          {"spec", {{"env", std::move(variables)}}}};
}

TEST(AdmissionReview, MayHaveTheLargestObjectThatMakesSenseTwice) {
  auto large = review();
  request_of(large)["object"] = with_variables(5000);
  request_of(large)["oldObject"] = with_variables(5000);
  EXPECT_EQ(problem_of(large), "none");
}

TEST(AdmissionReview, IsRefusedWhereItHasTooManyValues) {
  auto hostile = review();
  request_of(hostile)["object"] = {{"containers", boost::json::array(kMaxReviewValues, object())}};
  const auto request = read_admission_review(boost::json::serialize(hostile));
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().reason, base::Reason::kTooLarge);
}

TEST(AdmissionReview, IsAnsweredInItsOwnVersionWithItsUid) {
  for (const char* version : {"admission.k8s.io/v1", "admission.k8s.io/v1beta1"}) {
    auto asked = review();
    asked["apiVersion"] = version;
    const object expected{
        {"apiVersion", version},
        {"kind", "AdmissionReview"},
        {"response", {{"uid", "705ab4f5-6393-11e8-b7cc-42010a800002"}, {"allowed", true}}}};
    EXPECT_EQ(response_to(read(asked), AdmissionReply::allow()), expected);
  }
}

TEST(AdmissionReply, CarriesThePatchAndTheWarnings) {
  AdmissionReply reply;
  reply.warnings = {"the resolver did not answer"};
  reply.patch = {{{"op", "remove"}, {"path", "/spec"}}};
  const object response = response_to(read(review()), reply)["response"].as_object();
  EXPECT_EQ(response.at("warnings"), parse(R"(["the resolver did not answer"])"));
  EXPECT_EQ(response.at("patchType"), "JSONPatch");
  EXPECT_EQ(base::base64_decode(std::string(response.at("patch").as_string())).value(),
            R"([{"op":"remove","path":"/spec"}])");
  EXPECT_FALSE(response.contains("status"));
}

TEST(AdmissionReply, OfARefusalHasAStatusAndNoPatch) {
  auto reply = AdmissionReply::refuse(422, "Invalid", "spec.site: taken");
  reply.patch = {{{"op", "remove"}, {"path", "/spec"}}};
  EXPECT_EQ(response_to(read(review()), reply)["response"], parse(R"({
      "uid": "705ab4f5-6393-11e8-b7cc-42010a800002", "allowed": false,
      "status": {"status": "Failure", "code": 422, "reason": "Invalid",
                 "message": "spec.site: taken"}})"));
}

}  // namespace
}  // namespace runtime
