#include "runtime/list_removal.h"

#include <algorithm>
#include <string>
#include <utility>

#include "json/parse.h"
#include "json/value.h"

namespace runtime {
namespace {

using object::OwnedNode;

std::string escaped(std::string_view token) {
  std::string text;
  for (const char c : token) {
    if (c == '~') {
      text += "~0";
    } else if (c == '/') {
      text += "~1";
    } else {
      text += c;
    }
  }
  return text;
}

// Whether the `k:{…}` element of a set names this item.
bool names(std::string_view element, const boost::json::value& item) {
  const auto* object = item.if_object();
  if (!element.starts_with("k:") || object == nullptr) return false;
  const auto key = json::parse(element.substr(2));
  return key && key->is_object() && std::ranges::all_of(key->get_object(), [&](const auto& part) {
           const auto* member = object->if_contains(part.key());
           return member != nullptr && json::equal(*member, part.value());
         });
}

class Removal {
 public:
  explicit Removal(boost::json::array& patch) : patch_(patch) {}

  // Below a field that is wanted in part, or (`wanted` null) not at all.
  void value(const boost::json::value& live, const OwnedNode& owned,
             const boost::json::value* wanted, const std::string& path) {
    if (const auto* object = live.if_object()) {
      for (const auto& [key, member] : *object) {
        const auto* node = owned.field(key);
        if (node == nullptr) continue;
        const auto* other = wanted != nullptr ? json::find(*wanted, {key}) : nullptr;
        value(member, *node, other, path + "/" + escaped(key));
      }
    } else if (const auto* list = live.if_array(); list != nullptr && wanted == nullptr) {
      items(*list, owned, path);
    }
  }

 private:
  // From the last to the first, so that indices stay right.
  void items(const boost::json::array& list, const OwnedNode& owned, const std::string& path) {
    for (std::size_t i = list.size(); i-- > 0;) {
      const bool ours = std::ranges::any_of(
          owned.children(), [&](const auto& child) { return names(child.element, list[i]); });
      if (!ours) continue;
      const std::string at = path + "/" + std::to_string(i);
      patch_.push_back({{"op", "test"}, {"path", at}, {"value", list[i]}});
      patch_.push_back({{"op", "remove"}, {"path", at}});
    }
  }

  boost::json::array& patch_;
};

}  // namespace

boost::json::array removal_patch(const boost::json::object& live, const object::OwnedFields& owned,
                                 const boost::json::object& wanted, std::string_view uid) {
  boost::json::array patch{{{"op", "test"}, {"path", "/metadata/uid"}, {"value", uid}}};
  const auto* spec = json::find(live, {"spec"});
  const auto* node = owned.set ? owned.set->field("spec") : nullptr;
  if (spec != nullptr && node != nullptr) {
    Removal(patch).value(*spec, *node, json::find(wanted, {"spec"}), "/spec");
  }
  if (patch.size() == 1) patch.clear();
  return patch;
}

}  // namespace runtime
