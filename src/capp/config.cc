#include "capp/config.h"

#include <fmt/format.h>

#include "base/utf8.h"

namespace capp {
namespace {

// A DNS name has at most 254 characters with its dot, a number far fewer: what is cut is no slip of
// the pen in either.
constexpr std::size_t kMaxShownValue = 256;

std::string shown(const std::string& value) {
  if (value.size() <= kMaxShownValue) return fmt::format("\"{}\"", value);
  return fmt::format("\"{}…\" ({} bytes)", base::utf8_prefix(value, kMaxShownValue), value.size());
}

}  // namespace

std::string ConfigProblem::message() const {
  if (!value) return fmt::format("{}: {} is missing, but {}", object, key, rule);
  return fmt::format("{}: {} is {}, but {}", object, key, shown(*value), rule);
}

}  // namespace capp
