#pragma once
// The set of fields that one manager owns of an object: `fieldsV1` of its entry in
// `metadata.managedFields`.
//
// The set is what tells drift without comparing values (design 3.1): whoever changes a value that
// we own takes its ownership away. Sets of objects of one kind are alike, so equal subtrees are
// stored once, in a pool.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "base/error.h"
#include "base/mutex.h"

namespace object {

// What is owned at and below one element of a path. Immutable; shared between sets.
class OwnedNode;
using OwnedSet = std::shared_ptr<const OwnedNode>;

class OwnedNode {
 public:
  struct Child {
    std::string element;  // as on the wire: "f:spec", "k:{\"name\":\"web\"}", "v:\"a\"", "i:0"
    OwnedSet node;
  };
  // kAtomic is `{}` on the wire: the path and all that is below it. kSelf is `{".":{}, …}`: the
  // path, and below it only what the children name. kPath is neither: only the children.
  enum class Coverage { kAtomic, kSelf, kPath };

  // Children must be sorted by element, and empty for kAtomic.
  OwnedNode(Coverage coverage, std::vector<Child> children);

  [[nodiscard]] Coverage coverage() const { return coverage_; }
  [[nodiscard]] const std::vector<Child>& children() const { return children_; }
  // The node of the field `name` ("f:" + name), or null.
  [[nodiscard]] const OwnedNode* field(std::string_view name) const;
  [[nodiscard]] std::size_t hash() const { return hash_; }

 private:
  Coverage coverage_;
  std::vector<Child> children_;
  std::size_t hash_;
};

// A set as a record keeps it. An owner reference's element holds a UID that differs from object to
// object; it is kept apart (in the set stands kOwnerReference), so that the sets of sibling objects
// are one.
struct OwnedFields {
  OwnedSet set;  // null where we own nothing
  std::string owner_uid;

  friend bool operator==(const OwnedFields&, const OwnedFields&) = default;
};
inline constexpr std::string_view kOwnerReference = R"(k:{"uid":"$owner"})";

// Stores equal subtrees once, while somebody holds them. Thread-safe.
class OwnedSetPool {
 public:
  OwnedSetPool();
  ~OwnedSetPool();
  OwnedSetPool(const OwnedSetPool&) = delete;
  OwnedSetPool& operator=(const OwnedSetPool&) = delete;

  // Reads `fieldsV1`. Depth is bounded by the JSON parser's limit. kProtocol where it is no such
  // set.
  base::Result<OwnedFields> read(const boost::json::value& fields_v1);

  // Distinct subtrees held at the moment.
  [[nodiscard]] std::size_t size() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Whether an item has to say all fields of its key, or may leave out those that have a default.
enum class Keys { kGiven, kDefaulted };

// Whether the element `k:{…}` or `v:…` of a set names this item of a list.
[[nodiscard]] bool names_item(std::string_view element, const boost::json::value& item,
                              Keys keys = Keys::kGiven);

// How a set differs from the body that we want to own. Paths are written
// ".spec.template.spec.containers[0].image", with the place of an item in the body; an item that
// only the set has is named by its element, ".spec.env[k:{\"name\":\"A\"}]".
struct OwnershipGap {
  std::vector<std::string> not_owned;   // wanted, but not covered: somebody took it, or it is new
  std::vector<std::string> not_wanted;  // owned, but no longer wanted

  [[nodiscard]] bool empty() const { return not_owned.empty() && not_wanted.empty(); }
  // Whether nothing of `path` is owned: not_owned has it or an ancestor of it.
  [[nodiscard]] bool lacks(std::string_view path) const;
};

// Whether a path is the other one or below it: ".spec", ".spec.x" and ".spec[0]" of ".spec".
[[nodiscard]] bool is_within(std::string_view path, std::string_view ancestor);

// Compares the leaves of the apply body `wanted` with what is owned; apiVersion, kind,
// metadata.name and metadata.namespace do not count. A path is covered by itself or by an atomic
// ancestor. Items of lists are matched with `k:` elements by the fields that the element names; a
// field that the wanted item leaves out is taken for its default.
OwnershipGap compare_ownership(const boost::json::object& wanted, const OwnedFields& owned);

}  // namespace object
