#pragma once
// What the API server sends of one kind, as inputs of its reflector: the lines of a watch, the
// items and the end of a list. No I/O.

#include <string_view>
#include <vector>

#include "base/error.h"
#include "json/filter.h"
#include "object/owned_set.h"
#include "object/record.h"
#include "runtime/reflector.h"

namespace runtime {

// Immutable, so any thread may use it. Everything is untrusted: errors are kProtocol, and say what
// is missing or wrong.
class WireReader {
 public:
  // Both outlive the reader.
  WireReader(const object::Projection& projection, object::OwnedSetPool& pool);

  // One line of a watch: an Event, a Bookmark or a StreamError.
  [[nodiscard]] base::Result<Input> event(std::string_view line) const;
  // One element of a list's items.
  [[nodiscard]] base::Result<object::RecordPtr> item(std::string_view text) const;
  // The end of a list: `rest` is the document without its items (kube::ListSplitter), which are
  // `records`.
  [[nodiscard]] static base::Result<ListPage> page(std::string_view rest,
                                                   std::vector<object::RecordPtr> records);

 private:
  const object::Projection& projection_;
  object::OwnedSetPool& pool_;
  json::Filter event_filter_;
};

}  // namespace runtime
