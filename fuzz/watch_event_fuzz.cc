// runtime::WireReader: a line of a watch, or an item of a list, is refused or becomes an input with
// what a reflector needs.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <variant>

#include "object/owned_set.h"
#include "object/record.h"
#include "runtime/wire_reader.h"

namespace {

void check(const object::RecordPtr& record) {
  if (!record || record->key.name.empty() || record->uid.empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const object::Projection projection{
      .filter = json::Filter::keep(object::record_metadata_paths()),
      .labels = {"rcs.dana.io/parent-capp"},
      .field_manager = "capp-operator",
      .body = nullptr};
  static object::OwnedSetPool pool;
  static const runtime::WireReader reader(projection, pool);

  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto input = reader.event(text)) {
    if (const auto* event = std::get_if<runtime::Event>(&*input)) check(event->record);
  }
  if (const auto record = reader.item(text)) check(*record);
  if (const auto page = runtime::WireReader::page(text, {}); page && !page->records.empty()) {
    std::abort();
  }
  return 0;
}
