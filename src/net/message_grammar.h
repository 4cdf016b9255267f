#pragma once
// What the readers of requests and of responses have in common, on top of Beast's parser.

#include <limits>
#include <optional>
#include <vector>

#include <boost/asio/error.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <fmt/format.h>

#include "base/error.h"
#include "net/http.h"

namespace net {

template <bool is_request>
class MessageGrammar : public boost::beast::http::basic_parser<is_request> {
 protected:
  using ErrorCode = boost::beast::error_code;
  using Text = boost::beast::string_view;
  using Parser = boost::beast::http::basic_parser<is_request>;

 public:
  explicit MessageGrammar(std::size_t max_header_bytes) : max_header_bytes_(max_header_bytes) {
    this->eager(true);
    this->header_limit(static_cast<std::uint32_t>(max_header_bytes));
    // Decoded bytes are what counts, and they are counted where they appear.
    this->body_limit(boost::none);
  }

  base::Result<std::size_t> feed(std::string_view bytes) {
    ErrorCode error;
    const std::size_t taken =
        this->put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
    if (refusal_) return std::unexpected(*std::move(refusal_));
    if (!error || error == boost::beast::http::error::need_more) return taken;
    if (error == boost::beast::http::error::header_limit)
      return std::unexpected(header_too_large());
    return base::fail(base::Reason::kProtocol, fmt::format("not valid HTTP: {}", error.message()));
  }

  base::Result<void> feed_eof() {
    ErrorCode error = boost::beast::http::error::partial_message;
    if (this->got_some()) this->put_eof(error);
    if (refusal_) return std::unexpected(*std::move(refusal_));
    if (!error) return {};
    return base::fail(base::Reason::kConnection,
                      "the connection was closed in the middle of a message");
  }

 protected:
  // Makes feed() fail with an error of ours.
  void refuse(base::Error why, ErrorCode& error) {
    refusal_ = std::move(why);
    error = boost::asio::error::operation_aborted;
  }

  std::vector<Header> headers_;

 private:
  base::Error header_too_large() const {
    return {.reason = base::Reason::kTooLarge,
            .message = fmt::format("the headers exceed {} bytes", max_header_bytes_)};
  }

  void on_field_impl(boost::beast::http::field, Text name, Text value, ErrorCode& error) override {
    // Trailers say nothing that is used here.
    if (header_complete_) return;
    // Beast's own limit is one of what lies in the buffer, which a slow sender stays below.
    header_bytes_ += name.size() + value.size();
    if (header_bytes_ > max_header_bytes_) return refuse(header_too_large(), error);
    headers_.push_back({.name = std::string(name), .value = std::string(value)});
  }

  void on_header_impl(ErrorCode& error) override {
    header_complete_ = true;
    on_headers(error);
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode&) override {}

  std::size_t on_body_impl(Text bytes, ErrorCode& error) override {
    on_bytes({bytes.data(), bytes.size()}, error);
    return bytes.size();
  }

  void on_chunk_header_impl(std::uint64_t, Text, ErrorCode&) override {}

  std::size_t on_chunk_body_impl(std::uint64_t, Text bytes, ErrorCode& error) override {
    return on_body_impl(bytes, error);
  }

  void on_finish_impl(ErrorCode& error) override { on_end(error); }

  virtual void on_headers(ErrorCode& error) = 0;
  virtual void on_bytes(std::string_view bytes, ErrorCode& error) = 0;
  virtual void on_end(ErrorCode& error) = 0;

  std::size_t max_header_bytes_;
  std::size_t header_bytes_ = 0;
  bool header_complete_ = false;
  std::optional<base::Error> refusal_;
};

}  // namespace net
