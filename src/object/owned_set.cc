#include "object/owned_set.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <unordered_map>
#include <utility>

#include "json/parse.h"
#include "json/value.h"

namespace object {
namespace {

std::size_t mix(std::size_t seed, std::size_t value) {
  return seed ^ (value + 0x9e3779b97f4a7c15 + (seed << 6) + (seed >> 2));
}

bool same(const OwnedNode& a, const OwnedNode& b) {
  // Children come from the pool, so equal subtrees are the same object.
  return a.coverage() == b.coverage() &&
         std::equal(a.children().begin(), a.children().end(), b.children().begin(),
                    b.children().end(), [](const auto& x, const auto& y) {
                      return x.node == y.node && x.element == y.element;
                    });
}

constexpr std::string_view kUidElement = R"(k:{"uid":")";

// "abc" of `k:{"uid":"abc"}`.
std::optional<std::string> uid_of(std::string_view element) {
  if (!element.starts_with(kUidElement)) return std::nullopt;
  element.remove_prefix(kUidElement.size());
  if (!element.ends_with("\"}")) return std::nullopt;
  element.remove_suffix(2);
  return std::string(element);
}

}  // namespace

OwnedNode::OwnedNode(Coverage coverage, std::vector<Child> children)
    : coverage_(coverage),
      children_(std::move(children)),
      hash_(static_cast<std::size_t>(coverage)) {
  for (const auto& child : children_) {
    hash_ = mix(hash_, std::hash<std::string>{}(child.element));
    hash_ = mix(hash_, child.node->hash());
  }
}

const OwnedNode* OwnedNode::field(std::string_view name) const {
  const std::string element = std::string("f:").append(name);
  const auto it = std::ranges::lower_bound(children_, element, {}, &Child::element);
  return it != children_.end() && it->element == element ? it->node.get() : nullptr;
}

struct OwnedSetPool::Impl {
  mutable base::Mutex mutex;
  std::unordered_multimap<std::size_t, std::weak_ptr<const OwnedNode>> nodes CAPP_GUARDED_BY(mutex);
  std::size_t sweep_at CAPP_GUARDED_BY(mutex) = 1024;

  OwnedSet intern(OwnedNode::Coverage coverage, std::vector<OwnedNode::Child> children)
      CAPP_REQUIRES(mutex) {
    auto fresh = std::make_shared<const OwnedNode>(coverage, std::move(children));
    const auto [first, last] = nodes.equal_range(fresh->hash());
    for (auto it = first; it != last; ++it) {
      if (auto known = it->second.lock(); known && same(*known, *fresh)) return known;
    }
    nodes.emplace(fresh->hash(), fresh);
    if (nodes.size() > sweep_at) sweep();
    return fresh;
  }

  void sweep() CAPP_REQUIRES(mutex) {
    std::erase_if(nodes, [](const auto& entry) { return entry.second.expired(); });
    sweep_at = std::max<std::size_t>(1024, 2 * nodes.size());
  }

  base::Result<OwnedSet> read(const boost::json::value& value, bool owner_references,
                              std::string& owner_uid) CAPP_REQUIRES(mutex);
};

base::Result<OwnedSet> OwnedSetPool::Impl::read(const boost::json::value& value,
                                                bool owner_references, std::string& owner_uid) {
  const auto* object = value.if_object();
  if (object == nullptr) return base::fail(base::Reason::kProtocol, "fieldsV1: not an object");
  auto coverage = object->empty() ? OwnedNode::Coverage::kAtomic : OwnedNode::Coverage::kPath;
  std::vector<OwnedNode::Child> children;
  children.reserve(object->size());
  for (const auto& [key, member] : *object) {
    std::string element(key);
    if (element == ".") {
      coverage = OwnedNode::Coverage::kSelf;
      continue;
    }
    if (owner_references && owner_uid.empty()) {
      if (auto uid = uid_of(element)) {
        owner_uid = std::move(*uid);
        element = kOwnerReference;
      }
    }
    auto node = read(member, element == "f:ownerReferences", owner_uid);
    if (!node) return node;
    children.push_back({.element = std::move(element), .node = std::move(*node)});
  }
  std::ranges::sort(children, {}, &OwnedNode::Child::element);
  return intern(coverage, std::move(children));
}

OwnedSetPool::OwnedSetPool() : impl_(std::make_unique<Impl>()) {}
OwnedSetPool::~OwnedSetPool() = default;

base::Result<OwnedFields> OwnedSetPool::read(const boost::json::value& fields_v1) {
  const base::MutexLock lock(impl_->mutex);
  OwnedFields fields;
  auto set = impl_->read(fields_v1, false, fields.owner_uid);
  if (!set) return std::unexpected(std::move(set.error()));
  fields.set = std::move(*set);
  return fields;
}

