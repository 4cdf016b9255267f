#include "capp/admission/elements.h"

#include <cstddef>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace capp::admission {

std::vector<Element> elements(const boost::json::object& spec, json::Path path) {
  std::vector<Element> found;
  const auto* list = json::array_at(spec, path);
  if (list == nullptr) return found;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto* object = (*list)[i].if_object();
    if (object == nullptr) continue;
    found.push_back(
        {.path = fmt::format("spec.{}[{}]", fmt::join(path, "."), i), .object = *object});
  }
  return found;
}

}  // namespace capp::admission
