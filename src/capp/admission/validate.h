#pragma once
// Whether a Capp is let in (behaviour 5). Pure: the webhooks and the command line ask the same.

#include <cstddef>
#include <string>
#include <vector>

#include "capp/admission/refusal.h"
#include "capp/admission/submission.h"

namespace capp::admission {

struct Judgement {
  // All at once, as far as a person reads: the first kMaxRefusals.
  Refusals refusals{};
  std::size_t more_refusals = 0;  // than those
  // Secrets of which nobody could find out whether they are as they must be. Without refusals the
  // person is to try again.
  std::vector<std::string> undecided{};
  std::vector<std::string> warnings{};  // for the person who asked
};

// A request has room for some ten thousand mistakes.
inline constexpr std::size_t kMaxRefusals = 50;

// Total: any JSON in the place of a spec is judged.
[[nodiscard]] Judgement judge(const Submission& submission, const Facts& facts);

// All refusals in one line: `spec.scaleSpec.minReplicas: 4: must be …; spec.…`.
[[nodiscard]] std::string message(const Judgement& judgement);

}  // namespace capp::admission
