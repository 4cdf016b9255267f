#pragma once
// Which parts of a JSON document are kept while it is parsed. What is dropped costs no memory and
// no copy.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace json {

// A set of JSON Pointers (RFC 6901), with "*" as an element that matches any key and, as the only
// one, the elements of a list. Immutable, cheap to copy, safe to share between threads.
class Filter {
 public:
  // Keeps the whole document.
  Filter() = default;
  // Keeps what is at or below one of the paths, and the containers on the way.
  static Filter keep(const std::vector<std::string>& pointers);
  // Keeps all but what is at or below one of the paths, which are not empty.
  static Filter drop(const std::vector<std::string>& pointers);
  // The same rule for documents that hold such a document at `prefix` (a pointer without "*"). Of
  // the rest a keeping filter keeps what `also` names; a dropping one keeps it all.
  [[nodiscard]] Filter within(std::string_view prefix, const std::vector<std::string>& also) const;

  struct Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> children;
    // The element "*"; what is below it is below each of `children` too.
    std::unique_ptr<Node> any;
    bool end = false;  // a path ends here

    [[nodiscard]] const Node* find(std::string_view key) const;
  };
  [[nodiscard]] const Node* root() const { return root_.get(); }
  // True where the paths name what is kept, false where they name what is dropped.
  [[nodiscard]] bool keeps() const { return keeps_; }

 private:
  std::vector<std::string> pointers_;
  std::shared_ptr<const Node> root_;
  bool keeps_ = false;
};

}  // namespace json
