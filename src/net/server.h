#pragma once
// A small HTTP(S) server: probes, metrics, admission.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "net/http.h"
#include "net/loop.h"
#include "net/tls.h"

namespace net {

struct ServerOptions {
  // ":8080", "127.0.0.1:8080", "[::1]:8080"; port 0 picks a free one. Whether the server is wanted
  // at all (the flag value "0") is its owner's question: listen_disabled().
  std::string bind_address{};
  // Plain HTTP when absent.
  std::optional<TlsOptions> tls{};
  // Threads that run the handler; requests beyond them wait.
  std::size_t threads = 2;
  // Connections held at a time. More wait to be accepted until one has ended, or is given up in
  // their favour: net/session_table.h says which.
  std::size_t max_connections = 256;
  std::size_t max_header_bytes = 16 * 1024;
  // A larger body is answered 413. 7 MiB is controller-runtime's bound on an AdmissionReview: an
  // object and its predecessor, each of at most 3 MiB, and the envelope.
  std::size_t max_body_bytes = 7 * 1024 * 1024;
  // So many requests with a body above large_body_bytes are held at a time, and handled one after
  // the other; more are answered 503, or take the place of one that is slow to arrive. So bodies
  // take at most 256 × 64 KiB and 4 × 7 MiB, 44 MiB: a third of what the operator may have.
  std::size_t large_body_bytes = 64 * 1024;
  std::size_t max_large_requests = 4;
  // From the first byte of a request to its last, and for the TLS handshake; then 408 and close.
  std::chrono::milliseconds read_timeout = std::chrono::seconds(10);
  // A kept-alive connection without a request is closed after this time.
  std::chrono::milliseconds idle_timeout = std::chrono::seconds(60);
  std::chrono::milliseconds write_timeout = std::chrono::seconds(10);
};

// True for "0" and "": the value of an address flag that turns a server off.
bool listen_disabled(std::string_view bind_address);

// Listens from create() on. Speaks HTTP/1.1 with keep-alive. The handler runs on the server's own
// threads, several at a time, never on the io thread; one that throws answers 500.
class Server {
 public:
  using Handler = std::function<Response(const Request&)>;

  // kBadInput: the address cannot be parsed; kConnection: it cannot be bound; kTls: certificate or
  // key.
  static base::Result<std::unique_ptr<Server>> create(Loop& loop, ServerOptions options,
                                                      Handler handler);
  // stop() without a grace period.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // The port listened on.
  [[nodiscard]] std::uint16_t port() const;

  // For new connections. kTls, and then nothing changes.
  base::Result<void> replace_tls(const TlsOptions& options);

  // Any thread but io; idempotent. Closes the listener and idle connections, lets running requests
  // be answered for at most `grace`, closes what is left and joins the handler threads.
  void stop(std::chrono::milliseconds grace);

 private:
  class Impl;
  explicit Server(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace net
