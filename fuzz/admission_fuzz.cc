// runtime::read_admission_review: any body becomes a request that can be answered, or an error that
// says what is wrong with it.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "json/parse.h"
#include "json/value.h"
#include "runtime/admission.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using runtime::AdmissionOperation;
  const auto request = runtime::read_admission_review({reinterpret_cast<const char*>(data), size});
  if (!request) {
    if (request.error().message.empty()) std::abort();
    return 0;
  }
  const bool creates = request->operation == AdmissionOperation::kCreate;
  const bool updates = request->operation == AdmissionOperation::kUpdate;
  const bool deletes = request->operation == AdmissionOperation::kDelete;
  if (request->object.is_object() != (creates || updates)) std::abort();
  if (request->old_object.is_object() != (updates || deletes)) std::abort();
  const auto reply = runtime::AdmissionReply::refuse(422, "Invalid", request->name);
  const auto answer = json::parse(runtime::write_admission_review(*request, reply));
  if (!answer || json::string_at(*answer, {"response", "uid"}) != request->uid) std::abort();
  return 0;
}
