#pragma once
// HTTP/1.1 messages out of bytes, without any I/O: what the client, the server and the fuzzers
// feed. Beast's parser does the grammar; limits, decoding and informational answers are added here.

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "base/error.h"
#include "net/client.h"
#include "net/http.h"

namespace net {

// Reads one message. A new one is needed for each.
class MessageReader {
 public:
  virtual ~MessageReader() = default;
  // Takes the beginning of `bytes` and says how much of it. 0: more is needed to go on; the caller
  // presents the same bytes again with others behind them. kTooLarge, kProtocol, or the sink's
  // error; then, or once done(), it must not be called again.
  virtual base::Result<std::size_t> put(std::string_view bytes) = 0;
  // The peer will send no more. kConnection when the message is not complete.
  virtual base::Result<void> put_eof() = 0;
  [[nodiscard]] virtual bool done() const = 0;
  // Whether the connection may carry another message; once done().
  [[nodiscard]] virtual bool keep_alive() const = 0;
};

// Where a response goes.
class ResponseSink {
 public:
  virtual ~ResponseSink() = default;
  // Once, with an empty body.
  virtual base::Result<void> on_head(Response head) = 0;
  // Decoded bytes, any number of times.
  virtual base::Result<void> on_body(std::string_view bytes) = 0;
};

struct ResponseRules {
  std::size_t max_header_bytes = Limits{}.header_bytes;
  // Of decoded bytes; 0: no limit.
  std::size_t max_body_bytes = Limits{}.body_bytes;
  // The answer to a CONNECT: what follows its head belongs to the tunnel.
  bool head_only = false;
};

// 1xx answers are skipped, trailers dropped, gzip is decoded.
class ResponseReader final : public MessageReader {
 public:
  // The sink outlives the reader.
  ResponseReader(ResponseRules rules, ResponseSink& sink);
  ~ResponseReader() override;

  base::Result<std::size_t> put(std::string_view bytes) override;
  base::Result<void> put_eof() override;
  [[nodiscard]] bool done() const override;
  [[nodiscard]] bool keep_alive() const override;
  // True from the first byte on: the server has begun to answer.
  [[nodiscard]] bool started() const { return started_; }

 private:
  class Parser;
  ResponseRules rules_;
  ResponseSink& sink_;
  std::unique_ptr<Parser> parser_;
  bool started_ = false;
};

// A response collected as a value.
class ResponseCollector final : public ResponseSink {
 public:
  base::Result<void> on_head(Response head) override;
  base::Result<void> on_body(std::string_view bytes) override;
  [[nodiscard]] Response take() { return std::move(response_); }

 private:
  Response response_;
};

struct RequestRules {
  std::size_t max_header_bytes;
  std::size_t max_body_bytes;
  // Asked once, before the body becomes larger than large_body_bytes; false refuses it.
  std::size_t large_body_bytes;
  std::function<bool()> admit_large;
};

// kMethodNotAllowed for a method that is none of Method's, kUnavailable for a large body that was
// not admitted.
class RequestReader final : public MessageReader {
 public:
  explicit RequestReader(RequestRules rules);
  ~RequestReader() override;

  base::Result<std::size_t> put(std::string_view bytes) override;
  base::Result<void> put_eof() override;
  [[nodiscard]] bool done() const override;
  [[nodiscard]] bool keep_alive() const override;
  // Once done().
  [[nodiscard]] Request take();

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace net
