#include "runtime/list_removal.h"

#include <algorithm>
#include <string>
#include <utility>

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

// A plain value (`v:…`) can have a second owner, whose it stays; it never brings the 422 about.
bool is_ours(const boost::json::value& item, const OwnedNode& owned) {
  return std::ranges::any_of(owned.children(), [&](const auto& child) {
    return child.element.starts_with("k:") && object::names_item(child.element, item);
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
      if (!is_ours(list[i], owned)) continue;
      const std::string at = path + "/" + std::to_string(i);
      patch_.push_back({{"op", "test"}, {"path", at}, {"value", list[i]}});
      patch_.push_back({{"op", "remove"}, {"path", at}});
    }
  }

  boost::json::array& patch_;
};

}  // namespace

bool refuses_removal(const base::Error& error) {
  return error.http_code == 422 &&
         error.message.find(R"(Invalid value: "null")") != std::string::npos;
}

boost::json::array removal_patch(const boost::json::value& live, const object::OwnedFields& owned,
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
