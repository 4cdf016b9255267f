#include "net/server.h"

#include <charconv>

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "base/mutex.h"
#include "net/loop_impl.h"
#include "net/server_session.h"
#include "net/spawn.h"

namespace net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// After a failed accept (no free descriptor, mostly): something has to be closed first.
constexpr std::chrono::milliseconds kAcceptPause{100};
// Of a full server that may give nobody up yet: then room comes by an answer, in milliseconds, or
// by SessionTable::kPatience.
constexpr std::chrono::milliseconds kRoomPause{5};

base::Result<tcp::endpoint> parse_bind_address(const std::string& text) {
  const auto refuse = [&] {
    return base::fail(base::Reason::kBadInput, fmt::format("'{}' is not host:port", text));
  };
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return refuse();
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [rest, bad] = std::from_chars(text.data() + colon + 1, end, port);
  if (bad != std::errc{} || rest != end) return refuse();
  std::string host = text.substr(0, colon);
  if (host.empty()) return tcp::endpoint(tcp::v6(), port);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  error_code error;
  const auto address = asio::ip::make_address(host, error);
  if (error) return refuse();
  return tcp::endpoint(address, port);
}

// "::" also takes IPv4; a host without IPv6 listens on "0.0.0.0" instead.
error_code open(tcp::acceptor& acceptor, tcp::endpoint endpoint) {
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (error && endpoint == tcp::endpoint(tcp::v6(), endpoint.port())) {
    endpoint = tcp::endpoint(tcp::v4(), endpoint.port());
    acceptor.open(endpoint.protocol(), error);
  }
  if (error) return error;
  error_code ignored;
  acceptor.set_option(asio::socket_base::reuse_address(true), ignored);
  if (endpoint.address().is_v6()) acceptor.set_option(asio::ip::v6_only(false), ignored);
  acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  return error;
}

}  // namespace

bool listen_disabled(std::string_view bind_address) {
  return bind_address.empty() || bind_address == "0";
}

// The half of a server that lives on the io thread; it outlives the Server until its coroutines
// have ended.
class Server::Impl : public std::enable_shared_from_this<Server::Impl> {
 public:
  Impl(Loop& owner, ServerOptions options, Handler handler, std::shared_ptr<TlsContext> tls)
      : loop(owner),
        context_(std::make_shared<ServerContext>(owner, std::move(options), std::move(handler))),
        tls_(std::move(tls)),
        acceptor_(owner.impl().context) {}

  base::Result<void> listen();
  void start();
  void replace_tls(std::shared_ptr<TlsContext> tls) { tls_ = std::move(tls); }
  // Of the calling thread, not of the io thread.
  void stop(std::chrono::milliseconds grace);
  [[nodiscard]] std::uint16_t port() const { return port_; }

  Loop& loop;

 private:
  asio::awaitable<void> accept();
  // Until there is room for one more connection.
  asio::awaitable<void> make_room();
  asio::awaitable<void> serve(std::shared_ptr<ServerSession> session);
  void stop_accepting();
  void cut();
  void set_open(std::size_t count);
  void wait_until_closed(base::Clock::time_point deadline);

  const std::shared_ptr<ServerContext> context_;
  std::shared_ptr<TlsContext> tls_;
  tcp::acceptor acceptor_;
  std::uint16_t port_ = 0;
  std::uint64_t stop_hook_ = 0;
  base::Mutex mutex_;
  base::CondVar changed_;
  // The number of sessions, for the thread that stops the server.
  std::size_t open_ CAPP_GUARDED_BY(mutex_) = 0;
};

base::Result<void> Server::Impl::listen() {
  const std::string& address = context_->options.bind_address;
  const auto endpoint = parse_bind_address(address);
  if (!endpoint) return std::unexpected(endpoint.error());
  if (const error_code error = open(acceptor_, *endpoint)) {
    return base::fail(base::Reason::kConnection,
                      fmt::format("cannot listen on {}: {}", address, error.message()));
  }
  port_ = acceptor_.local_endpoint().port();
  return {};
}

