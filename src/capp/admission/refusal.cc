#include "capp/admission/refusal.h"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <fmt/format.h>

#include "base/utf8.h"

namespace capp::admission {
namespace {

// A hostname has at most 253 characters, a schedule far fewer: what is cut is no slip of the pen.
constexpr std::size_t kMaxShownValue = 256;

}  // namespace

std::string shown(std::string_view text) {
  if (text.size() <= kMaxShownValue) return boost::json::serialize(boost::json::string(text));
  const auto begin = boost::json::serialize(
      boost::json::string(std::string(base::utf8_prefix(text, kMaxShownValue)).append("…")));
  return fmt::format("{} ({} bytes)", begin, text.size());
}

}  // namespace capp::admission
