#pragma once
// OpenSSL on a non-blocking socket, without any waiting of its own: see Transport for the waiting.
//
// OpenSSL works on the descriptor itself, not through asio::ssl::stream, whose buffers (two of its
// own and a BIO pair) cost 68 KB a connection: an operator holds some fifteen idle watches, and
// here such a connection gives its buffers back (SSL_MODE_RELEASE_BUFFERS).

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

#include "base/error.h"
#include "net/openssl.h"
#include "net/tls.h"

namespace net {

// Certificates, keys and rules, shared by the sessions that were started while it was the current
// one.
class TlsContext {
 public:
  // kTls with OpenSSL's reason when a certificate or key cannot be read, or they do not match.
  static base::Result<std::shared_ptr<TlsContext>> for_client(const TlsOptions& options);
  static base::Result<std::shared_ptr<TlsContext>> for_server(const TlsOptions& options);

  [[nodiscard]] SSL_CTX* native() const { return context_.get(); }
  [[nodiscard]] const std::string& server_name() const { return server_name_; }

 private:
  using Context = std::unique_ptr<SSL_CTX, OpensslFree<SSL_CTX_free>>;
  TlsContext(Context context, std::string server_name)
      : context_(std::move(context)), server_name_(std::move(server_name)) {}

  Context context_;
  std::string server_name_;
};

// What came of one non-blocking attempt at the socket.
struct Attempt {
  enum class Outcome { kDone, kWantsRead, kWantsWrite, kEndOfStream, kFailed };
  Outcome outcome = Outcome::kDone;
  // Of kDone.
  std::size_t bytes = 0;
  // Of kFailed.
  base::Error error{};
};

class TlsSession {
 public:
  // The socket stays the caller's, open as long as the session is used. `host` is looked for in the
  // certificate unless the context names another.
  static base::Result<std::unique_ptr<TlsSession>> client(
      const std::shared_ptr<TlsContext>& context, int socket, const std::string& host);
  static base::Result<std::unique_ptr<TlsSession>> server(
      const std::shared_ptr<TlsContext>& context, int socket);

  Attempt handshake();
  Attempt read(std::span<char> into);
  Attempt write(std::string_view bytes);
  // Like read of one byte that stays unread.
  Attempt peek();
  // Says goodbye, without waiting for the peer's.
  void close_notify();

 private:
  TlsSession(std::shared_ptr<TlsContext> context, SSL* session)
      : context_(std::move(context)), session_(session) {}
  static base::Result<std::unique_ptr<TlsSession>> make(const std::shared_ptr<TlsContext>& context,
                                                        int socket);
  base::Result<void> expect_server(const std::string& name);
  Attempt outcome_of(int result, std::size_t bytes);
  [[nodiscard]] base::Error failure() const;

  std::shared_ptr<TlsContext> context_;
  std::unique_ptr<SSL, OpensslFree<SSL_free>> session_;
  // Nothing may be sent on a session that failed or was never established.
  bool established_ = false;
};

}  // namespace net
