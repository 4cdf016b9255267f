#pragma once
// Takes a list apart while it arrives: the elements of the top-level array "items" one by one, so
// that the peak memory of a list is its result and one object.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace kube {

class ListSplitter {
 public:
  // Receives the text of one element; an error ends the list.
  using OnItem = std::function<base::Result<void>(std::string_view item)>;

  // An item or a remainder longer than `max_bytes` is kTooLarge.
  ListSplitter(OnItem on_item, std::size_t max_bytes);

  // The next bytes of the body. Nesting is only counted here; whether an item is valid JSON its
  // parser says.
  base::Result<void> feed(std::string_view bytes);
  // The document without its items ("items" is an empty array): kind and metadata of the list.
  // kProtocol where the body ended early.
  [[nodiscard]] base::Result<std::string> finish();

 private:
  base::Result<void> take(char c);
  base::Result<void> end_item();
  [[nodiscard]] bool at_items_start(char c) const;

  OnItem on_item_;
  std::size_t max_bytes_;
  std::string rest_;  // the document so far, without the items
  std::string item_;
  std::string key_;        // the last string at depth 1, as it stands
  std::size_t depth_ = 0;  // open containers
  std::size_t item_depth_ = 0;
  bool in_items_ = false;
  bool in_string_ = false;
  bool escaped_ = false;
  bool done_ = false;
};

}  // namespace kube
