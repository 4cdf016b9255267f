#include "json/filter.h"

#include <algorithm>

namespace json {
namespace {

// One unescaped reference token (RFC 6901: ~1 is '/', ~0 is '~').
std::string unescape(std::string_view token) {
  std::string text;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] == '~' && i + 1 < token.size()) {
      text += token[++i] == '1' ? '/' : '~';
    } else {
      text += token[i];
    }
  }
  return text;
}

Filter::Node& child(Filter::Node& node, std::string_view token) {
  auto& slot = token == "*" ? node.any : node.children[unescape(token)];
  if (!slot) slot = std::make_unique<Filter::Node>();
  return *slot;
}

void merge(Filter::Node& into, const Filter::Node& from) {
  into.end = into.end || from.end;
  for (const auto& [key, node] : from.children) {
    auto& slot = into.children[key];
    if (!slot) slot = std::make_unique<Filter::Node>();
    merge(*slot, *node);
  }
  if (from.any) merge(child(into, "*"), *from.any);
}

// Gives every key of a place what the "*" of that place has, so that one look-up finds all.
void spread_stars(Filter::Node& node) {
  for (auto& [key, named] : node.children) {
    if (node.any) merge(*named, *node.any);
    spread_stars(*named);
  }
  if (node.any) spread_stars(*node.any);
}

std::shared_ptr<const Filter::Node> tree(const std::vector<std::string>& pointers) {
  auto root = std::make_shared<Filter::Node>();
  for (const std::string_view pointer : pointers) {
    Filter::Node* node = root.get();
    std::size_t start = 1;
    while (start <= pointer.size()) {
      const std::size_t end = std::min(pointer.find('/', start), pointer.size());
      node = &child(*node, pointer.substr(start, end - start));
      start = end + 1;
    }
    node->end = true;
  }
  spread_stars(*root);
  return root;
}

}  // namespace

const Filter::Node* Filter::Node::find(std::string_view key) const {
  const auto it = children.find(key);
  return it != children.end() ? it->second.get() : any.get();
}

Filter Filter::keep(const std::vector<std::string>& pointers) {
  Filter filter;
  filter.pointers_ = pointers;
  filter.root_ = tree(pointers);
  filter.keeps_ = true;
  return filter;
}

Filter Filter::drop(const std::vector<std::string>& pointers) {
  Filter filter;
  filter.pointers_ = pointers;
  filter.root_ = tree(pointers);
  return filter;
}

Filter Filter::within(std::string_view prefix, const std::vector<std::string>& also) const {
  if (!root_) return {};
  std::vector<std::string> pointers;
  pointers.reserve(pointers_.size() + also.size());
  for (const auto& pointer : pointers_) pointers.push_back(std::string(prefix) + pointer);
  if (!keeps_) return drop(pointers);
  pointers.insert(pointers.end(), also.begin(), also.end());
  return keep(pointers);
}

}  // namespace json
