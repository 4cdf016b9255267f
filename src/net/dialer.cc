#include "net/dialer.h"

#include <algorithm>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <openssl/evp.h>

#include "net/loop_impl.h"
#include "net/url.h"

namespace net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

std::unexpected<base::Error> given_up() {
  return base::fail(base::Reason::kCancelled, "the connection was given up");
}

std::string base64(const std::string& text) {
  std::string encoded(4 * ((text.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  encoded.resize(static_cast<std::size_t>(size));
  return encoded;
}

std::string connect_request(const std::string& target, const ProxyOptions& proxy) {
  std::string wire = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n", target);
  if (!proxy.username.empty()) {
    wire += fmt::format("Proxy-Authorization: Basic {}\r\n",
                        base64(proxy.username + ":" + proxy.password));
  }
  return wire + "\r\n";
}

}  // namespace

Dialer::Dialer(Loop& loop, ClientOptions options, std::shared_ptr<TlsContext> tls,
               std::shared_ptr<ClientCounters> counters)
    : loop_(loop),
      options_(std::move(options)),
      tls_(std::move(tls)),
      counters_(std::move(counters)) {}

std::string Dialer::first_hop() const {
  return options_.proxy
             ? fmt::format("proxy {}", authority(options_.proxy->host, options_.proxy->port))
             : authority(options_.host, options_.port);
}

asio::awaitable<Dialer::Connected> Dialer::dial(std::shared_ptr<Operation> operation) {
  const auto deadline = base::Clock::now() + options_.connect_timeout;
  const Timer watchdog = loop_.schedule(deadline, [operation, this] {
    operation->end(base::fail(base::Reason::kTimeout,
                              fmt::format("no connection to {} within {} ms", first_hop(),
                                          options_.connect_timeout.count())));
  });
  auto endpoints = co_await resolve();
  if (operation->ended()) co_return given_up();
  if (!endpoints) co_return std::unexpected(endpoints.error());
  auto connected = co_await connect_any(operation, *std::move(endpoints), deadline);
  if (!connected) co_return connected;
  const auto connection = *connected;
  if (options_.proxy) {
    auto opened = co_await open_tunnel(connection);
    if (!opened) co_return std::unexpected(opened.error());
  }
  if (options_.tls) {
    auto secured = co_await connection->transport.start_tls_client(tls_, options_.host);
    if (!secured) co_return std::unexpected(secured.error());
    ++counters_->tls_handshakes;
  }
  co_return connection;
}

asio::awaitable<base::Result<Dialer::Endpoints>> Dialer::resolve() {
  const std::string& host = options_.proxy ? options_.proxy->host : options_.host;
  const std::uint16_t port = options_.proxy ? options_.proxy->port : options_.port;
  error_code error;
  if (const auto address = asio::ip::make_address(host, error); !error) {
    co_return Endpoints{tcp::endpoint(address, port)};
  }
  tcp::resolver resolver(loop_.impl().context);
  const auto found = co_await resolver.async_resolve(
      host, std::to_string(port), asio::redirect_error(asio::use_awaitable, error));
  if (error) {
    co_return base::fail(base::Reason::kConnection,
                         fmt::format("cannot resolve {}: {}", host, error.message()));
  }
  Endpoints endpoints;
  for (const auto& entry : found) endpoints.push_back(entry.endpoint());
  co_return endpoints;
}

asio::awaitable<Dialer::Connected> Dialer::connect_any(std::shared_ptr<Operation> operation,
                                                       Endpoints endpoints,
                                                       base::Clock::time_point deadline) {
  base::Error last{.reason = base::Reason::kConnection, .message = "the name has no address"};
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    const auto connection = std::make_shared<Connection>(loop_.impl().context);
    operation->use(connection);
    // One address that swallows packets must not use up the time of those behind it.
    const auto now = base::Clock::now();
    const auto share = (deadline - now) / static_cast<int>(endpoints.size() - i);
    const Timer watchdog =
        loop_.schedule(now + share, [connection] { connection->transport.abort(); });
    auto connected = co_await connection->transport.connect(endpoints[i]);
    if (operation->ended()) co_return given_up();
    if (connected) {
      ++counters_->connections_created;
      connection->tally.emplace(counters_, &ClientCounters::open);
      co_return connection;
    }
    last = std::move(connected).error();
  }
  last.message = fmt::format("cannot connect to {}: {}", first_hop(), last.message);
  // The time-out of one address, not a wish of the caller.
  if (last.reason == base::Reason::kCancelled) last.reason = base::Reason::kTimeout;
  co_return std::unexpected(std::move(last));
}

asio::awaitable<base::Result<void>> Dialer::open_tunnel(std::shared_ptr<Connection> connection) {
  const std::string wire =
      connect_request(authority(options_.host, options_.port), *options_.proxy);
  auto written = co_await connection->transport.write(wire);
  if (!written) co_return written;
  connection->transport.forget_written();
  ResponseCollector collector;
  const ResponseRules rules{.max_header_bytes = options_.limits.header_bytes, .head_only = true};
  ResponseReader reader(rules, collector);
  auto received = co_await receive(*connection, reader, rules.max_header_bytes);
  if (!received) {
    received.error().message = fmt::format("{}: {}", first_hop(), received.error().message);
    co_return received;
  }
  const int status = collector.take().status;
  if (status < 200 || status > 299 || !connection->input.empty()) {
    co_return base::fail(base::Reason::kConnection,
                         fmt::format("{} refuses the tunnel with status {}", first_hop(), status));
  }
  co_return base::Result<void>();
}

}  // namespace net
