#include "capp/names.h"

#include <fmt/format.h>

#include "base/names.h"

namespace capp {

boost::json::object without_kubectl(const boost::json::object& annotations) {
  boost::json::object kept;
  for (const auto& [key, value] : annotations) {
    if (!key.starts_with(kKubectlPrefix)) kept.emplace(key, value);
  }
  return kept;
}

std::string revision_name(std::string_view capp, std::int64_t number) {
  const std::string ending = fmt::format("-{:05}", number);
  return base::shorten(capp, base::kMaxLabelLength - ending.size()) + ending;
}

}  // namespace capp
