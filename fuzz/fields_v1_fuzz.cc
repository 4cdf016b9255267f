// object::OwnedSetPool and compare_ownership: the first line of the input is a fieldsV1, the rest
// an apply body. Any set compares with any body; the same set read twice is the same object, and
// nothing is held once nobody uses it.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "json/parse.h"
#include "object/owned_set.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto line = input.substr(0, input.find('\n'));
  const auto fields = json::parse(line);
  const auto body = json::parse(input.substr(std::min(line.size() + 1, input.size())));
  if (!fields) return 0;

  object::OwnedSetPool pool;
  {
    const auto first = pool.read(*fields);
    const auto second = pool.read(*fields);
    if (first.has_value() != second.has_value()) std::abort();
    if (first && (first->set != second->set || first->owner_uid != second->owner_uid)) std::abort();
    if (first && body && body->is_object()) {
      const auto gap = object::compare_ownership(body->get_object(), *first);
      if (gap.not_wanted.size() > line.size() || gap.not_owned.size() > size) std::abort();
    }
  }
  if (pool.size() != 0) std::abort();
  return 0;
}
