#pragma once
// HTTP/1.1 client of one server: a keep-alive pool for requests, and a connection of its own for
// each stream.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "net/http.h"
#include "net/loop.h"
#include "net/proxy.h"
#include "net/tls.h"

namespace net {

// Bounds on what the server may send; beyond them the exchange ends with kTooLarge.
struct Limits {
  // Status line and headers.
  std::size_t header_bytes = 64 * 1024;
  // Body of one answer, after decompression. For streams of a 2xx status:
  // StreamOptions::max_body_bytes.
  std::size_t body_bytes = 64 * 1024 * 1024;
};

struct ClientOptions {
  // Name or address without brackets.
  std::string host{};
  std::uint16_t port = 443;
  bool tls = true;
  TlsOptions tls_options{};
  std::optional<ProxyOptions> proxy{};
  // Pooled connections, and so also requests in flight. Streams are not counted.
  std::size_t max_connections = 16;
  // An unused pooled connection is closed after this time; below the keep-alive time of usual
  // servers.
  std::chrono::milliseconds idle_timeout = std::chrono::seconds(60);
  // Name resolution, TCP, proxy and TLS handshake together.
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(10);
  Limits limits{};
};

// Counters of a client since its creation, and its state at this moment ("open", "idle",
// "in_flight", "waiting", "streams").
struct ClientStats {
  std::size_t open = 0;
  std::size_t idle = 0;
  std::size_t in_flight = 0;
  std::size_t waiting = 0;
  std::size_t streams = 0;
  std::uint64_t connections_created = 0;
  std::uint64_t connections_reused = 0;
  std::uint64_t tls_handshakes = 0;
};

// Receives one streamed answer. All calls come on the io thread, and must not block.
class StreamHandler {
 public:
  virtual ~StreamHandler() = default;
  // Status and headers; the body is empty. Only for a 2xx status.
  virtual void on_open(const Response& head) = 0;
  // Decoded bytes of the body as they arrive, valid during the call. Only for a 2xx status.
  virtual void on_data(std::string_view chunk) = 0;
  // Once, and the last call. A 2xx status: the head when the body ended cleanly, else why it broke
  // off. Another status: the whole answer, its body bounded by Limits::body_bytes.
  virtual void on_end(base::Result<Response> end) = 0;
};

struct StreamOptions {
  // kTimeout when no byte came for this long, the wait for the head included. 0: no limit.
  std::chrono::milliseconds idle_timeout{0};
  // kTooLarge when a 2xx body exceeds it, decoded. 0: no limit.
  std::size_t max_body_bytes = 0;
};

// A streaming GET that is under way. Destroying it closes it.
class Stream {
 public:
  virtual ~Stream() = default;
  // Ends the stream without on_end, and throws its connection away. Any thread; idempotent. Once it
  // has returned the handler is not called any more: on another thread than io it waits for a call
  // that is running, so the caller must not hold a lock that the handler takes.
  virtual void close() = 0;
};

// Safe to use from several threads. Errors: kConnection (refused, reset, closed early, not
// resolved), kTls, kTimeout, kCancelled, kTooLarge, kProtocol; an answer of any status is not an
// error here. A GET whose kept-alive connection dies before the first byte of the answer is sent
// once more on a fresh connection; a write never is (R54), and its error then says that the outcome
// is unknown.
class Client {
 public:
  // kTls when a certificate or key cannot be read. The loop outlives the client.
  static base::Result<std::unique_ptr<Client>> create(Loop& loop, const ClientOptions& options);
  // Cancels what is under way. Streams are closed first, by their owners.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Any thread but the io thread; blocks until the answer, the timeout or the token.
  base::Result<Response> send(Request request, std::stop_token stop = {});
  // Sends them side by side, as far as the window allows; results in the order given.
  std::vector<base::Result<Response>> send_all(std::vector<Request> requests,
                                               std::stop_token stop = {});

  // Asked on the io thread right before the first byte of a request goes out; an error refuses it
  // (write fencing, R44). Not asked for streams, which only read. To be set before the first
  // request.
  using Gate = std::function<base::Result<void>(const Request&)>;
  void set_gate(Gate gate);
  // Asks the gate about each request that waits or is under way, too. One that it refuses ends with
  // its error, and its connection is given up before this returns. Any thread; blocks until the io
  // thread has done it.
  void enforce_gate();

  // At most this many requests in flight, at least 1 and at most max_connections; the others wait
  // in order. Does not touch streams. Default: max_connections.
  void set_window(std::size_t max_in_flight);

  // For new connections; idle ones are closed, busy ones after their answer. kTls as in create(),
  // and then nothing changes.
  base::Result<void> replace_tls(const TlsOptions& options);

  // A streaming GET on a connection of its own. Any thread, also io; the handler is never called
  // from within. The handler and the client outlive the Stream. request.timeout bounds the whole
  // stream.
  [[nodiscard]] std::unique_ptr<Stream> open(Request request, StreamOptions options,
                                             StreamHandler& handler);

  [[nodiscard]] ClientStats stats() const;

 private:
  class Impl;
  explicit Client(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace net
