#include "runtime/admission.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "base/hash.h"
#include "json/parse.h"

namespace runtime {
namespace {

using base::Result;
using boost::json::object;
using boost::json::value;

constexpr std::string_view kReview = "AdmissionReview";
constexpr std::array<std::string_view, 2> kVersions{"admission.k8s.io/v1",
                                                    "admission.k8s.io/v1beta1"};
constexpr std::array<std::pair<AdmissionOperation, std::string_view>, 4> kOperations{{
    {AdmissionOperation::kCreate, "CREATE"},
    {AdmissionOperation::kUpdate, "UPDATE"},
    {AdmissionOperation::kDelete, "DELETE"},
    {AdmissionOperation::kConnect, "CONNECT"},
}};

// Reads the fields of one object, and keeps the first thing that is wrong with them.
class Fields {
 public:
  Fields(object& from, std::string path, std::optional<base::Error>& problem)
      : from_(from), path_(std::move(path)), problem_(problem) {}

  // Absent and null are the empty text.
  std::string text(std::string_view name) {
    value* found = at(name);
    if (found == nullptr) return {};
    if (const auto* string = found->if_string()) return std::string(*string);
    refuse(name, "is not a string");
    return {};
  }
  std::string required_text(std::string_view name) {
    std::string found = text(name);
    if (found.empty()) refuse(name, "is missing");
    return found;
  }
  bool flag(std::string_view name) {
    value* found = at(name);
    if (found == nullptr) return false;
    if (const auto* flag = found->if_bool()) return *flag;
    refuse(name, "is not a boolean");
    return false;
  }
  // Taken out of it; null where it is absent.
  value optional_object(std::string_view name) {
    value* found = at(name);
    if (found == nullptr) return nullptr;
    if (!found->is_object()) refuse(name, "is not an object");
    return std::move(*found);
  }
  value required_object(std::string_view name) {
    value found = optional_object(name);
    if (found.is_null()) refuse(name, "is missing");
    return found;
  }
  // What `read` makes of the fields below `name`.
  template <class Read>
  auto below(std::string_view name, Read read) {
    value* found = at(name);
    object none;
    if (found == nullptr) refuse(name, "is missing");
    if (found != nullptr && !found->is_object()) refuse(name, "is not an object");
    const bool usable = found != nullptr && found->is_object();
    Fields fields(usable ? found->get_object() : none, path_of(name), problem_);
    return read(fields);
  }
  void refuse(std::string_view name, std::string_view what) {
    if (problem_) return;
    problem_ = base::Error{.reason = base::Reason::kInvalid,
                           .message = fmt::format("{} {}", path_of(name), what)};
  }

 private:
  value* at(std::string_view name) {
    value* found = from_.if_contains(name);
    return found == nullptr || found->is_null() ? nullptr : found;
  }
  [[nodiscard]] std::string path_of(std::string_view name) const {
    return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
  }

  object& from_;
  std::string path_;
  std::optional<base::Error>& problem_;
};

AdmissionOperation read_operation(Fields& fields) {
  const std::string text = fields.required_text("operation");
  for (const auto& [operation, name] : kOperations) {
    if (text == name) return operation;
  }
  fields.refuse("operation",
                fmt::format("is \"{}\", none of CREATE, UPDATE, DELETE and CONNECT", text));
  return AdmissionOperation::kConnect;
}

GroupVersionKind read_kind(Fields& fields) {
  return {.group = fields.text("group"),
          .version = fields.required_text("version"),
          .kind = fields.required_text("kind")};
}

GroupVersionResource read_resource(Fields& fields) {
  return {.group = fields.text("group"),
          .version = fields.required_text("version"),
          .resource = fields.required_text("resource")};
}

AdmissionRequest read_request(Fields& fields) {
  AdmissionRequest request;
  request.uid = fields.required_text("uid");
  request.operation = read_operation(fields);
  request.kind = fields.below("kind", read_kind);
  request.resource = fields.below("resource", read_resource);
  request.subresource = fields.text("subResource");
  request.ns = fields.text("namespace");
  request.name = fields.text("name");
  // A request need not be anybody's: the insecure port of old API servers knew no user.
  request.username = fields.below("userInfo", [](Fields& user) { return user.text("username"); });
  request.dry_run = fields.flag("dryRun");
  const bool writes = request.operation == AdmissionOperation::kCreate ||
                      request.operation == AdmissionOperation::kUpdate;
  const bool replaces = request.operation == AdmissionOperation::kUpdate ||
                        request.operation == AdmissionOperation::kDelete;
  if (writes) request.object = fields.required_object("object");
  if (replaces) request.old_object = fields.required_object("oldObject");
  return request;
}

object status_of(const AdmissionReply& reply) {
  object status{{"status", "Failure"}, {"code", reply.code}, {"message", reply.message}};
  if (!reply.reason.empty()) status["reason"] = reply.reason;
  return status;
}

}  // namespace

std::string_view to_string(AdmissionOperation operation) {
  return std::ranges::find(kOperations, operation,
                           &std::pair<AdmissionOperation, std::string_view>::first)
      ->second;
}

AdmissionReply AdmissionReply::refuse(int code, std::string reason, std::string message) {
  AdmissionReply reply;
  reply.allowed = false;
  reply.code = code;
  reply.reason = std::move(reason);
  reply.message = std::move(message);
  return reply;
}

Result<AdmissionRequest> read_admission_review(std::string_view body) {
  auto review = json::parse(body, {}, {}, kMaxReviewValues);
  if (!review) return std::unexpected(review.error().wrap("the AdmissionReview"));
  if (!review->is_object()) {
    return base::fail(base::Reason::kInvalid, "the AdmissionReview is not an object");
  }
  std::optional<base::Error> problem;
  Fields fields(review->get_object(), {}, problem);
  std::string api_version = fields.required_text("apiVersion");
  if (std::ranges::find(kVersions, api_version) == kVersions.end()) {
    fields.refuse("apiVersion",
                  fmt::format("is \"{}\", not {} or {}", api_version, kVersions[0], kVersions[1]));
  }
  if (const auto kind = fields.required_text("kind"); kind != kReview) {
    fields.refuse("kind", fmt::format("is \"{}\", not {}", kind, kReview));
  }
  AdmissionRequest request = fields.below("request", read_request);
  if (problem) return std::unexpected(*std::move(problem));
  request.api_version = std::move(api_version);
  return request;
}

std::string write_admission_review(const AdmissionRequest& request, const AdmissionReply& reply) {
  object response{{"uid", request.uid}, {"allowed", reply.allowed}};
  if (!reply.allowed) response["status"] = status_of(reply);
  if (!reply.warnings.empty()) {
    response["warnings"] = boost::json::array(reply.warnings.begin(), reply.warnings.end());
  }
  // Together or not at all, and never of a refusal: the API server takes nothing else.
  if (reply.allowed && !reply.patch.empty()) {
    response["patchType"] = "JSONPatch";
    response["patch"] = base::base64_encode(boost::json::serialize(reply.patch));
  }
  return boost::json::serialize(object{
      {"apiVersion", request.api_version}, {"kind", kReview}, {"response", std::move(response)}});
}

}  // namespace runtime
