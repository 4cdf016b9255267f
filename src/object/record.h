#pragma once
// What a store keeps of an object: its metadata, what we own of it, and the part of its content
// that a projection keeps.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/value.hpp>

#include "base/error.h"
#include "json/filter.h"
#include "object/key.h"
#include "object/owned_set.h"

namespace object {

using Labels = std::vector<std::pair<std::string, std::string>>;  // sorted by name

struct OwnerReference {
  std::string api_version;
  std::string kind;
  std::string name;
  std::string uid;
  bool controller = false;

  friend bool operator==(const OwnerReference&, const OwnerReference&) = default;
};

// Immutable once in a store; replaced whole.
struct Record {
  Key key;
  std::string uid;
  // Decimal on every conformant API server (stable since 1.35, true long before), so newer is
  // greater.
  std::uint64_t resource_version = 0;
  std::int64_t generation = 0;
  bool terminating = false;  // has a deletionTimestamp
  std::string applied_hash;  // annotation rcs.dana.io/applied-hash; empty where there is none
  bool adoptable = false;    // annotation rcs.dana.io/adopt is "true"
  std::vector<std::string> finalizers;
  Labels labels;  // those that the projection keeps
  std::vector<OwnerReference> owners;
  OwnedFields owned;  // of our field manager's apply entry of the main resource
  std::string body;   // what the projection makes of the rest; compact JSON or empty

  [[nodiscard]] std::string_view label(std::string_view name) const;
  // The owner with `controller: true`, or null.
  [[nodiscard]] const OwnerReference* controller() const;
};
using RecordPtr = std::shared_ptr<const Record>;

// How records of one kind are made of its objects. A plain value; the functions are pure and called
// on any thread.
struct Projection {
  // What is parsed at all. `metadata` fields that a record needs must be in it.
  json::Filter filter;
  // Names of the labels to keep; empty keeps none.
  std::vector<std::string> labels;
  // The field manager whose set is kept; empty keeps none.
  std::string field_manager;
  // Record::body of a filtered object.
  std::string (*body)(const boost::json::object& object) = nullptr;
};

// Reads a filtered object. Errors are kProtocol and name the field: name, uid or resourceVersion
// missing or of a wrong type.
base::Result<RecordPtr> read_record(const boost::json::value& object, const Projection& projection,
                                    OwnedSetPool& pool);

// The metadata that every projection needs, as paths for json::Filter::keep.
std::vector<std::string> record_metadata_paths();

inline constexpr std::string_view kAppliedHashAnnotation = "rcs.dana.io/applied-hash";
inline constexpr std::string_view kAdoptAnnotation = "rcs.dana.io/adopt";

}  // namespace object
