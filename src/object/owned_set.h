#pragma once
// The set of fields that one manager owns of an object: `fieldsV1` of its entry in `metadata.managedFields`.
//
// The set is what tells drift without comparing values (design 3.1): whoever changes a value that we own takes its
// ownership away. Sets of objects of one kind are alike, so equal subtrees are stored once, in a pool.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "base/error.h"
#include "base/mutex.h"

namespace object {

// One element of a path and what is owned below it. Immutable; shared between sets.
class OwnedNode;
using OwnedSet = std::shared_ptr<const OwnedNode>;

class OwnedNode {
 public:
  struct Child {
    std::string element;  // as on the wire: "f:spec", "k:{\"name\":\"web\"}", "v:\"a\"", "i:0"
    OwnedSet node;
  };

  // `self`: the path itself is a member of the set. Children must be sorted by element.
  OwnedNode(bool self, std::vector<Child> children);

  // A leaf `{}` owns its path and all that is below it (an atomic value).
  [[nodiscard]] bool is_leaf() const { return children_.empty(); }
  [[nodiscard]] bool self() const { return self_; }
  [[nodiscard]] const std::vector<Child>& children() const { return children_; }
  [[nodiscard]] const OwnedNode* find(std::string_view element) const;
  [[nodiscard]] std::size_t hash() const { return hash_; }

 private:
  bool self_;
  std::vector<Child> children_;
  std::size_t hash_;
};

// Stores equal subtrees once. Thread-safe. Subtrees that nobody holds any more are forgotten.
class OwnedSetPool {
 public:
  OwnedSetPool();
  ~OwnedSetPool();
  OwnedSetPool(const OwnedSetPool&) = delete;
  OwnedSetPool& operator=(const OwnedSetPool&) = delete;

  // Reads `fieldsV1`. Depth is bounded by the JSON parser's limit. An owner reference's element, which holds a UID of
  // its own in each object, is stored as kOwnerReference so that the sets of sibling objects stay equal.
  base::Result<OwnedSet> read(const boost::json::value& fields_v1);

  [[nodiscard]] std::size_t size() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Stands for `k:{"uid":"…"}` of the owner reference with the UID of the record's controller.
inline constexpr std::string_view kOwnerReference = "k:{\"uid\":\"$controller\"}";

// How a set differs from the body that we want to own.
struct OwnershipGap {
  std::vector<std::string> not_owned;   // paths wanted, but not covered: somebody took them, or they are new
  std::vector<std::string> not_wanted;  // paths owned, but no longer wanted

  [[nodiscard]] bool empty() const { return not_owned.empty() && not_wanted.empty(); }
};

// Compares the leaves of the apply body `wanted` (an object; apiVersion, kind, metadata.name and metadata.namespace do
// not count) with `owned`. A path is covered by itself or by an atomic ancestor. Items of lists are matched with `k:`
// elements by the fields that the element names; a field that the wanted item leaves out counts as its default.
// `controller_uid` is the UID that kOwnerReference stands for. Paths are written ".spec.template.spec.timeoutSeconds".
OwnershipGap compare_ownership(const boost::json::object& wanted, const OwnedSet& owned,
                               std::string_view controller_uid);

}  // namespace object
