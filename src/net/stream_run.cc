#include "net/stream_run.h"

#include <fmt/format.h>

#include "net/loop_impl.h"
#include "net/spawn.h"

namespace net {

namespace asio = boost::asio;

StreamRun::StreamRun(std::string label, Setup setup, std::shared_ptr<Dialer> dialer,
                     StreamHandler& handler)
    : Operation(std::move(label)),
      setup_(std::move(setup)),
      dialer_(std::move(dialer)),
      handler_(&handler) {}

void StreamRun::start(Loop& loop, std::shared_ptr<ClientCounters> counters) {
  loop_ = &loop;
  tally_.emplace(std::move(counters), &ClientCounters::streams);
  if (const auto timeout = setup_.request.timeout; timeout.count() > 0) {
    timeout_ = loop.schedule(base::Clock::now() + timeout, [this, timeout] {
      end(base::fail(base::Reason::kTimeout,
                     fmt::format("not ended within {} ms", timeout.count())));
    });
  }
  spawn(loop.impl().context, run());
}

void StreamRun::close() {
  handler_ = nullptr;
  end(base::fail(base::Reason::kCancelled, "the stream was closed"));
}

asio::awaitable<void> StreamRun::run() {
  const auto self = shared_from_this();
  end(co_await answer());
}

asio::awaitable<base::Result<Response>> StreamRun::answer() {
  if (auto checked = check_request(setup_.request); !checked)
    co_return std::unexpected(checked.error());
  const auto dialled = co_await dialer_->dial(shared_from_this());
  if (!dialled) co_return std::unexpected(dialled.error());
  if (ended()) co_return std::unexpected(still_wanted().error());
  connection_ = *dialled;
  watch_idle();
  const auto written =
      co_await connection_->transport.write(serialize(setup_.request, setup_.host));
  if (!written) co_return std::unexpected(written.error());
  // Bounded in on_body, where the status is known.
  ResponseReader reader({.max_header_bytes = setup_.limits.header_bytes, .max_body_bytes = 0},
                        *this);
  const auto received = co_await receive(*connection_, reader, setup_.limits.header_bytes);
  if (!received) co_return std::unexpected(received.error());
  co_return std::move(response_);
}

base::Result<void> StreamRun::still_wanted() const {
  if (ended()) return base::fail(base::Reason::kCancelled, "the stream was closed");
  return {};
}

base::Result<void> StreamRun::on_head(Response head) {
  response_ = std::move(head);
  if (response_.ok() && !ended()) handler_->on_open(response_);
  return still_wanted();
}

base::Result<void> StreamRun::on_body(std::string_view bytes) {
  const std::size_t limit =
      response_.ok() ? setup_.options.max_body_bytes : setup_.limits.body_bytes;
  body_bytes_ += bytes.size();
  if (limit != 0 && body_bytes_ > limit) {
    return base::fail(base::Reason::kTooLarge, fmt::format("the body exceeds {} bytes", limit));
  }
  if (!response_.ok()) {
    response_.body.append(bytes);
  } else if (!ended()) {
    handler_->on_data(bytes);
  }
  return still_wanted();
}

void StreamRun::watch_idle() {
  const auto limit = setup_.options.idle_timeout;
  if (limit.count() == 0) return;
  // Re-armed when it fires, not with each byte.
  const auto due = connection_->transport.last_read() + limit;
  if (base::Clock::now() >= due) {
    return end(base::fail(base::Reason::kTimeout, fmt::format("no byte for {} ms", limit.count())));
  }
  idle_ = loop_->schedule(due, [this] { watch_idle(); });
}

void StreamRun::on_ended(base::Result<Response> result) {
  timeout_.cancel();
  idle_.cancel();
  tally_.reset();
  if (StreamHandler* handler = std::exchange(handler_, nullptr)) handler->on_end(std::move(result));
}

}  // namespace net
