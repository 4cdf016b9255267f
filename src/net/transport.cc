#include "net/transport.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// A dead peer is noticed after 30 s of silence and three probes, each 30 s apart; bytes that are
// not acknowledged end the connection after 30 s. Long watches depend on it (R10).
constexpr int kKeepAliveIdleSeconds = 30;
constexpr int kKeepAliveIntervalSeconds = 30;
constexpr int kKeepAliveProbes = 3;
constexpr int kUserTimeoutMilliseconds = 30'000;

// Then the other coroutines get their turn: a fast stream must not hold the io thread.
constexpr int kReadsInARow = 16;

base::Error connection_error(const error_code& error) {
  return {.reason = base::Reason::kConnection, .message = error.message()};
}

std::unexpected<base::Error> cancelled() {
  return base::fail(base::Reason::kCancelled, "the connection was given up");
}

Attempt attempt_of(const error_code& error, std::size_t bytes, Attempt::Outcome wanted) {
  if (!error) return {.outcome = Attempt::Outcome::kDone, .bytes = bytes};
  if (error == asio::error::would_block) return {.outcome = wanted};
  if (error == asio::error::eof) return {.outcome = Attempt::Outcome::kEndOfStream};
  return {.outcome = Attempt::Outcome::kFailed, .error = connection_error(error)};
}

}  // namespace

Transport::Transport(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {
  set_options();
}

void Transport::set_options() {
  error_code ignored;
  socket_.non_blocking(true, ignored);
  // A kernel that refuses one of them only makes the connection a little worse.
  const auto set = [fd = socket_.native_handle()](int level, int name, int value) {
    ::setsockopt(fd, level, name, &value, sizeof value);
  };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, kKeepAliveIdleSeconds);
  set(IPPROTO_TCP, TCP_KEEPINTVL, kKeepAliveIntervalSeconds);
  set(IPPROTO_TCP, TCP_KEEPCNT, kKeepAliveProbes);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, kUserTimeoutMilliseconds);
}

asio::awaitable<base::Result<void>> Transport::connect(asio::ip::tcp::endpoint endpoint) {
  error_code error;
  if (aborted_) co_return cancelled();
  co_await socket_.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
  if (aborted_) co_return cancelled();
  if (error) co_return std::unexpected(connection_error(error));
  set_options();
  co_return base::Result<void>();
}

asio::awaitable<base::Result<void>> Transport::start_tls_client(std::shared_ptr<TlsContext> context,
                                                                std::string host) {
  auto session = TlsSession::client(context, socket_.native_handle(), host);
  if (!session) co_return std::unexpected(session.error());
  tls_ = std::move(*session);
  co_return co_await handshake();
}

asio::awaitable<base::Result<void>> Transport::start_tls_server(
    std::shared_ptr<TlsContext> context) {
  auto session = TlsSession::server(context, socket_.native_handle());
  if (!session) co_return std::unexpected(session.error());
  tls_ = std::move(*session);
  co_return co_await handshake();
}

asio::awaitable<base::Result<void>> Transport::handshake() {
  while (!aborted_) {
    Attempt attempt = tls_->handshake();
    if (attempt.outcome == Outcome::kDone) co_return base::Result<void>();
    if (attempt.outcome == Outcome::kFailed) co_return std::unexpected(std::move(attempt.error));
    if (attempt.outcome == Outcome::kEndOfStream) break;
    if (auto ready = co_await wait_for(attempt.outcome); !ready) co_return ready;
  }
  if (aborted_) co_return cancelled();
  co_return base::fail(base::Reason::kConnection,
                       "the connection was closed during the TLS handshake");
}

asio::awaitable<base::Result<void>> Transport::wait_for(Outcome wanted) {
  const auto direction =
      wanted == Outcome::kWantsRead ? asio::socket_base::wait_read : asio::socket_base::wait_write;
  error_code error;
  reads_in_a_row_ = 0;
  co_await socket_.async_wait(direction, asio::redirect_error(asio::use_awaitable, error));
  if (aborted_) co_return cancelled();
  if (error) co_return std::unexpected(connection_error(error));
  co_return base::Result<void>();
}

Attempt Transport::try_read(std::span<char> into) {
  if (tls_) return tls_->read(into);
  error_code error;
  const std::size_t bytes = socket_.read_some(asio::buffer(into.data(), into.size()), error);
  return attempt_of(error, bytes, Outcome::kWantsRead);
}

Attempt Transport::try_write(std::string_view bytes) {
  if (tls_) return tls_->write(bytes);
  error_code error;
  const std::size_t written = socket_.write_some(asio::buffer(bytes.data(), bytes.size()), error);
  return attempt_of(error, written, Outcome::kWantsWrite);
}

asio::awaitable<base::Result<std::size_t>> Transport::read_some(std::span<char> into) {
  if (++reads_in_a_row_ > kReadsInARow) {
    reads_in_a_row_ = 0;
    co_await asio::post(socket_.get_executor(), asio::use_awaitable);
  }
  while (!aborted_) {
    Attempt attempt = try_read(into);
    if (attempt.outcome == Outcome::kFailed) co_return std::unexpected(std::move(attempt.error));
    if (attempt.outcome == Outcome::kEndOfStream) co_return std::size_t{0};
    if (attempt.outcome == Outcome::kDone) {
      last_read_ = base::Clock::now();
      co_return attempt.bytes;
    }
    if (auto ready = co_await wait_for(attempt.outcome); !ready)
      co_return std::unexpected(ready.error());
  }
  co_return cancelled();
}

asio::awaitable<base::Result<void>> Transport::write(std::string_view bytes) {
  while (!bytes.empty()) {
    if (aborted_) co_return cancelled();
    Attempt attempt = try_write(bytes);
    switch (attempt.outcome) {
      case Outcome::kDone:
        written_ = true;
        bytes.remove_prefix(attempt.bytes);
        break;
      case Outcome::kFailed:
        co_return std::unexpected(std::move(attempt.error));
      case Outcome::kEndOfStream:
        co_return base::fail(base::Reason::kConnection, "the peer has closed");
      case Outcome::kWantsRead:
      case Outcome::kWantsWrite:
        // TLS may have sent records of it already.
        written_ = true;
        if (auto ready = co_await wait_for(attempt.outcome); !ready) co_return ready;
        break;
    }
  }
  co_return base::Result<void>();
}

bool Transport::quiet() {
  if (aborted_) return false;
  if (tls_) return tls_->peek().outcome == Outcome::kWantsRead;
  char byte = 0;
  return ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
         (errno == EAGAIN || errno == EWOULDBLOCK);
}

void Transport::finish_writing() {
  error_code ignored;
  if (tls_) tls_->close_notify();
  socket_.shutdown(asio::socket_base::shutdown_send, ignored);
}

void Transport::abort(std::string_view last_words) {
  if (std::exchange(aborted_, true) || !socket_.is_open()) return;
  if (!last_words.empty()) try_write(last_words);
  if (tls_) tls_->close_notify();
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace net
