#pragma once
// Why a Capp is not let in, for the person who asked.

#include <string>
#include <string_view>
#include <vector>

namespace capp::admission {

struct Refusal {
  std::string_view rule;  // its id, the key of docs/reference/admission.md
  std::string field;      // "spec.eventSourcesSpec.sources[0].name"
  std::string value;      // as JSON; empty where it is not to be shown
  std::string must;       // "must be …, but …"

  friend bool operator==(const Refusal&, const Refusal&) = default;
};

using Refusals = std::vector<Refusal>;

// A value as a refusal shows it: in JSON, a long one cut and its length told.
[[nodiscard]] std::string shown(std::string_view text);

}  // namespace capp::admission
