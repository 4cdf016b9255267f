#include "net/pool.h"

#include <algorithm>

#include <boost/asio/post.hpp>

#include "net/loop_impl.h"
#include "net/spawn.h"
#include "net/url.h"

namespace net {
namespace {

namespace asio = boost::asio;

base::Error stopped() {
  return {.reason = base::Reason::kCancelled, .message = "the client was stopped"};
}

}  // namespace

Pool::Pool(Loop& loop, const ClientOptions& options, std::shared_ptr<Dialer> dialer,
           std::shared_ptr<ClientCounters> counters)
    : loop_(loop),
      limits_(options.limits),
      host_(authority(options.host, options.port)),
      max_connections_(options.max_connections),
      idle_timeout_(options.idle_timeout),
      dialer_(std::move(dialer)),
      counters_(std::move(counters)),
      window_(options.max_connections) {}

void Pool::set_window(std::size_t max_in_flight) {
  window_ = std::clamp<std::size_t>(max_in_flight, 1, max_connections_);
  start_waiting();
}

void Pool::enforce_gate() {
  if (!gate_) return;
  const auto enforce = [this](const std::shared_ptr<Exchange>& exchange) {
    if (auto allowed = gate_(exchange->request()); !allowed) {
      exchange->end(std::unexpected(std::move(allowed.error())));
    }
  };
  // Ending one takes it out of the set.
  std::ranges::for_each(std::set(running_), enforce);
  std::ranges::for_each(waiting_, enforce);
}

void Pool::submit(std::shared_ptr<Exchange> exchange) {
  // Its caller gave up before it came here.
  if (exchange->ended()) return;
  exchange->submitted_to(loop_, weak_from_this(), counters_);
  if (shut_down_) return exchange->end(std::unexpected(stopped()));
  if (auto checked = check_request(exchange->request()); !checked) {
    return exchange->end(std::unexpected(checked.error()));
  }
  waiting_.push_back(std::move(exchange));
  start_waiting();
}

void Pool::start_waiting() {
  while (running_.size() < window_ && !waiting_.empty()) {
    const auto exchange = std::move(waiting_.front());
    waiting_.pop_front();
    if (exchange->ended()) continue;
    running_.insert(exchange);
    exchange->started(counters_);
    spawn(loop_.impl().context, run(exchange));
  }
}

void Pool::release(const std::shared_ptr<Exchange>& exchange) {
  if (running_.erase(exchange) == 0 || waiting_.empty()) return;
  // Not from within: a thousand requests that fail at once must not nest a thousand calls.
  asio::post(loop_.impl().context, [self = shared_from_this()] { self->start_waiting(); });
}

asio::awaitable<void> Pool::run(std::shared_ptr<Exchange> exchange) {
  const auto self = shared_from_this();
  const auto started = base::Clock::now();
  auto result = co_await answer(exchange);
  if (result) result->elapsed = base::Clock::now() - started;
  exchange->end(std::move(result));
}

asio::awaitable<base::Result<Response>> Pool::answer(std::shared_ptr<Exchange> exchange) {
  if (const auto kept = take_idle()) {
    ++counters_->connections_reused;
    Answer first = co_await answer_on(kept, exchange);
    if (!first.repeatable || exchange->ended()) co_return std::move(first.result);
  }
  const auto fresh = co_await dialer_->dial(exchange);
  if (!fresh) co_return std::unexpected(fresh.error());
  Answer answered = co_await answer_on(*fresh, exchange);
  co_return std::move(answered.result);
}

asio::awaitable<Pool::Answer> Pool::answer_on(std::shared_ptr<Connection> connection,
                                              std::shared_ptr<Exchange> exchange) {
  Transport& transport = connection->transport;
  const Request& request = exchange->request();
  const auto generation = generation_;
  exchange->use(connection);
  transport.forget_written();
  if (gate_) {
    if (auto allowed = gate_(request); !allowed) {
      exchange->use(nullptr);
      keep(connection);
      co_return Answer{.result = std::unexpected(allowed.error())};
    }
  }

  exchange->set_maybe_sent(true);
  const auto written = co_await transport.write(serialize(request, host_));
  exchange->set_maybe_sent(transport.written());
  ResponseCollector collector;
  ResponseReader reader(
      {.max_header_bytes = limits_.header_bytes, .max_body_bytes = limits_.body_bytes}, collector);
  // Also after a write that failed: a server that refuses a body answers before it closes.
  const auto received = co_await receive(*connection, reader, limits_.header_bytes);
  if (!received) {
    // What the server still said (a TLS alert) tells more than that it has closed.
    const bool closed = received.error().reason == base::Reason::kConnection;
    const auto& error = written || !closed ? received.error() : written.error();
    const bool repeatable = error.reason == base::Reason::kConnection && !reader.started() &&
                            (request.method == Method::kGet || !transport.written());
    co_return Answer{.result = std::unexpected(error), .repeatable = repeatable};
  }
  const bool reusable =
      written && reader.keep_alive() && connection->input.empty() && generation == generation_;
  if (reusable && !exchange->ended()) {
    exchange->use(nullptr);
    keep(connection);
  }
  co_return Answer{.result = collector.take()};
}

std::shared_ptr<Connection> Pool::take_idle() {
  while (!idle_.empty()) {
    const auto connection = std::move(idle_.back()->connection);
    idle_.pop_back();
    if (connection->transport.quiet()) return connection;
  }
  return nullptr;
}

void Pool::keep(std::shared_ptr<Connection> connection) {
  if (shut_down_) return;
  const auto now = base::Clock::now();
  idle_.push_back(std::make_unique<Idle>(std::move(connection), now, counters_));
  if (idle_.size() == 1) aging_ = loop_.schedule(now + idle_timeout_, [this] { close_aged(); });
}

void Pool::close_aged() {
  const auto now = base::Clock::now();
  while (!idle_.empty() && idle_.front()->since + idle_timeout_ <= now) idle_.pop_front();
  if (idle_.empty()) return;
  aging_ = loop_.schedule(idle_.front()->since + idle_timeout_, [this] { close_aged(); });
}

void Pool::drop_connections() {
  ++generation_;
  idle_.clear();
}

void Pool::shut_down() {
  shut_down_ = true;
  gate_ = nullptr;
  drop_connections();
  aging_.cancel();
  for (const auto& exchange : std::exchange(waiting_, {}))
    exchange->end(std::unexpected(stopped()));
  // Ending one takes it out of the set.
  for (const auto& exchange : std::set(running_)) exchange->end(std::unexpected(stopped()));
}

}  // namespace net
