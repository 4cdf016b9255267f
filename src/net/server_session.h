#pragma once
// One connection to the server, from its acceptance to its end.

#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

#include "net/exchange_io.h"
#include "net/server.h"
#include "net/session_table.h"

namespace net {

// What the sessions of one server share.
struct ServerContext {
  ServerContext(Loop& owner, ServerOptions given, Server::Handler answer)
      : loop(owner),
        options(std::move(given)),
        handler(std::move(answer)),
        sessions({.max_connections = options.max_connections,
                  .max_large_requests = options.max_large_requests}),
        workers(options.threads),
        large_requests(workers.get_executor()) {}

  Loop& loop;
  const ServerOptions options;
  const Server::Handler handler;
  SessionTable sessions;
  boost::asio::thread_pool workers;
  // One after the other: what a handler makes of such a body is larger still.
  boost::asio::strand<boost::asio::thread_pool::executor_type> large_requests;
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

  // What is waited for.
  enum class Stage {
    kArriving,   // the peer: the TLS handshake, the first request, the rest of one that has begun
    kIdle,       // the peer: another request, which need not come
    kAnswering,  // the handler
  };
  [[nodiscard]] Stage stage() const { return stage_; }
  [[nodiscard]] base::Clock::time_point stage_since() const { return stage_since_; }
  // It holds a request with a large body.
  [[nodiscard]] bool large() const { return large_; }

 private:
  enum class Next { kAnotherRequest, kClose };
  boost::asio::awaitable<bool> wait_for_request();
  boost::asio::awaitable<Next> serve_one();
  boost::asio::awaitable<Next> reject(base::Error error);
  boost::asio::awaitable<bool> write(Response response, KeepAlive keep_alive);
  boost::asio::awaitable<void> discard_input();
  void enter(Stage stage);
  bool admit_large();
  // Gives the connection up after that time, unless the Timer goes before.
  [[nodiscard]] Timer limit(std::chrono::milliseconds time, std::string last_words = {});

  std::shared_ptr<ServerContext> context_;
  Connection connection_;
  Stage stage_ = Stage::kArriving;
  base::Clock::time_point stage_since_ = base::Clock::now();
  bool large_ = false;
  bool between_requests_ = true;
  bool draining_ = false;
};

}  // namespace net
