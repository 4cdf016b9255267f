#include "json/parse.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <fmt/format.h>

namespace json {
namespace {

// What is to be done with a value: keep or drop all of it, or look at its members one by one.
struct Verdict {
  enum class What { kKeep, kDrop, kLookInside };
  What what = What::kKeep;
  const Filter::Node* node = nullptr;  // of kLookInside
};

// Receives the parser's events and builds the value of what the filter keeps. A key is pushed only
// once its value is known to be kept: a scalar on the way to a kept path is not.
class FilteringHandler {
 public:
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

  FilteringHandler(const Filter& filter, std::size_t max_values)
      : keeps_(filter.keeps()), max_values_(max_values), next_(judge_root(filter)) {}

  void use(boost::json::storage_ptr storage) { stack_.reset(std::move(storage)); }
  boost::json::value take() { return stack_.release(); }
  [[nodiscard]] bool too_many() const { return too_many_; }

  bool on_document_begin(boost::json::error_code&) { return true; }
  bool on_document_end(boost::json::error_code&) { return true; }
  bool on_object_begin(boost::json::error_code&) { return open(false); }
  bool on_object_end(std::size_t, boost::json::error_code&) { return close(); }
  bool on_array_begin(boost::json::error_code&) { return open(true); }
  bool on_array_end(std::size_t, boost::json::error_code&) { return close(); }

  bool on_key_part(boost::json::string_view part, std::size_t, boost::json::error_code&) {
    if (dropping_ == 0) partial_key_.append(part.data(), part.size());
    return true;
  }
  bool on_key(boost::json::string_view part, std::size_t, boost::json::error_code&) {
    if (dropping_ > 0) return true;
    partial_key_.append(part.data(), part.size());
    key_.swap(partial_key_);
    partial_key_.clear();
    const Frame& frame = frames_.back();
    next_ = frame.verdict.what == Verdict::What::kLookInside ? judge(frame.verdict.node->find(key_))
                                                             : frame.verdict;
    return true;
  }

  bool on_string_part(boost::json::string_view part, std::size_t, boost::json::error_code&) {
    if (begin_scalar()) stack_.push_chars(part);
    return true;
  }
  bool on_string(boost::json::string_view part, std::size_t, boost::json::error_code&) {
    if (begin_scalar()) stack_.push_string(part);
    end_scalar();
    return true;
  }
  bool on_number_part(boost::json::string_view, boost::json::error_code&) { return true; }
  bool on_int64(std::int64_t number, boost::json::string_view, boost::json::error_code&) {
    if (begin_scalar()) stack_.push_int64(number);
    end_scalar();
    return true;
  }
  bool on_uint64(std::uint64_t number, boost::json::string_view, boost::json::error_code&) {
    if (begin_scalar()) stack_.push_uint64(number);
    end_scalar();
    return true;
  }
  // The parser's own arithmetic may be off in the last place: the same text must become the same
  // double as everywhere else. `text` is all of the number, since the document is in one piece.
  bool on_double(double number, boost::json::string_view text, boost::json::error_code& error) {
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem == std::errc::result_out_of_range && !std::isfinite(number)) {
      error = boost::json::error::exponent_overflow;
      return false;
    }
    if (begin_scalar()) stack_.push_double(number);
    end_scalar();
    return true;
  }
  bool on_bool(bool value, boost::json::error_code&) {
    if (begin_scalar()) stack_.push_bool(value);
    end_scalar();
    return true;
  }
  bool on_null(boost::json::error_code&) {
    if (begin_scalar()) stack_.push_null();
    end_scalar();
    return true;
  }
  bool on_comment_part(boost::json::string_view, boost::json::error_code&) { return true; }
  bool on_comment(boost::json::string_view, boost::json::error_code&) { return true; }

 private:
  struct Frame {
    bool array;
    Verdict verdict;
    std::size_t kept = 0;  // members pushed so far
  };

  static Verdict judge_root(const Filter& filter) {
    if (filter.root() == nullptr || (filter.root()->end && filter.keeps())) return {};
    return {.what = Verdict::What::kLookInside, .node = filter.root()};
  }

  Verdict judge(const Filter::Node* node) const {
    using enum Verdict::What;
    if (node == nullptr) return {.what = keeps_ ? kDrop : kKeep};
    if (node->end) return {.what = keeps_ ? kKeep : kDrop};
    return {.what = kLookInside, .node = node};
  }

  // The verdict on the value that comes next. Array elements have no key to be judged by.
  Verdict verdict_of_next() const {
    if (frames_.empty() || !frames_.back().array) return next_;
    const Verdict& list = frames_.back().verdict;
    return list.what == Verdict::What::kLookInside ? judge(list.node->any.get()) : list;
  }

  // False when there are too many: what follows is read to its end, but takes no memory.
  bool count_one() {
    too_many_ = too_many_ || ++values_ > max_values_;
    return !too_many_;
  }

  void push_key() {
    if (frames_.empty()) return;
    if (!frames_.back().array) stack_.push_key(key_);
    ++frames_.back().kept;
  }

  bool open(bool array) {
    const Verdict verdict = verdict_of_next();
    if (dropping_ > 0 || verdict.what == Verdict::What::kDrop || !count_one()) {
      ++dropping_;
      return true;
    }
    push_key();
    frames_.push_back({.array = array, .verdict = verdict});
    return true;
  }

  bool close() {
    if (dropping_ > 0) {
      --dropping_;
      return true;
    }
    const Frame frame = frames_.back();
    frames_.pop_back();
    if (frame.array) {
      stack_.push_array(frame.kept);
    } else {
      stack_.push_object(frame.kept);
    }
    return true;
  }

  // True where the scalar is kept. Called for each part of a string; the key goes before the first.
  bool begin_scalar() {
    if (dropping_ > 0) return false;
    if (in_scalar_) return scalar_kept_;
    in_scalar_ = true;
    const Verdict verdict = verdict_of_next();
    scalar_kept_ = verdict.what == Verdict::What::kKeep ||
                   (verdict.what == Verdict::What::kLookInside && (!keeps_ || frames_.empty()));
    scalar_kept_ = scalar_kept_ && count_one();
    if (scalar_kept_) push_key();
    return scalar_kept_;
  }
  void end_scalar() { in_scalar_ = false; }

  bool keeps_;
  std::size_t max_values_;
  Verdict next_;
  boost::json::value_stack stack_;
  std::vector<Frame> frames_;
  std::string key_;
  std::string partial_key_;
  std::size_t values_ = 0;  // kept so far
  bool too_many_ = false;
  std::size_t dropping_ = 0;  // open containers that are being dropped
  bool in_scalar_ = false;
  bool scalar_kept_ = false;
};

}  // namespace

base::Result<boost::json::value> parse(std::string_view text, const Filter& filter,
                                       boost::json::storage_ptr storage, std::size_t max_values) {
  boost::json::parse_options options;
  options.max_depth = kMaxDepth;
  boost::json::basic_parser<FilteringHandler> parser(options, filter, max_values);
  parser.handler().use(std::move(storage));
  boost::json::error_code error;
  const std::size_t parsed = parser.write_some(false, text.data(), text.size(), error);
  if (!error && parsed < text.size()) error = boost::json::error::extra_data;
  if (error) {
    return base::fail(base::Reason::kProtocol,
                      fmt::format("not JSON at byte {}: {}", parsed, error.message()));
  }
  if (parser.handler().too_many()) {
    return base::fail(base::Reason::kTooLarge,
                      fmt::format("the document has more than {} values", max_values));
  }
  return parser.handler().take();
}

}  // namespace json
