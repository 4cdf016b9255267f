#include "capp/children/child.h"

#include <algorithm>
#include <ranges>
#include <utility>

namespace capp {

std::vector<Asked> one(object::Wanted object) {
  std::vector<Asked> asked;
  asked.push_back({.object = std::move(object)});
  return asked;
}

void Live::add(const object::Kind& kind, object::RecordPtr record) {
  auto it = std::ranges::find_if(records_, [&](const auto& entry) { return *entry.first == kind; });
  if (it == records_.end()) it = records_.insert(records_.end(), {&kind, {}});
  it->second.push_back(std::move(record));
}

std::span<const object::RecordPtr> Live::of(const object::Kind& kind) const {
  const auto it =
      std::ranges::find_if(records_, [&](const auto& entry) { return *entry.first == kind; });
  if (it == records_.end()) return {};
  return it->second;
}

boost::json::object status_at(json::Path path, std::span<const object::RecordPtr> records) {
  if (records.empty()) return {};
  auto status = status_of(*records.front());
  if (status.empty()) return {};
  for (const std::string_view member : path | std::views::reverse) {
    status = boost::json::object{{member, std::move(status)}};
  }
  return status;
}

}  // namespace capp
