#include "yaml/convert.h"

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "base/utf8.h"
#include "yaml/characters.h"
#include "yaml/scalar.h"

namespace yaml {
namespace {

using boost::json::value;

// Leaves yaml-cpp's parser from inside an event; caught in convert().
struct Refused {
  base::Reason reason = base::Reason::kBadInput;
  YAML::Mark mark;
  std::string rule;
};

[[noreturn]] void refuse(const YAML::Mark& mark, std::string rule) {
  throw Refused{.mark = mark, .rule = std::move(rule)};
}

[[noreturn]] void refuse_size(const YAML::Mark& mark, std::string rule) {
  throw Refused{.reason = base::Reason::kTooLarge, .mark = mark, .rule = std::move(rule)};
}

// What a value costs; an alias costs what it repeats.
struct Extent {
  std::size_t nodes = 1;
  std::size_t bytes = 0;
  std::size_t height = 0;  // containers inside each other; 0 for a scalar

  void contain(const Extent& child) {
    nodes += child.nodes;
    bytes += child.bytes;
    height = std::max(height, child.height + 1);
  }
};

// A list or mapping that has begun and not ended.
struct Open {
  value container;
  YAML::anchor_t anchor = YAML::NullAnchor;
  YAML::Mark mark;
  Extent extent{.height = 1};
  std::optional<std::string> key{};  // a mapping's, whose value comes next
  bool merging = false;              // the value that comes next is that of `<<`
  std::vector<boost::json::object> merged{};
};

bool is_plain(const std::string& tag) {
  return tag == "?";
}

value scalar_value(const YAML::Mark& mark, const std::string& tag, const std::string& text) {
  // yaml-cpp makes a single byte of the escapes \N and \_, which is no UTF-8.
  if (!base::is_utf8(text)) {
    refuse(mark, R"(the text is not UTF-8; write the escapes \N and \_ as \u0085 and \u00a0)");
  }
  if (is_plain(tag)) {
    if (is_non_finite(text)) refuse(mark, "JSON has no infinite numbers and no NaN");
    return resolve_plain(text);
  }
  if (tag == "!" || tag == "tag:yaml.org,2002:str") return value(text);
  refuse(mark, fmt::format("tag \"{}\" is not supported; remove it", tag));
}

std::string key_text(const YAML::Mark& mark, const value& key) {
  if (key.is_string()) return std::string(key.get_string());
  if (key.is_bool()) return key.get_bool() ? "true" : "false";
  if (key.is_int64()) return std::to_string(key.get_int64());
  if (key.is_uint64()) return std::to_string(key.get_uint64());
  refuse(mark, "a key must be a string; put it in quotes");
}

void check_collection_tag(const YAML::Mark& mark, const std::string& tag, std::string_view own) {
  if (tag.empty() || is_plain(tag) || tag == "!" || tag == own) return;
  refuse(mark, fmt::format("tag \"{}\" is not supported; remove it", tag));
}

// Builds the values of a stream from yaml-cpp's events. No tree of yaml-cpp's exists, so limits
// hold while it reads.
class Builder final : public YAML::EventHandler {
 public:
  Builder(std::string_view text, const Limits& limits) : text_(text), limits_(limits) {}

  std::vector<value> take() { return std::move(documents_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    anchors_.clear();
    if (documents_.empty()) return;
    // yaml-cpp also begins a document at whatever is left after a complete one: `"a" "b"`.
    const auto start = static_cast<std::size_t>(mark.pos);
    if (start > text_.size() || !text_.substr(start).starts_with("---")) {
      refuse(mark, "the document ends before this; another one must begin with \"---\"");
    }
  }

  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (wants_key()) refuse(mark, "a key must be a string; put it in quotes");
    add(mark, anchor, nullptr, Extent{});
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (wants_key()) refuse(mark, "a key must be written out, not be an alias");
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) refuse(mark, "an alias must not refer to what it is part of");
    // Before the copy: this is where a small text becomes a big value.
    spend(mark, found->second.extent);
    place(mark, found->second.content, found->second.extent);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    const Extent extent{.bytes = text.size()};
    if (!wants_key()) return add(mark, anchor, scalar_value(mark, tag, text), extent);
    if (anchor != YAML::NullAnchor) refuse(mark, "an anchor on a key is not supported");
    spend(mark, extent);
    open_.back().extent.contain(extent);
    open_.back().merging = is_plain(tag) && text == "<<";
    open_.back().key = key_text(mark, scalar_value(mark, tag, text));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    check_collection_tag(mark, tag, "tag:yaml.org,2002:seq");
    open(mark, anchor, boost::json::array());
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    check_collection_tag(mark, tag, "tag:yaml.org,2002:map");
    open(mark, anchor, boost::json::object());
  }
  void OnMapEnd() override {
    // An explicit key wins over a merged one, an earlier merge over a later one.
    Open& mapping = open_.back();
    for (const boost::json::object& source : mapping.merged) {
      for (const auto& [key, content] : source)
        mapping.container.get_object().emplace(key, content);
    }
    close();
  }

