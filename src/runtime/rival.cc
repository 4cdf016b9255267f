#include "runtime/rival.h"

#include <algorithm>

#include "json/value.h"

namespace runtime {
namespace {

bool owns(const boost::json::value& fields, const std::string& path,
          const boost::json::object& wanted, object::OwnedSetPool& pool) {
  const auto owned = pool.read(fields);
  if (!owned) return false;
  const auto gap = object::compare_ownership(wanted, *owned);
  return std::ranges::find(gap.not_owned, path) == gap.not_owned.end();
}

}  // namespace

std::string rival_of(const std::string& path, const boost::json::object& wanted,
                     const boost::json::value& live, std::string_view own_manager,
                     object::OwnedSetPool& pool) {
  if (const auto* entries = json::find(live, {"metadata", "managedFields"});
      entries != nullptr && entries->is_array()) {
    for (const auto& entry : entries->get_array()) {
      const std::string_view manager = json::string_at(entry, {"manager"});
      const auto* fields = json::find(entry, {"fieldsV1"});
      if (manager == own_manager || fields == nullptr) continue;
      if (owns(*fields, path, wanted, pool)) return std::string(manager);
    }
  }
  return "another manager";
}

}  // namespace runtime