std::size_t OwnedSetPool::size() const {
  const base::MutexLock lock(impl_->mutex);
  impl_->sweep();
  return impl_->nodes.size();
}

bool names_item(std::string_view element, const boost::json::value& item, Keys keys) {
  if (element.starts_with("v:")) {
    const auto value = json::parse(element.substr(2));
    return value && json::equal(*value, item);
  }
  const auto* object = item.if_object();
  if (!element.starts_with("k:") || object == nullptr) return false;
  const auto key = json::parse(element.substr(2));
  if (!key || !key->is_object()) return false;
  return std::ranges::all_of(key->get_object(), [&](const auto& part) {
    const auto* member = object->if_contains(part.key());
    if (member == nullptr) return keys == Keys::kDefaulted;
    return json::equal(*member, part.value());
  });
}

namespace {

// Walks a wanted body and a set side by side and collects where they part.
class Comparison {
 public:
  explicit Comparison(const std::string& owner_uid) : owner_uid_(owner_uid) {}

  void value(const boost::json::value& wanted, const OwnedNode& owned, const std::string& path) {
    if (owned.coverage() == OwnedNode::Coverage::kAtomic) return;
    if (const auto* object = wanted.if_object()) {
      members(*object, owned, path);
    } else if (const auto* array = wanted.if_array()) {
      items(*array, owned, path);
    } else {
      gap_.not_owned.push_back(path);
    }
  }

  void members(const boost::json::object& wanted, const OwnedNode& owned, const std::string& path) {
    for (const auto& [key, member] : wanted) {
      const std::string below = path + "." + std::string(key);
      if (kIdentity.contains(below)) continue;
      if (const auto* node = owned.field(key)) {
        value(member, *node, below);
      } else {
        gap_.not_owned.push_back(below);
      }
    }
    for (const auto& child : owned.children()) {
      const std::string_view element = child.element;
      if (!element.starts_with("f:") || !wanted.contains(element.substr(2))) {
        gap_.not_wanted.push_back(path + "." + field_name(element));
      }
    }
  }

  void items(const boost::json::array& wanted, const OwnedNode& owned, const std::string& path) {
    std::vector<bool> matched(owned.children().size(), false);
    std::vector<std::optional<std::size_t>> elements(wanted.size());
    // What names all key fields goes first: an item that leaves some out might take its element.
    for (const auto keys : {Keys::kGiven, Keys::kDefaulted}) {
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (elements[i]) continue;
        elements[i] = match(wanted[i], owned, matched, keys);
        if (elements[i]) matched[*elements[i]] = true;
      }
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const std::string item = path + "[" + std::to_string(i) + "]";
      if (!elements[i]) {
        gap_.not_owned.push_back(item);
      } else if (wanted[i].is_object()) {
        value(wanted[i], *owned.children()[*elements[i]].node, item);
      }
    }
    for (std::size_t i = 0; i < matched.size(); ++i) {
      if (!matched[i]) gap_.not_wanted.push_back(path + "[" + owned.children()[i].element + "]");
    }
  }

  OwnershipGap take() { return std::move(gap_); }

 private:
  struct Identity {
    [[nodiscard]] bool contains(std::string_view path) const {
      return path == ".apiVersion" || path == ".kind" || path == ".metadata.name" ||
             path == ".metadata.namespace";
    }
  };
  static constexpr Identity kIdentity{};

  static std::string field_name(std::string_view element) {
    return std::string(element.starts_with("f:") ? element.substr(2) : element);
  }

  std::optional<std::size_t> match(const boost::json::value& item, const OwnedNode& owned,
                                   const std::vector<bool>& matched, Keys keys) const {
    for (std::size_t i = 0; i < owned.children().size(); ++i) {
      if (!matched[i] && names(owned.children()[i].element, item, keys)) return i;
    }
    return std::nullopt;
  }

  bool names(std::string_view element, const boost::json::value& item, Keys keys) const {
    if (element == kOwnerReference) return json::string_at(item, {"uid"}) == owner_uid_;
    return names_item(element, item, keys);
  }

  const std::string& owner_uid_;
  OwnershipGap gap_;
};

}  // namespace

bool is_within(std::string_view path, std::string_view ancestor) {
  if (!path.starts_with(ancestor)) return false;
  path.remove_prefix(ancestor.size());
  return path.empty() || path.front() == '.' || path.front() == '[';
}

bool OwnershipGap::lacks(std::string_view path) const {
  return std::ranges::any_of(not_owned,
                             [&](const std::string& lacking) { return is_within(path, lacking); });
}

OwnershipGap compare_ownership(const boost::json::object& wanted, const OwnedFields& owned) {
  static const OwnedNode nothing(OwnedNode::Coverage::kPath, {});
  Comparison comparison(owned.owner_uid);
  comparison.members(wanted, owned.set ? *owned.set : nothing, "");
  return comparison.take();
}

}  // namespace object
