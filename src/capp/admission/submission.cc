#include "capp/admission/submission.h"

#include <utility>

#include "capp/admission/rules.h"
#include "json/value.h"

namespace capp::admission {
namespace {

// Without what typed Go clients write for what a person left out. No rule reads false or 0 as
// anything else than "not given". Null where nothing is left.
boost::json::value given(const boost::json::value& value) {
  if (const auto* object = value.if_object()) {
    boost::json::object kept;
    for (const auto& [key, member] : *object) {
      if (auto content = given(member); !content.is_null()) kept.emplace(key, std::move(content));
    }
    return kept.empty() ? boost::json::value() : boost::json::value(std::move(kept));
  }
  if (const auto* array = value.if_array()) {
    boost::json::array kept;
    for (const auto& element : *array) kept.push_back(given(element));
    return kept.empty() ? boost::json::value() : boost::json::value(std::move(kept));
  }
  for (const boost::json::value& nothing : {boost::json::value(""), boost::json::value(false),
                                            boost::json::value(0), boost::json::value(0.0)}) {
    if (value == nothing) return {};
  }
  return value;
}

boost::json::value spec_given(const boost::json::object& capp) {
  return given(json::object_or_empty(capp, {"spec"}));
}

}  // namespace

Submission read_submission(object::Key key, const boost::json::object& capp,
                           const boost::json::object* stored, const Config& config) {
  const auto& spec = json::object_or_empty(capp, {"spec"});
  std::string stored_hostname;
  if (stored != nullptr) {
    stored_hostname = json::string_at(*stored, {"spec", "routeSpec", "hostname"});
  }
  return {.key = std::move(key),
          .spec = spec,
          .read = read_spec(spec),
          .stored_hostname = std::move(stored_hostname),
          .config = config};
}

bool is_being_deleted(const boost::json::object& capp) {
  return !json::string_at(capp, {"metadata", "deletionTimestamp"}).empty();
}

bool is_judged(const boost::json::object& capp, const boost::json::object* stored) {
  if (is_being_deleted(capp)) return false;
  if (stored == nullptr) return true;
  return !json::equal(spec_given(capp), spec_given(*stored));
}

Questions questions(const Submission& submission) {
  Questions questions = questions_of_hostname(submission);
  questions.secrets = secrets_named(submission);
  if (questions.secrets.size() > kMaxSecrets) questions.secrets.resize(kMaxSecrets);
  return questions;
}

}  // namespace capp::admission
