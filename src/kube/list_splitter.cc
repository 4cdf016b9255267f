#include "kube/list_splitter.h"

#include <utility>

#include "json/parse.h"

namespace kube {

using base::fail;
using base::Reason;

ListSplitter::ListSplitter(OnItem on_item, std::size_t max_bytes)
    : on_item_(std::move(on_item)), max_bytes_(max_bytes) {}

base::Result<void> ListSplitter::feed(std::string_view bytes) {
  for (const char c : bytes) {
    if (auto taken = take(c); !taken) return taken;
    if (item_.size() > max_bytes_ || rest_.size() > max_bytes_) {
      return fail(Reason::kTooLarge, "an object of a list is longer than the limit");
    }
  }
  return {};
}

base::Result<std::string> ListSplitter::finish() {
  if (!done_) return fail(Reason::kProtocol, "a list ended before its closing brace");
  return std::move(rest_);
}

bool ListSplitter::at_items_start(char c) const {
  if (c != '[' || depth_ != 1) return false;
  const auto key = json::parse(key_);
  return key && *key == "items";
}

base::Result<void> ListSplitter::end_item() {
  if (item_.empty()) return {};
  auto result = on_item_(item_);
  item_.clear();
  return result;
}

base::Result<void> ListSplitter::take(char c) {
  std::string& out = in_items_ ? item_ : rest_;
  if (in_string_) {
    out += c;
    if (!in_items_ && depth_ == 1) key_ += c;
    in_string_ = escaped_ || c != '"';
    escaped_ = !escaped_ && c == '\\';
    return {};
  }
  switch (c) {
    case ' ':
    case '\t':
    case '\r':
    case '\n':
      if (in_items_ && item_.empty()) return {};
      break;
    case '"':
      in_string_ = true;
      if (!in_items_ && depth_ == 1) key_ = c;
      break;
    case '{':
    case '[':
      if (!in_items_ && at_items_start(c)) {
        rest_ += c;
        in_items_ = true;
        item_depth_ = 0;
        return {};
      }
      if (in_items_) {
        ++item_depth_;
      } else {
        ++depth_;
      }
      break;
    case '}':
    case ']':
      if (in_items_ && item_depth_ == 0) {  // the end of "items" itself
        auto ended = end_item();
        in_items_ = false;
        key_.clear();
        rest_ += c;
        return ended;
      }
      if (in_items_) {
        --item_depth_;
      } else if (depth_ > 0) {
        --depth_;
        done_ = depth_ == 0;
      }
      break;
    case ',':
      if (in_items_ && item_depth_ == 0) return end_item();
      break;
    default:
      break;
  }
  out += c;
  return {};
}

}  // namespace kube
