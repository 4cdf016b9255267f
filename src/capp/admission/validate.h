#pragma once
// Whether a Capp is let in (behaviour 5). Pure: the webhooks and the command line ask the same.

#include <string>
#include <vector>

#include "capp/admission/refusal.h"
#include "capp/admission/submission.h"

namespace capp::admission {

struct Judgement {
  Refusals refusals{};                  // all at once; none: it is let in
  std::vector<std::string> warnings{};  // for the person who asked
};

// Total: any JSON in the place of a spec is judged.
[[nodiscard]] Judgement judge(const Submission& submission, const Facts& facts);

}  // namespace capp::admission
