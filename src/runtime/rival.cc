#include "runtime/rival.h"

#include "json/value.h"

namespace runtime {
namespace {

bool owns(const boost::json::value& fields, const std::string& path,
          const boost::json::object& wanted, object::OwnedSetPool& pool) {
  const auto owned = pool.read(fields);
  if (!owned) return false;
  return !object::compare_ownership(wanted, *owned).lacks(path);
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
      // What is written through a subresource is none of what we want.
      const bool main = json::find(entry, {"subresource"}) == nullptr;
      if (manager == own_manager || fields == nullptr || !main) continue;
      if (owns(*fields, path, wanted, pool)) return std::string(manager);
    }
  }
  return "another manager";
}

}  // namespace runtime
