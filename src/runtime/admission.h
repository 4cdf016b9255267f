#pragma once
// What an admission webhook is asked and what it answers (admission.k8s.io), as values. Pure; the
// serving of it is runtime/admission_server.h.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "base/error.h"

namespace runtime {

enum class AdmissionOperation { kCreate, kUpdate, kDelete, kConnect };

// "CREATE", "UPDATE", "DELETE", "CONNECT".
std::string_view to_string(AdmissionOperation operation);

struct GroupVersionKind {
  std::string group;  // empty for the core group
  std::string version;
  std::string kind;

  friend bool operator==(const GroupVersionKind&, const GroupVersionKind&) = default;
};

struct GroupVersionResource {
  std::string group;
  std::string version;
  std::string resource;  // "capps"

  friend bool operator==(const GroupVersionResource&, const GroupVersionResource&) = default;
};

// The request of an AdmissionReview. `kind` and `resource` are those of the webhook's rule that
// matched, which the API server may have converted the object to.
struct AdmissionRequest {
  std::string api_version;  // of the review; the answer has the same
  std::string uid;          // of this question, not of the object; the answer repeats it
  AdmissionOperation operation = AdmissionOperation::kCreate;
  GroupVersionKind kind;
  GroupVersionResource resource;
  std::string subresource;  // "status", "scale"; empty for the object itself
  std::string ns;           // empty for a cluster-scoped object
  std::string name;         // empty where the server is to generate it
  std::string username;
  // What comes of it is thrown away: nothing else may be changed because of this request.
  bool dry_run = false;
  // An object in CREATE and UPDATE, with all defaults of the schema, else null.
  boost::json::value object;
  // What is stored: an object in UPDATE and DELETE, else null.
  boost::json::value old_object;
};

// What becomes of the request. Code, reason and message are what the person sees who asked, behind
// "admission webhook … denied the request: "; they count only in a refusal.
struct AdmissionReply {
  bool allowed = true;
  int code = 200;      // 400 and more in a refusal: the HTTP status of the API server's answer
  std::string reason;  // metav1.StatusReason: "Invalid", "Forbidden"
  std::string message;
  // Shown by kubectl behind "Warning: ", also where it is allowed. The API server cuts one off
  // after 256 characters.
  std::vector<std::string> warnings;
  // The operations of an RFC 6902 patch of the object; of a mutating webhook that allows.
  boost::json::array patch;

  static AdmissionReply allow() { return {}; }
  static AdmissionReply refuse(int code, std::string reason, std::string message);
};

// Decides on one request. Called on the threads of the admission server, several at a time. What it
// throws is answered HTTP 500, and the webhook's failurePolicy then decides.
using AdmissionHandler = std::function<AdmissionReply(const AdmissionRequest&)>;

// The JSON values that a review may consist of. The largest object that makes sense has 5 000
// environment variables, each of 3 values and of 4 more in managedFields; an update has it twice,
// 70 000. What is made of so many takes some 15 MiB.
inline constexpr std::size_t kMaxReviewValues = 100'000;

// Reads an AdmissionReview, v1 or v1beta1, which do not differ in what is read here. kProtocol
// where the body is no JSON, kTooLarge where it has more than kMaxReviewValues, kInvalid where a
// field is missing or of the wrong type; the message names it ("request.uid"). Fields that are not
// known are let pass: the API may gain some.
base::Result<AdmissionRequest> read_admission_review(std::string_view body);

// The AdmissionReview that answers it, as JSON text.
std::string write_admission_review(const AdmissionRequest& request, const AdmissionReply& reply);

}  // namespace runtime
