#include "net/server_session.h"

#include <exception>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace net {
namespace {

namespace asio = boost::asio;

// How long a client that was refused may go on sending before the connection is reset under it.
constexpr std::chrono::seconds kDiscardTime{1};

Response plain(int status, std::string_view text) {
  return {.status = status,
          .headers = {{"Content-Type", "text/plain"}},
          .body = std::string(text) + "\n"};
}

int status_of(base::Reason reason) {
  switch (reason) {
    case base::Reason::kTooLarge:
      return 413;
    case base::Reason::kMethodNotAllowed:
      return 405;
    case base::Reason::kUnavailable:
      return 503;
    default:
      return 400;
  }
}

// On a worker thread.
asio::awaitable<Response> call(const Server::Handler& handler, Request request) {
  try {
    co_return handler(request);
  } catch (const std::exception&) {
    // A probe or an admission request must be answered whatever goes wrong inside.
    co_return plain(500, "internal error");
  }
}

}  // namespace

asio::awaitable<void> ServerSession::run(std::shared_ptr<TlsContext> tls) {
  const auto self = shared_from_this();
  if (tls) {
    const Timer deadline = limit(context_->options.read_timeout);
    const auto secured = co_await connection_.transport.start_tls_server(std::move(tls));
    if (!secured) co_return;
  }
  while (co_await wait_for_request()) {
    if (co_await serve_one() == Next::kClose) break;
  }
  connection_.transport.abort();
}

void ServerSession::enter(Stage stage) {
  stage_ = stage;
  stage_since_ = base::Clock::now();
}

bool ServerSession::admit_large() {
  large_ = context_->sessions.admit_large(*this, base::Clock::now());
  return large_;
}

void ServerSession::drain() {
  draining_ = true;
  if (between_requests_) cut();
}

Timer ServerSession::limit(std::chrono::milliseconds time, std::string last_words) {
  return context_->loop.schedule(base::Clock::now() + time,
                                 [self = shared_from_this(), words = std::move(last_words)] {
                                   self->connection_.transport.abort(words);
                                 });
}

asio::awaitable<bool> ServerSession::wait_for_request() {
  if (!connection_.input.empty()) co_return true;
  const Timer deadline = limit(context_->options.idle_timeout);
  const auto room = connection_.input.prepare(context_->options.max_header_bytes);
  const auto count = co_await connection_.transport.read_some(room);
  if (!count || *count == 0) co_return false;
  connection_.input.commit(*count);
  co_return true;
}

asio::awaitable<ServerSession::Next> ServerSession::serve_one() {
  between_requests_ = false;
  if (stage_ == Stage::kIdle) enter(Stage::kArriving);
  const ServerOptions& options = context_->options;
  RequestReader reader({.max_header_bytes = options.max_header_bytes,
                        .max_body_bytes = options.max_body_bytes,
                        .large_body_bytes = options.large_body_bytes,
                        .admit_large = [this] { return admit_large(); }});
  {
    const std::string too_slow = serialize(plain(408, "request timeout"), KeepAlive::kNo);
    const Timer deadline = limit(options.read_timeout, too_slow);
    const auto received = co_await receive(connection_, reader, options.max_header_bytes);
    if (!received) co_return co_await reject(received.error());
  }
  enter(Stage::kAnswering);
  const asio::any_io_executor where = large_
                                          ? asio::any_io_executor(context_->large_requests)
                                          : asio::any_io_executor(context_->workers.get_executor());
  Response response =
      co_await asio::co_spawn(where, call(context_->handler, reader.take()), asio::use_awaitable);
  large_ = false;
  const KeepAlive keep_alive = reader.keep_alive() && !draining_ ? KeepAlive::kYes : KeepAlive::kNo;
  const bool written = co_await write(std::move(response), keep_alive);
  // Asked again: draining may have begun during the write.
  if (!written || keep_alive == KeepAlive::kNo || draining_) co_return Next::kClose;
  between_requests_ = true;
  enter(Stage::kIdle);
  co_return Next::kAnotherRequest;
}

asio::awaitable<ServerSession::Next> ServerSession::reject(base::Error error) {
  const bool heard = error.reason != base::Reason::kConnection &&
                     error.reason != base::Reason::kTls && error.reason != base::Reason::kCancelled;
  if (!heard) co_return Next::kClose;
  Response refusal = plain(status_of(error.reason), error.message);
  if (refusal.status == 503) refusal.headers.push_back({.name = "Retry-After", .value = "1"});
  const bool written = co_await write(std::move(refusal), KeepAlive::kNo);
  if (written) co_await discard_input();
  co_return Next::kClose;
}

asio::awaitable<bool> ServerSession::write(Response response, KeepAlive keep_alive) {
  const Timer deadline = limit(context_->options.write_timeout);
  const auto written = co_await connection_.transport.write(serialize(response, keep_alive));
  co_return written.has_value();
}

// Closing with unread bytes resets the connection, and the client may then lose the answer.
asio::awaitable<void> ServerSession::discard_input() {
  const Timer deadline = limit(kDiscardTime);
  connection_.transport.finish_writing();
  connection_.input = InputBuffer();
  const auto room = connection_.input.prepare(context_->options.max_header_bytes);
  while (true) {
    const auto count = co_await connection_.transport.read_some(room);
    if (!count || *count == 0) break;
  }
}

}  // namespace net
