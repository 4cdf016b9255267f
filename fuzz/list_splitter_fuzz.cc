// kube::ListSplitter: of a document that is valid JSON with one array "items" it gives that array's
// elements and the document with the array empty; and where the bytes are cut (after as many as the
// first byte says) never matters.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/canonical.h"
#include "json/parse.h"
#include "kube/list_splitter.h"

namespace {

struct Split {
  std::vector<std::string> items;
  std::string rest;

  friend bool operator==(const Split&, const Split&) = default;
};

std::optional<Split> split(std::string_view text, std::size_t at) {
  Split result;
  kube::ListSplitter splitter(
      [&](std::string_view item) -> base::Result<void> {
        result.items.emplace_back(item);
        return {};
      },
      1024 * 1024);
  if (!splitter.feed(text.substr(0, at)) || !splitter.feed(text.substr(at))) return std::nullopt;
  auto rest = splitter.finish();
  if (!rest) return std::nullopt;
  result.rest = std::move(*rest);
  return result;
}

// The parser keeps the last of a duplicate key, where the splitter gives the elements of all. A
// document that lost quotes on its way to its canonical text has such keys; an escaped quote would
// make up for a lost one.
bool may_have_duplicate_keys(std::string_view text, const boost::json::value& value) {
  return std::ranges::count(text, '"') != std::ranges::count(json::canonical(value), '"') ||
         text.find("\\u0022") != std::string_view::npos;
}

void compare(const Split& parts, boost::json::value whole) {
  auto& items = whole.get_object()["items"];
  std::vector<boost::json::value> expected;
  if (auto* array = items.if_array()) {
    expected.assign(array->begin(), array->end());
    array->clear();
  }
  if (parts.items.size() != expected.size()) std::abort();
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto item = json::parse(parts.items[i]);
    if (!item || json::canonical(*item) != json::canonical(expected[i])) std::abort();
  }
  const auto rest = json::parse(parts.rest);
  if (!rest || json::canonical(*rest) != json::canonical(whole)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto parts = split(text, 0);
  if (split(text, std::min<std::size_t>(data[0], text.size())) != parts) std::abort();

  const auto whole = json::parse(text);
  if (!whole || !whole->is_object() || !whole->get_object().contains("items")) return 0;
  if (may_have_duplicate_keys(text, *whole)) return 0;
  if (!parts) std::abort();
  compare(*parts, *whole);
  return 0;
}
