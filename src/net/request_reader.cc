#include "net/message_grammar.h"
#include "net/message_reader.h"

namespace net {

class RequestReader::Parser final : public MessageGrammar<true> {
 public:
  explicit Parser(RequestRules rules)
      : MessageGrammar(rules.max_header_bytes), rules_(std::move(rules)) {}

  Request take() { return std::move(request_); }

 private:
  void on_request_impl(boost::beast::http::verb, Text method, Text target, int,
                       ErrorCode& error) override {
    const auto known = net::parse_method({method.data(), method.size()});
    if (!known) {
      return refuse({.reason = base::Reason::kMethodNotAllowed, .message = "method not supported"},
                    error);
    }
    request_.method = *known;
    request_.target = std::string(target);
  }

  void on_response_impl(int, Text, int, ErrorCode&) override {}

  void on_headers(ErrorCode& error) override {
    request_.headers = std::move(headers_);
    // Refused before the sender has gone to the trouble.
    if (content_length().value_or(0) > rules_.max_body_bytes) refuse(too_large(), error);
  }

  void on_bytes(std::string_view bytes, ErrorCode& error) override {
    const std::size_t size = request_.body.size() + bytes.size();
    if (size > rules_.max_body_bytes) return refuse(too_large(), error);
    if (size > rules_.large_body_bytes && !large_) {
      if (!rules_.admit_large()) return refuse(too_many_large(), error);
      large_ = true;
      // In one piece: growing by doubling would take twice that.
      request_.body.reserve(static_cast<std::size_t>(content_length().value_or(0)));
    }
    request_.body.append(bytes);
  }

  void on_end(ErrorCode&) override {}

  base::Error too_large() const {
    return {.reason = base::Reason::kTooLarge,
            .message = fmt::format("the body exceeds {} bytes", rules_.max_body_bytes),
            .http_code = 413};
  }

  base::Error too_many_large() const {
    return {.reason = base::Reason::kUnavailable,
            .message = fmt::format("too many bodies of more than {} bytes at a time",
                                   rules_.large_body_bytes)};
  }

  const RequestRules rules_;
  bool large_ = false;
  Request request_;
};

RequestReader::RequestReader(RequestRules rules)
    : parser_(std::make_unique<Parser>(std::move(rules))) {}
RequestReader::~RequestReader() = default;
base::Result<std::size_t> RequestReader::put(std::string_view bytes) {
  return parser_->feed(bytes);
}
base::Result<void> RequestReader::put_eof() {
  return parser_->feed_eof();
}
bool RequestReader::done() const {
  return parser_->is_done();
}
bool RequestReader::keep_alive() const {
  return parser_->keep_alive();
}
Request RequestReader::take() {
  return parser_->take();
}

}  // namespace net
