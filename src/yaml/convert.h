#pragma once
// YAML text to JSON values, as strict as a file that somebody acts on deserves.
//
// Typing is that of sigs.k8s.io/yaml, hence of kubectl: a quoted scalar is a string; a plain one is
// null (`~`, `null`, nothing), a boolean (YAML 1.1: `true`, `yes`, `on`, `y` and their opposites,
// also capitalised), an integer (decimal, `0x`, `0o`, `0b`, leading `0` for octal, `_` between
// digits), a number, otherwise a string; timestamps are strings. Keys become strings by the same
// rules (`on: 1` has the key "true"). `<<` merges. JSON is YAML and is read as such.
//
// Refused, with line, column and the rule: duplicate keys, tags other than !!str, .inf and .nan, a
// key that is a list, a mapping or null, invalid UTF-8, control characters, and everything above
// the limits. A message may repeat a key, never a value.

#include <cstddef>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "base/error.h"

namespace yaml {

// Of a whole stream; what has an anchor counts twice, and again for every alias.
struct Limits {
  std::size_t max_bytes =
      3 * 1024 * 1024;         // of the text, and of all scalars; the API server's limit on a body
  std::size_t max_depth = 64;  // lists and mappings inside each other
  std::size_t max_nodes = 100'000;  // keys, scalars, lists and mappings
};

// The only document of `text`; null when there is none. Errors are kBadInput, or kTooLarge for a
// limit.
base::Result<boost::json::value> parse(std::string_view text, const Limits& limits = {});

// All documents of `text`, each after the first introduced by `---`.
base::Result<std::vector<boost::json::value>> parse_all(std::string_view text,
                                                        const Limits& limits = {});

}  // namespace yaml
