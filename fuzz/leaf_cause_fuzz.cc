// capp::leaf_cause and capp::who_serves: any JSON in the place of a Revision's status, its pods and
// its Service's status becomes one line of bounded length.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "capp/leaf_cause.h"
#include "json/parse.h"
#include "json/value.h"

namespace {

// A sentence holds at most four foreign texts of 1 KiB each.
bool is_a_sentence(std::string_view text) {
  return text.size() <= 5000 &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = json::parse(std::string_view(reinterpret_cast<const char*>(data), size));
  const auto* given = input ? input->if_object() : nullptr;
  if (given == nullptr) return 0;
  const auto* pods = json::array_at(*given, {"pods"});
  const auto cause = capp::leaf_cause(json::object_or_empty(*given, {"revision"}),
                                      pods != nullptr ? *pods : boost::json::array{});
  const auto serving = capp::who_serves(json::object_or_empty(*given, {"service"}), "web-00002");
  if (!is_a_sentence(cause) || !is_a_sentence(serving) || serving.empty()) std::abort();
  return 0;
}
