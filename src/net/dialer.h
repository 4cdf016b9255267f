#pragma once
// New connections: name resolution, TCP, proxy, TLS.

#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "net/client.h"
#include "net/operation.h"

namespace net {

// Makes connections to one server. Io thread only, except for the constructor.
class Dialer {
 public:
  // The context may be null where options.tls is false.
  Dialer(Loop& loop, ClientOptions options, std::shared_ptr<TlsContext> tls,
         std::shared_ptr<ClientCounters> counters);

  // The operation holds the connection from the first byte on, so that its end ends the dialling;
  // it is ended with kTimeout when connect_timeout passes.
  boost::asio::awaitable<base::Result<std::shared_ptr<Connection>>> dial(
      std::shared_ptr<Operation> operation);

  // For connections dialled from now on.
  void replace_tls(std::shared_ptr<TlsContext> tls) { tls_ = std::move(tls); }

 private:
  using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;
  using Connected = base::Result<std::shared_ptr<Connection>>;
  boost::asio::awaitable<base::Result<Endpoints>> resolve();
  boost::asio::awaitable<Connected> connect_any(std::shared_ptr<Operation> operation,
                                                Endpoints endpoints,
                                                base::Clock::time_point deadline);
  boost::asio::awaitable<base::Result<void>> open_tunnel(std::shared_ptr<Connection> connection);
  [[nodiscard]] std::string first_hop() const;

  Loop& loop_;
  const ClientOptions options_;
  std::shared_ptr<TlsContext> tls_;
  std::shared_ptr<ClientCounters> counters_;
};

}  // namespace net