 private:
  struct Anchored {
    value content;
    Extent extent;
  };

  [[nodiscard]] bool wants_key() const {
    return !open_.empty() && open_.back().container.is_object() && !open_.back().key;
  }

  void spend(const YAML::Mark& mark, const Extent& extent) {
    if (open_.size() + extent.height > limits_.max_depth) {
      refuse_size(mark, fmt::format("nested deeper than {} levels", limits_.max_depth));
    }
    nodes_ += extent.nodes;
    if (nodes_ > limits_.max_nodes) {
      refuse_size(
          mark, fmt::format("more than {} nodes, counting what aliases repeat", limits_.max_nodes));
    }
    bytes_ += extent.bytes;
    if (bytes_ > limits_.max_bytes) {
      refuse_size(mark, fmt::format("more than {} bytes of scalars, counting what aliases repeat",
                                    limits_.max_bytes));
    }
  }

  void open(const YAML::Mark& mark, YAML::anchor_t anchor, value container) {
    if (wants_key()) refuse(mark, "a key must be a string, not a list or a mapping");
    spend(mark, Extent{.height = 1});
    open_.push_back({.container = std::move(container), .anchor = anchor, .mark = mark});
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    remember(done.mark, done.anchor, done.container, done.extent);
    place(done.mark, std::move(done.container), done.extent);
  }

  void add(const YAML::Mark& mark, YAML::anchor_t anchor, value content, const Extent& extent) {
    spend(mark, extent);
    remember(mark, anchor, content, extent);
    place(mark, std::move(content), extent);
  }

  void remember(const YAML::Mark& mark, YAML::anchor_t anchor, const value& content,
                const Extent& extent) {
    if (anchor == YAML::NullAnchor) return;
    spend(mark, extent);  // the copy
    anchors_[anchor] = {.content = content, .extent = extent};
  }

  void place(const YAML::Mark& mark, value content, const Extent& extent) {
    if (open_.empty()) return documents_.push_back(std::move(content));
    Open& parent = open_.back();
    parent.extent.contain(extent);
    if (parent.container.is_array()) {
      parent.container.get_array().push_back(std::move(content));
    } else if (std::exchange(parent.merging, false)) {
      parent.key.reset();
      merge(mark, parent, std::move(content));
    } else {
      insert(mark, parent, std::move(content));
    }
  }

  static void insert(const YAML::Mark& mark, Open& mapping, value content) {
    const std::string key = *std::exchange(mapping.key, std::nullopt);
    const bool is_new = mapping.container.get_object().emplace(key, std::move(content)).second;
    if (!is_new) refuse(mark, fmt::format("duplicate key \"{}\"", key));
  }

  static void merge(const YAML::Mark& mark, Open& mapping, value source) {
    if (source.is_object()) return mapping.merged.push_back(std::move(source.get_object()));
    if (!source.is_array()) refuse(mark, "\"<<\" merges a mapping or a list of mappings");
    for (value& item : source.get_array()) {
      if (!item.is_object()) refuse(mark, "\"<<\" merges a mapping or a list of mappings");
      mapping.merged.push_back(std::move(item.get_object()));
    }
  }

  std::string_view text_;
  const Limits& limits_;
  std::vector<value> documents_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  std::size_t nodes_ = 0;
  std::size_t bytes_ = 0;
};

std::unexpected<base::Error> failure(base::Reason reason, const YAML::Mark& mark,
                                     std::string_view rule) {
  return base::fail(reason,
                    fmt::format("line {}, column {}: {}", mark.line + 1, mark.column + 1, rule));
}

std::string_view without_byte_order_mark(std::string_view text) {
  return text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text;
}

}  // namespace

base::Result<std::vector<value>> parse_all(std::string_view text, const Limits& limits) {
  if (text.size() > limits.max_bytes) {
    return base::fail(base::Reason::kTooLarge,
                      fmt::format("{} bytes; at most {}", text.size(), limits.max_bytes));
  }
  if (const auto bad = find_bad_character(text)) {
    return base::fail(base::Reason::kBadInput,
                      fmt::format("line {}, column {}: {}", bad->line, bad->column, bad->rule));
  }
  text = without_byte_order_mark(text);
  Builder builder(text, limits);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Refused& refused) {
    return failure(refused.reason, refused.mark, refused.rule);
  } catch (const YAML::Exception& error) {
    return failure(base::Reason::kBadInput, error.mark, error.msg);
  }
  return builder.take();
}

base::Result<value> parse(std::string_view text, const Limits& limits) {
  auto documents = parse_all(text, limits);
  if (!documents) return std::unexpected(std::move(documents.error()));
  if (documents->empty()) return value();
  if (documents->size() > 1) {
    return base::fail(base::Reason::kBadInput,
                      fmt::format("{} documents where one is expected", documents->size()));
  }
  return std::move(documents->front());
}

}  // namespace yaml
