#pragma once
// Capps that somebody asks for, as admission sees them.

#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "capp/admission/validate.h"
#include "tests/capp/builders.h"

namespace capp::admission {

// A Capp with that spec (JSON text), whole.
inline boost::json::object a_capp_with(std::string_view spec) {
  return {{"apiVersion", "rcs.dana.io/v1alpha1"},
          {"kind", "Capp"},
          {"metadata", {{"name", "web"}, {"namespace", kNamespace}}},
          {"spec", parse_object(spec)}};
}

// A JSON array of so many times the same.
inline std::string array_of(std::string_view element, std::size_t count) {
  std::string text = "[";
  for (std::size_t i = 0; i < count; ++i) text.append(i > 0 ? "," : "").append(element);
  return text + "]";
}

// One request, and what is known when it is judged.
struct Asked {
  std::string spec;
  Config config{};
  Facts facts{};
  std::optional<std::string> stored{};  // the spec of the Capp that it updates

  template <class Use>
  auto with_submission(Use use) const {
    const auto capp = a_capp_with(spec);
    const auto before = stored ? a_capp_with(*stored) : boost::json::object{};
    return use(read_submission({.ns = std::string(kNamespace), .name = "web"}, capp,
                               stored ? &before : nullptr, config));
  }

  [[nodiscard]] Judgement judged() const {
    return with_submission([&](const Submission& submission) { return judge(submission, facts); });
  }
  [[nodiscard]] Questions questions() const {
    return with_submission(
        [](const Submission& submission) { return admission::questions(submission); });
  }
  // All refusals, as the person reads them.
  [[nodiscard]] std::string refused() const { return message(judged()); }
};

// In force where a CappConfig says nothing.
inline Config an_empty_capp_config() {
  return {.from_capp_config = true};
}

}  // namespace capp::admission
