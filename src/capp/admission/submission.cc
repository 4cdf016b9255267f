#include "capp/admission/submission.h"

#include <utility>

#include "capp/admission/rules.h"
#include "json/value.h"

namespace capp::admission {

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
  // Typed Go clients write {} and "" for what a person left out.
  return !json::equal(json::significant(json::object_or_empty(capp, {"spec"})),
                      json::significant(json::object_or_empty(*stored, {"spec"})));
}

Questions questions(const Submission& submission) {
  Questions questions = questions_of_hostname(submission);
  questions.secrets = secrets_named(submission);
  return questions;
}

}  // namespace capp::admission
