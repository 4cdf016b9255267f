// base::Quantity::parse: whatever is accepted reads back from its canonical form as the same value.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/quantity.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto quantity =
      base::Quantity::parse(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!quantity) return 0;
  const auto again = base::Quantity::parse(quantity->to_string());
  if (!again || *again != *quantity) std::abort();
  return 0;
}
