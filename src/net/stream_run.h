#pragma once
// A streamed answer under way.

#include <memory>

#include <boost/asio/awaitable.hpp>

#include "net/client.h"
#include "net/dialer.h"
#include "net/operation.h"

namespace net {

// Io thread only, apart from the constructor.
class StreamRun final : public Operation, private ResponseSink {
 public:
  struct Setup {
    Request request;
    StreamOptions options;
    Limits limits;
    std::string host;
  };
  StreamRun(std::string label, Setup setup, std::shared_ptr<Dialer> dialer, StreamHandler& handler);

  void start(Loop& loop, std::shared_ptr<ClientCounters> counters);
  // Ends it; the handler is not called any more.
  void close();

 private:
  boost::asio::awaitable<void> run();
  boost::asio::awaitable<base::Result<Response>> answer();
  base::Result<void> on_head(Response head) override;
  base::Result<void> on_body(std::string_view bytes) override;
  void on_ended(base::Result<Response> result) override;
  void watch_idle();
  base::Result<void> still_wanted() const;

  Setup setup_;
  std::shared_ptr<Dialer> dialer_;
  // Null once the handler has had its last call.
  StreamHandler* handler_;
  Loop* loop_ = nullptr;
  std::shared_ptr<Connection> connection_;
  Response response_;
  std::size_t body_bytes_ = 0;
  Timer timeout_;
  Timer idle_;
  std::optional<Tally> tally_;
};

}  // namespace net
