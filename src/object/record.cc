#include "object/record.h"

#include <algorithm>
#include <charconv>

#include "json/value.h"

namespace object {
namespace {

using base::fail;
using base::Reason;

std::vector<std::string> read_strings(const boost::json::array* array) {
  std::vector<std::string> strings;
  if (array == nullptr) return strings;
  for (const auto& element : *array) {
    if (const auto* text = element.if_string()) strings.emplace_back(*text);
  }
  return strings;
}

Labels read_labels(const boost::json::object& metadata, const std::vector<std::string>& names) {
  Labels labels;
  const auto* all = json::object_at(metadata, {"labels"});
  if (all == nullptr) return labels;
  for (const auto& name : names) {
    const auto* value = all->if_contains(name);
    if (value != nullptr && value->is_string()) labels.emplace_back(name, value->get_string());
  }
  std::ranges::sort(labels);
  return labels;
}

std::vector<OwnerReference> read_owners(const boost::json::array* references) {
  std::vector<OwnerReference> owners;
  if (references == nullptr) return owners;
  for (const auto& element : *references) {
    const auto* reference = element.if_object();
    if (reference == nullptr) continue;
    owners.push_back({.api_version = std::string(json::string_at(*reference, {"apiVersion"})),
                      .kind = std::string(json::string_at(*reference, {"kind"})),
                      .name = std::string(json::string_at(*reference, {"name"})),
                      .uid = std::string(json::string_at(*reference, {"uid"})),
                      .controller = json::bool_at(*reference, {"controller"}).value_or(false)});
  }
  return owners;
}

// The set of `manager`'s server-side apply of the main resource; of its other entries (updates,
// subresources) none.
base::Result<OwnedFields> read_owned(const boost::json::array* entries, std::string_view manager,
                                     OwnedSetPool& pool) {
  if (entries == nullptr || manager.empty()) return OwnedFields{};
  for (const auto& element : *entries) {
    const auto* entry = element.if_object();
    if (entry == nullptr || json::string_at(*entry, {"manager"}) != manager ||
        json::string_at(*entry, {"operation"}) != "Apply" ||
        !json::string_at(*entry, {"subresource"}).empty()) {
      continue;
    }
    const auto* fields = entry->if_contains("fieldsV1");
    return fields != nullptr ? pool.read(*fields) : OwnedFields{};
  }
  return OwnedFields{};
}

base::Result<std::uint64_t> read_resource_version(const boost::json::object& metadata) {
  const std::string_view text = json::string_at(metadata, {"resourceVersion"});
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
    return fail(Reason::kProtocol,
                "metadata.resourceVersion \"" + std::string(text) + "\" is not a decimal number");
  }
  return number;
}

}  // namespace

std::string_view Record::label(std::string_view name) const {
  const auto it = std::ranges::find(labels, name, &Labels::value_type::first);
  return it != labels.end() ? std::string_view(it->second) : std::string_view{};
}

const OwnerReference* Record::controller() const {
  const auto it = std::ranges::find_if(owners, &OwnerReference::controller);
  return it != owners.end() ? &*it : nullptr;
}

base::Result<RecordPtr> read_record(const boost::json::value& object, const Projection& projection,
                                    OwnedSetPool& pool) {
  const auto* whole = object.if_object();
  const auto* metadata = whole != nullptr ? json::object_at(*whole, {"metadata"}) : nullptr;
  if (metadata == nullptr) return fail(Reason::kProtocol, "an object without metadata");
  const std::string_view name = json::string_at(*metadata, {"name"});
  const std::string_view uid = json::string_at(*metadata, {"uid"});
  if (name.empty() || uid.empty()) {
    return fail(Reason::kProtocol, "an object without metadata.name or metadata.uid");
  }
  auto resource_version = read_resource_version(*metadata);
  if (!resource_version) return std::unexpected(std::move(resource_version.error()));
  auto owned =
      read_owned(json::array_at(*metadata, {"managedFields"}), projection.field_manager, pool);
  if (!owned) return std::unexpected(std::move(owned.error()));

  auto record = std::make_shared<Record>();
  record->key = {.ns = std::string(json::string_at(*metadata, {"namespace"})),
                 .name = std::string(name)};
  record->uid = uid;
  record->resource_version = *resource_version;
  record->generation = json::int_at(*metadata, {"generation"}).value_or(0);
  record->terminating = !json::string_at(*metadata, {"deletionTimestamp"}).empty();
  record->applied_hash = json::string_at(*metadata, {"annotations", kAppliedHashAnnotation});
  record->adoptable = json::string_at(*metadata, {"annotations", kAdoptAnnotation}) == "true";
  record->finalizers = read_strings(json::array_at(*metadata, {"finalizers"}));
  record->labels = read_labels(*metadata, projection.labels);
  record->owners = read_owners(json::array_at(*metadata, {"ownerReferences"}));
  record->owned = std::move(*owned);
  if (projection.body != nullptr) record->body = projection.body(*whole);
  return record;
}

std::vector<std::string> record_metadata_paths() {
  return {"/metadata/name",
          "/metadata/namespace",
          "/metadata/uid",
          "/metadata/resourceVersion",
          "/metadata/generation",
          "/metadata/deletionTimestamp",
          "/metadata/finalizers",
          "/metadata/labels",
          "/metadata/ownerReferences",
          "/metadata/managedFields",
          "/metadata/annotations/rcs.dana.io~1applied-hash",
          "/metadata/annotations/rcs.dana.io~1adopt"};
}

}  // namespace object
