#include "runtime/adoption.h"

#include <algorithm>
#include <utility>

#include <boost/json/object.hpp>

#include "json/value.h"

namespace runtime {
namespace {

bool is_update_of(const boost::json::object& entry, const std::vector<std::string>& managers) {
  return json::string_at(entry, {"operation"}) == "Update" &&
         json::string_at(entry, {"subresource"}).empty() &&
         std::ranges::find(managers, json::string_at(entry, {"manager"})) != managers.end();
}

bool is_apply_of(const boost::json::object& entry, std::string_view manager) {
  return json::string_at(entry, {"operation"}) == "Apply" &&
         json::string_at(entry, {"subresource"}).empty() &&
         json::string_at(entry, {"manager"}) == manager;
}

void merge(boost::json::object& into, const boost::json::object& from) {
  for (const auto& [key, value] : from) {
    auto& slot = into[key];
    if (!slot.is_object()) slot.emplace_object();
    if (value.is_object()) merge(slot.get_object(), value.get_object());
  }
}

// Moves `key` of `from` to `to`.
void move_member(boost::json::object& from, boost::json::object& to, std::string_view key) {
  const auto it = from.find(key);
  if (it == from.end()) return;
  to[key] = std::move(it->value());
  from.erase(it);
}

// What of an update's fields becomes ours; `fields` keeps the rest.
boost::json::object take(boost::json::object& fields) {
  boost::json::object taken;
  move_member(fields, taken, "f:spec");
  const auto metadata = fields.find("f:metadata");
  if (metadata == fields.end() || !metadata->value().is_object()) return taken;
  auto& all = metadata->value().get_object();
  boost::json::object ours;
  for (const char* key : {"f:labels", "f:annotations", "f:ownerReferences"}) {
    move_member(all, ours, key);
  }
  if (!ours.empty()) taken["f:metadata"] = std::move(ours);
  const bool nothing_left = all.empty() || (all.size() == 1 && all.contains("."));
  if (nothing_left) fields.erase(metadata);
  return taken;
}

boost::json::object& apply_entry(boost::json::array& entries, const boost::json::object& like,
                                 std::string_view manager) {
  for (auto& entry : entries) {
    if (entry.is_object() && is_apply_of(entry.get_object(), manager)) return entry.get_object();
  }
  boost::json::object fresh = like;
  fresh["manager"] = manager;
  fresh["operation"] = "Apply";
  fresh["fieldsV1"] = boost::json::object{};
  entries.push_back(std::move(fresh));
  return entries.back().get_object();
}

// `managed_fields` as they are to be; empty where nothing moves.
boost::json::array adopt_fields(const boost::json::array& managed_fields,
                                const std::vector<std::string>& legacy, std::string_view manager) {
  boost::json::array kept;
  boost::json::object taken;
  boost::json::object like;
  for (const auto& element : managed_fields) {
    const auto* entry = element.if_object();
    if (entry == nullptr || !is_update_of(*entry, legacy)) {
      kept.push_back(element);
      continue;
    }
    boost::json::object rest = *entry;
    auto* fields = rest.if_contains("fieldsV1");
    if (fields != nullptr && fields->is_object()) {
      if (auto moved = take(fields->get_object()); !moved.empty()) {
        merge(taken, moved);
        like = *entry;
      }
      if (!fields->get_object().empty()) kept.push_back(std::move(rest));
    }
  }
  if (taken.empty()) return {};
  auto& fields = apply_entry(kept, like, manager)["fieldsV1"];
  if (!fields.is_object()) fields.emplace_object();
  merge(fields.get_object(), taken);
  return kept;
}

}  // namespace

boost::json::array adoption_patch(const boost::json::value& live,
                                  const std::vector<std::string>& legacy,
                                  std::string_view manager) {
  const auto* entries = json::find(live, {"metadata", "managedFields"});
  if (entries == nullptr || !entries->is_array()) return {};
  auto adopted = adopt_fields(entries->get_array(), legacy, manager);
  if (adopted.empty()) return {};
  // A version that is written, unlike one that is tested, is compared by the server's own rule: a
  // conflict, which time cures, and not 422.
  return {{{"op", "replace"},
           {"path", "/metadata/resourceVersion"},
           {"value", json::string_at(live, {"metadata", "resourceVersion"})}},
          {{"op", "replace"}, {"path", "/metadata/managedFields"}, {"value", std::move(adopted)}}};
}

}  // namespace runtime
