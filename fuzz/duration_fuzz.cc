// base::parse_duration: whatever is accepted reads back from its written form as the same value.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/duration.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto duration =
      base::parse_duration(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!duration) return 0;
  const auto again = base::parse_duration(base::format_duration(*duration));
  if (!again || *again != *duration) std::abort();
  return 0;
}
