#pragma once
// One connection to the server, from its acceptance to its end.

#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>

#include "net/exchange_io.h"
#include "net/server.h"

namespace net {

// What the sessions of one server share.
struct ServerContext {
  ServerContext(Loop& owner, ServerOptions given, Server::Handler answer)
      : loop(owner),
        options(std::move(given)),
        handler(std::move(answer)),
        workers(options.threads) {}

  Loop& loop;
  const ServerOptions options;
  const Server::Handler handler;
  boost::asio::thread_pool workers;
};

// Io thread only.
class ServerSession : public std::enable_shared_from_this<ServerSession> {
 public:
  ServerSession(std::shared_ptr<ServerContext> context, boost::asio::ip::tcp::socket socket)
      : context_(std::move(context)), connection_(std::move(socket)) {}

  // Returns when the connection is over. Plain HTTP when tls is null.
  boost::asio::awaitable<void> run(std::shared_ptr<TlsContext> tls);
  // Ends after the request that is being worked on; at once if there is none.
  void drain();
  void cut() { connection_.transport.abort(); }

 private:
  enum class Next { kAnotherRequest, kClose };
  boost::asio::awaitable<bool> wait_for_request();
  boost::asio::awaitable<Next> serve_one();
  boost::asio::awaitable<Next> reject(base::Error error);
  boost::asio::awaitable<bool> write(Response response, KeepAlive keep_alive);
  boost::asio::awaitable<void> discard_input();
  // Gives the connection up after that time, unless the Timer goes before.
  [[nodiscard]] Timer limit(std::chrono::milliseconds time, std::string last_words = {});

  std::shared_ptr<ServerContext> context_;
  Connection connection_;
  bool between_requests_ = true;
  bool draining_ = false;
};

}  // namespace net
