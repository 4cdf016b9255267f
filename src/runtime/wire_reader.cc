#include "runtime/wire_reader.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <utility>

#include <boost/json/monotonic_resource.hpp>
#include <fmt/format.h>

#include "json/parse.h"
#include "json/value.h"
#include "kube/status.h"

namespace runtime {
namespace {

using base::Reason;

// Objects of most kinds fit; a larger one takes a block from the heap.
constexpr std::size_t kParseBuffer = 32 * 1024;

constexpr std::string_view kInitialEventsEnd = "k8s.io/initial-events-end";

// What an event is made of beside the object: its type, and what a bookmark and an error say.
const std::vector<std::string>& event_paths() {
  static const std::vector<std::string> paths{
      "/type",
      "/object/kind",
      "/object/code",
      "/object/reason",
      "/object/message",
      "/object/details",
      "/object/metadata/resourceVersion",
      "/object/metadata/annotations/k8s.io~1initial-events-end"};
  return paths;
}

base::Result<std::uint64_t> read_version(const boost::json::value& object) {
  const std::string_view text = json::string_at(object, {"metadata", "resourceVersion"});
  std::uint64_t version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
    return base::fail(Reason::kProtocol,
                      fmt::format("resourceVersion \"{}\" is not a decimal number", text));
  }
  return version;
}

base::Result<Input> read_bookmark(const boost::json::value& object) {
  const auto version = read_version(object);
  if (!version) return std::unexpected(version.error());
  const bool last =
      json::string_at(object, {"metadata", "annotations", kInitialEventsEnd}) == "true";
  return Bookmark{.resource_version = *version, .initial_events_end = last};
}

base::Result<EventType> read_type(std::string_view type) {
  if (type == "ADDED") return EventType::kAdded;
  if (type == "MODIFIED") return EventType::kModified;
  if (type == "DELETED") return EventType::kDeleted;
  return base::fail(Reason::kProtocol, fmt::format("an event of unknown type \"{}\"", type));
}

}  // namespace

WireReader::WireReader(const object::Projection& projection, object::OwnedSetPool& pool)
    : projection_(projection),
      pool_(pool),
      event_filter_(projection.filter.within("/object", event_paths())) {}

base::Result<Input> WireReader::event(std::string_view line) const {
  std::array<unsigned char, kParseBuffer> buffer;
  boost::json::monotonic_resource memory(buffer.data(), buffer.size());
  const auto event = json::parse(line, event_filter_, &memory);
  if (!event) return std::unexpected(event.error());
  const auto* object = json::find(*event, {"object"});
  if (object == nullptr) return base::fail(Reason::kProtocol, "an event without an object");
  const std::string_view type = json::string_at(*event, {"type"});
  if (type == "ERROR") return StreamError{kube::read_status(*object)};
  if (type == "BOOKMARK") return read_bookmark(*object);
  const auto known = read_type(type);
  if (!known) return std::unexpected(known.error());
  auto record = object::read_record(*object, projection_, pool_);
  if (!record) return std::unexpected(std::move(record.error()));
  return Event{.type = *known, .record = std::move(*record)};
}

base::Result<object::RecordPtr> WireReader::item(std::string_view text) const {
  std::array<unsigned char, kParseBuffer> buffer;
  boost::json::monotonic_resource memory(buffer.data(), buffer.size());
  const auto value = json::parse(text, projection_.filter, &memory);
  if (!value) return std::unexpected(value.error());
  return object::read_record(*value, projection_, pool_);
}

base::Result<ListPage> WireReader::page(std::string_view rest,
                                        std::vector<object::RecordPtr> records) {
  const auto list = json::parse(rest);
  if (!list) return std::unexpected(list.error());
  // Null stands for an empty list; a document without them is none, and says nothing of what is
  // there.
  if (json::find(*list, {"items"}) == nullptr) {
    return base::fail(Reason::kProtocol, "a list without items");
  }
  const auto version = read_version(*list);
  if (!version) return std::unexpected(version.error());
  return ListPage{.records = std::move(records),
                  .resource_version = *version,
                  .continue_token = std::string(json::string_at(*list, {"metadata", "continue"}))};
}

}  // namespace runtime
