#include <optional>

#include "net/inflater.h"
#include "net/message_grammar.h"
#include "net/message_reader.h"

namespace net {
namespace {

constexpr int kSwitchingProtocols = 101;

}  // namespace

class ResponseReader::Parser final : public MessageGrammar<false> {
 public:
  Parser(const ResponseRules& rules, ResponseSink& sink)
      : MessageGrammar(rules.max_header_bytes), rules_(rules), sink_(sink) {
    skip(rules.head_only);
  }

  [[nodiscard]] bool informational() const { return status_ >= 100 && status_ < 200; }

 private:
  void on_request_impl(boost::beast::http::verb, Text, Text, int, ErrorCode&) override {}
  void on_response_impl(int status, Text, int, ErrorCode&) override { status_ = status; }

  void on_headers(ErrorCode& error) override {
    if (status_ == kSwitchingProtocols)
      return refuse_protocol("the server switches protocols", error);
    if (informational()) return;
    const std::string_view encoding = find_header(headers_, "Content-Encoding");
    if (encoding == "gzip") {
      inflater_.emplace();
    } else if (!encoding.empty() && encoding != "identity") {
      return refuse_protocol(fmt::format("unknown content encoding '{}'", encoding), error);
    }
    take(sink_.on_head({.status = status_, .headers = std::move(headers_), .body = {}}), error);
  }

  void on_bytes(std::string_view bytes, ErrorCode& error) override {
    if (!inflater_) return take(deliver(bytes), error);
    take(inflater_->feed(bytes, [this](std::string_view decoded) { return deliver(decoded); }),
         error);
    any_compressed_ = true;
  }

  void on_end(ErrorCode& error) override {
    // An empty body (204, 304) may be labelled gzip too.
    if (inflater_ && any_compressed_ && !inflater_->finished()) {
      refuse_protocol("gzip: the body is cut short", error);
    }
  }

  base::Result<void> deliver(std::string_view bytes) {
    body_bytes_ += bytes.size();
    if (rules_.max_body_bytes != 0 && body_bytes_ > rules_.max_body_bytes) {
      return base::fail(base::Reason::kTooLarge,
                        fmt::format("the body exceeds {} bytes", rules_.max_body_bytes));
    }
    return sink_.on_body(bytes);
  }

  void take(base::Result<void> result, ErrorCode& error) {
    if (!result) refuse(std::move(result).error(), error);
  }

  void refuse_protocol(std::string message, ErrorCode& error) {
    refuse({.reason = base::Reason::kProtocol, .message = std::move(message)}, error);
  }

  const ResponseRules& rules_;
  ResponseSink& sink_;
  int status_ = 0;
  std::optional<Inflater> inflater_;
  bool any_compressed_ = false;
  std::size_t body_bytes_ = 0;
};

ResponseReader::ResponseReader(ResponseRules rules, ResponseSink& sink)
    : rules_(rules), sink_(sink), parser_(std::make_unique<Parser>(rules_, sink_)) {}

ResponseReader::~ResponseReader() = default;

base::Result<std::size_t> ResponseReader::put(std::string_view bytes) {
  started_ = started_ || !bytes.empty();
  auto taken = parser_->feed(bytes);
  if (taken && parser_->is_done() && parser_->informational()) {
    parser_ = std::make_unique<Parser>(rules_, sink_);
  }
  return taken;
}

base::Result<void> ResponseReader::put_eof() {
  return parser_->feed_eof();
}
bool ResponseReader::done() const {
  return parser_->is_done();
}
bool ResponseReader::keep_alive() const {
  return parser_->keep_alive();
}

base::Result<void> ResponseCollector::on_head(Response head) {
  response_ = std::move(head);
  return {};
}

base::Result<void> ResponseCollector::on_body(std::string_view bytes) {
  response_.body.append(bytes);
  return {};
}

}  // namespace net
