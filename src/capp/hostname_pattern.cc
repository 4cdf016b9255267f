#include "capp/hostname_pattern.h"

#include <algorithm>

#include <re2/re2.h>

namespace capp {
namespace {

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

// Quiet: what is wrong with a pattern is told as a problem of the configuration, not on stderr.
bool matches(const HostnamePattern& pattern, std::string_view hostname) {
  return re2::RE2::PartialMatch(piece(hostname), re2::RE2(pattern.match, re2::RE2::Quiet));
}

}  // namespace

bool is_hostname_pattern(std::string_view match) {
  return re2::RE2(piece(match), re2::RE2::Quiet).ok();
}

bool matches_any(std::span<const HostnamePattern> patterns, std::string_view hostname) {
  return patterns.empty() || std::ranges::any_of(patterns, [&](const auto& pattern) {
           return matches(pattern, hostname);
         });
}

}  // namespace capp
