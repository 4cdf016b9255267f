#include "net/client.h"

#include <fmt/format.h>

#include "net/loop_impl.h"
#include "net/pool.h"
#include "net/stream_run.h"
#include "net/url.h"

namespace net {
namespace {

std::unexpected<base::Error> client_stopped() {
  return base::fail(base::Reason::kCancelled, "the client was stopped");
}

}  // namespace

// The half of a client that lives on the io thread; it outlives the Client until its coroutines
// have ended.
class Client::Impl : public std::enable_shared_from_this<Client::Impl> {
 public:
  Impl(Loop& owner, const ClientOptions& options, std::shared_ptr<TlsContext> tls)
      : loop(owner),
        limits(options.limits),
        server(authority(options.host, options.port)),
        counters(std::make_shared<ClientCounters>()),
        dialer(std::make_shared<Dialer>(owner, options, std::move(tls), counters)),
        pool(std::make_shared<Pool>(owner, options, dialer, counters)) {}

  // The query is left out: it may hold what a log should not.
  [[nodiscard]] std::string label(const Request& request) const {
    return fmt::format("{} {}{}", to_string(request.method), server,
                       std::string_view(request.target).substr(0, request.target.find('?')));
  }

  void attach() {
    loop.post([self = shared_from_this()] {
      self->stop_hook_ = self->loop.impl().on_stop([weak = self->weak_from_this()] {
        if (const auto alive = weak.lock()) alive->shut_down();
      });
    });
  }

  // Io thread.
  void shut_down() {
    loop.impl().forget(stop_hook_);
    pool->shut_down();
    for (const auto& weak : std::exchange(streams_, {})) {
      if (const auto stream = weak.lock()) {
        stream->end(client_stopped());
      }
    }
  }

  void start(const std::shared_ptr<StreamRun>& stream) {
    // Closed before it came here.
    if (stream->ended()) return;
    std::erase_if(streams_, [](const auto& weak) { return weak.expired(); });
    streams_.push_back(stream);
    stream->start(loop, counters);
  }

  Loop& loop;
  const Limits limits;
  const std::string server;
  const std::shared_ptr<ClientCounters> counters;
  const std::shared_ptr<Dialer> dialer;
  const std::shared_ptr<Pool> pool;

 private:
  std::uint64_t stop_hook_ = 0;
  std::vector<std::weak_ptr<StreamRun>> streams_;
};

namespace {

class StreamHandle final : public Stream {
 public:
  StreamHandle(Loop& loop, std::shared_ptr<StreamRun> run) : loop_(loop), run_(std::move(run)) {}
  ~StreamHandle() override { close(); }

  void close() override {
    loop_.impl().run_and_wait([run = run_] { run->close(); });
  }

 private:
  Loop& loop_;
  const std::shared_ptr<StreamRun> run_;
};

}  // namespace

base::Result<std::unique_ptr<Client>> Client::create(Loop& loop, const ClientOptions& options) {
  std::shared_ptr<TlsContext> tls;
  if (options.tls) {
    auto context = TlsContext::for_client(options.tls_options);
    if (!context) return std::unexpected(context.error());
    tls = *std::move(context);
  }
  auto impl = std::make_shared<Impl>(loop, options, std::move(tls));
  impl->attach();
  return std::unique_ptr<Client>(new Client(std::move(impl)));
}

Client::Client(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Client::~Client() {
  impl_->loop.impl().run_and_wait([impl = impl_] { impl->shut_down(); });
}

base::Result<Response> Client::send(Request request, std::stop_token stop) {
  std::vector<Request> one;
  one.push_back(std::move(request));
  return std::move(send_all(std::move(one), std::move(stop)).front());
}

std::vector<base::Result<Response>> Client::send_all(std::vector<Request> requests,
                                                     std::stop_token stop) {
  if (requests.empty()) return {};
  const auto batch = std::make_shared<Batch>(requests.size());
  std::vector<std::shared_ptr<Exchange>> exchanges;
  exchanges.reserve(requests.size());
  for (auto& request : requests) {
    std::string label = impl_->label(request);
    exchanges.push_back(
        std::make_shared<Exchange>(std::move(label), std::move(request), batch, exchanges.size()));
  }
  const std::stop_callback cancel(stop, [this, exchanges] {
    impl_->loop.post([exchanges] {
      for (const auto& exchange : exchanges) {
        exchange->end(base::fail(base::Reason::kCancelled, "the caller gave up"));
      }
    });
  });
  const bool accepted = impl_->loop.post([pool = impl_->pool, exchanges] {
    for (const auto& exchange : exchanges) pool->submit(exchange);
  });
  if (!accepted) {
    for (const auto& exchange : exchanges) exchange->end(client_stopped());
  }
  return batch->wait();
}

void Client::set_gate(Gate gate) {
  impl_->loop.post([pool = impl_->pool, set = std::move(gate)] { pool->set_gate(set); });
}

void Client::enforce_gate() {
  impl_->loop.impl().run_and_wait([pool = impl_->pool] { pool->enforce_gate(); });
}

void Client::set_window(std::size_t max_in_flight) {
  impl_->loop.post([pool = impl_->pool, max_in_flight] { pool->set_window(max_in_flight); });
}

base::Result<void> Client::replace_tls(const TlsOptions& options) {
  auto context = TlsContext::for_client(options);
  if (!context) return std::unexpected(context.error());
  impl_->loop.post([impl = impl_, tls = *std::move(context)] {
    impl->dialer->replace_tls(tls);
    impl->pool->drop_connections();
  });
  return {};
}

std::unique_ptr<Stream> Client::open(Request request, StreamOptions options,
                                     StreamHandler& handler) {
  std::string label = impl_->label(request);
  StreamRun::Setup setup{.request = std::move(request),
                         .options = options,
                         .limits = impl_->limits,
                         .host = impl_->server};
  auto run =
      std::make_shared<StreamRun>(std::move(label), std::move(setup), impl_->dialer, handler);
  impl_->loop.post([impl = impl_, run] { impl->start(run); });
  return std::make_unique<StreamHandle>(impl_->loop, std::move(run));
}

ClientStats Client::stats() const {
  return impl_->counters->snapshot();
}

}  // namespace net