void Server::Impl::start() {
  stop_hook_ = loop.impl().on_stop([weak = weak_from_this()] {
    if (const auto alive = weak.lock()) alive->cut();
  });
  spawn(loop.impl().context, accept());
}

asio::awaitable<void> Server::Impl::accept() {
  const auto self = shared_from_this();
  while (acceptor_.is_open()) {
    error_code error;
    tcp::socket socket =
        co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
    if (error == asio::error::operation_aborted) break;
    if (error) {
      asio::steady_timer pause(loop.impl().context, kAcceptPause);
      co_await pause.async_wait(asio::use_awaitable);
      continue;
    }
    co_await make_room();
    if (!acceptor_.is_open()) break;
    const auto session = std::make_shared<ServerSession>(context_, std::move(socket));
    context_->sessions.add(session);
    set_open(context_->sessions.size());
    spawn(loop.impl().context, serve(session));
  }
}

asio::awaitable<void> Server::Impl::make_room() {
  asio::steady_timer pause(loop.impl().context);
  while (context_->sessions.full() && acceptor_.is_open()) {
    if (context_->sessions.give_one_up(base::Clock::now())) continue;
    pause.expires_after(kRoomPause);
    co_await pause.async_wait(asio::use_awaitable);
  }
}

asio::awaitable<void> Server::Impl::serve(std::shared_ptr<ServerSession> session) {
  const auto self = shared_from_this();
  co_await session->run(tls_);
  context_->sessions.remove(session);
  set_open(context_->sessions.size());
}

void Server::Impl::set_open(std::size_t count) {
  const base::MutexLock lock(mutex_);
  open_ = count;
  changed_.notify_all();
}

void Server::Impl::stop_accepting() {
  error_code ignored;
  acceptor_.close(ignored);
  context_->sessions.drain();
}

void Server::Impl::cut() {
  stop_accepting();
  loop.impl().forget(stop_hook_);
  context_->sessions.cut();
}

void Server::Impl::wait_until_closed(base::Clock::time_point deadline) {
  const base::MutexLock lock(mutex_);
  while (open_ > 0 && changed_.wait_until(mutex_, deadline) == std::cv_status::no_timeout) continue;
}

void Server::Impl::stop(std::chrono::milliseconds grace) {
  const auto deadline = base::Clock::now() + grace;
  const auto self = shared_from_this();
  // Where the loop was stopped before, it has cut everything already.
  if (loop.impl().run_and_wait([self] { self->stop_accepting(); })) {
    wait_until_closed(deadline);
    loop.impl().run_and_wait([self] { self->cut(); });
  }
  context_->workers.join();
}

base::Result<std::unique_ptr<Server>> Server::create(Loop& loop, ServerOptions options,
                                                     Handler handler) {
  std::shared_ptr<TlsContext> tls;
  if (options.tls) {
    auto context = TlsContext::for_server(*options.tls);
    if (!context) return std::unexpected(context.error());
    tls = *std::move(context);
  }
  auto impl = std::make_shared<Impl>(loop, std::move(options), std::move(handler), std::move(tls));
  if (auto listening = impl->listen(); !listening) return std::unexpected(listening.error());
  loop.post([impl] { impl->start(); });
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() {
  stop(std::chrono::milliseconds(0));
}
std::uint16_t Server::port() const {
  return impl_->port();
}
void Server::stop(std::chrono::milliseconds grace) {
  impl_->stop(grace);
}

base::Result<void> Server::replace_tls(const TlsOptions& options) {
  auto context = TlsContext::for_server(options);
  if (!context) return std::unexpected(context.error());
  impl_->loop.post([impl = impl_, tls = *std::move(context)] { impl->replace_tls(tls); });
  return {};
}

}  // namespace net
