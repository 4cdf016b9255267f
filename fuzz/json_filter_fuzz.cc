// json::parse with a filter: the first line of the input are the paths (a '-' before them drops),
// the rest is the document. Filtering changes neither what is accepted nor what is kept: what is
// kept twice is the same, and its canonical text is the text of its own meaning.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "json/canonical.h"
#include "json/filter.h"
#include "json/parse.h"

namespace {

std::vector<std::string> words(std::string_view line) {
  std::vector<std::string> found;
  while (!line.empty()) {
    const auto word = line.substr(0, line.find(' '));
    if (!word.empty()) found.emplace_back(word);
    line.remove_prefix(std::min(word.size() + 1, line.size()));
  }
  return found;
}

json::Filter filter_of(std::string_view line) {
  if (line.starts_with('-')) return json::Filter::drop(words(line.substr(1)));
  return json::Filter::keep(words(line));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto line = input.substr(0, input.find('\n'));
  const auto text = input.substr(std::min(line.size() + 1, input.size()));
  const json::Filter filter = filter_of(line.substr(0, 100));

  const auto whole = json::parse(text);
  const auto kept = json::parse(text, filter);
  if (whole.has_value() != kept.has_value()) std::abort();
  if (!whole) return 0;
  for (const auto* value : {&*whole, &*kept}) {
    const std::string canonical = json::canonical(*value);
    const auto again = json::parse(canonical);
    if (!again || json::canonical(*again) != canonical) std::abort();
  }
  const auto twice = json::parse(json::canonical(*kept), filter);
  if (!twice || json::canonical(*twice) != json::canonical(*kept)) std::abort();
  return 0;
}
