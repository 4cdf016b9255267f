#include "net/tls_session.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

namespace net {
namespace {

// "\x08" is the length of the one name in ALPN's wire form.
constexpr std::array<unsigned char, 9> kHttp11{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

base::Result<void> trust(SSL_CTX* context, const std::string& ca_pem) {
  if (ca_pem.empty()) {
    if (SSL_CTX_set_default_verify_paths(context) != 1)
      return openssl_failure("the system's certificates");
    return {};
  }
  const Bio bio = memory(ca_pem);
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  int count = 0;
  while (const X509Ptr authority = next_certificate(bio.get())) {
    if (X509_STORE_add_cert(store, authority.get()) != 1) {
      return openssl_failure("the CA certificate");
    }
    ++count;
  }
  if (!at_end_of_pem() || count == 0) return openssl_failure("the CA certificate");
  return {};
}

base::Result<void> use_chain(SSL_CTX* context, const std::string& pem) {
  const Bio bio = memory(pem);
  const X509Ptr leaf = next_certificate(bio.get());
  if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1) {
    return openssl_failure("the certificate");
  }
  while (const X509Ptr issuer = next_certificate(bio.get())) {
    if (SSL_CTX_add1_chain_cert(context, issuer.get()) != 1) {
      return openssl_failure("the certificate's chain");
    }
  }
  if (!at_end_of_pem()) return openssl_failure("the certificate's chain");
  return {};
}

base::Result<void> use_identity(SSL_CTX* context, const TlsOptions& options) {
  if (options.certificate_pem.empty() && options.private_key_pem.empty()) return {};
  if (auto used = use_chain(context, options.certificate_pem); !used) return used;
  const PrivateKey key = read_private_key(options.private_key_pem);
  if (!key) return openssl_failure("the private key");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return openssl_failure("the private key does not belong to the certificate");
  }
  return {};
}

int choose_http11(SSL*, const unsigned char** chosen, unsigned char* size,
                  const unsigned char* offered, unsigned int offered_size, void*) {
  unsigned char* match = nullptr;
  const int result =
      SSL_select_next_proto(&match, size, kHttp11.data(), kHttp11.size(), offered, offered_size);
  *chosen = match;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

std::unique_ptr<SSL_CTX, OpensslFree<SSL_CTX_free>> new_context(const SSL_METHOD* method) {
  std::unique_ptr<SSL_CTX, OpensslFree<SSL_CTX_free>> context(SSL_CTX_new(method));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // One system call a record instead of one for its header and one for the rest.
  SSL_CTX_set_read_ahead(context.get(), 1);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  return context;
}

bool is_address(const std::string& host) {
  boost::system::error_code error;
  boost::asio::ip::make_address(host, error);
  return !error;
}

}  // namespace

base::Result<std::shared_ptr<TlsContext>> TlsContext::for_client(const TlsOptions& options) {
  auto context = new_context(TLS_client_method());
  if (auto trusted = trust(context.get(), options.ca_pem); !trusted) {
    return std::unexpected(trusted.error());
  }
  if (auto used = use_identity(context.get(), options); !used) return std::unexpected(used.error());
  SSL_CTX_set_alpn_protos(context.get(), kHttp11.data(), kHttp11.size());
  // As Go: an intermediate certificate may be the trusted one.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context.get()), X509_V_FLAG_PARTIAL_CHAIN);
  SSL_CTX_set_verify(context.get(),
                     options.insecure_skip_verify ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
  return std::shared_ptr<TlsContext>(new TlsContext(std::move(context), options.server_name));
}

base::Result<std::shared_ptr<TlsContext>> TlsContext::for_server(const TlsOptions& options) {
  auto context = new_context(TLS_server_method());
  if (options.certificate_pem.empty())
    return base::fail(base::Reason::kTls, "a server needs a certificate");
  if (auto used = use_identity(context.get(), options); !used) return std::unexpected(used.error());
  SSL_CTX_set_alpn_select_cb(context.get(), choose_http11, nullptr);
  SSL_CTX_set_num_tickets(context.get(), 0);
  if (!options.ca_pem.empty()) {
    if (auto trusted = trust(context.get(), options.ca_pem); !trusted) {
      return std::unexpected(trusted.error());
    }
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return std::shared_ptr<TlsContext>(new TlsContext(std::move(context), {}));
}

base::Result<std::unique_ptr<TlsSession>> TlsSession::make(
    const std::shared_ptr<TlsContext>& context, int socket) {
  std::unique_ptr<TlsSession> session(new TlsSession(context, SSL_new(context->native())));
  if (!session->session_ || SSL_set_fd(session->session_.get(), socket) != 1)
    return openssl_failure("a TLS session");
  return session;
}

base::Result<std::unique_ptr<TlsSession>> TlsSession::client(
    const std::shared_ptr<TlsContext>& context, int socket, const std::string& host) {
  auto session = make(context, socket);
  if (!session) return session;
  const std::string& name = context->server_name().empty() ? host : context->server_name();
  if (auto expected = (*session)->expect_server(name); !expected) {
    return std::unexpected(expected.error());
  }
  SSL_set_connect_state((*session)->session_.get());
  return session;
}

base::Result<std::unique_ptr<TlsSession>> TlsSession::server(
    const std::shared_ptr<TlsContext>& context, int socket) {
  auto session = make(context, socket);
  if (session) SSL_set_accept_state((*session)->session_.get());
  return session;
}

base::Result<void> TlsSession::expect_server(const std::string& name) {
  X509_VERIFY_PARAM* rules = SSL_get0_param(session_.get());
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (is_address(name)) {
    // SNI carries names only (RFC 6066, 3).
    if (X509_VERIFY_PARAM_set1_ip_asc(rules, name.c_str()) != 1) return openssl_failure(name);
    return {};
  }
  if (SSL_set1_host(session_.get(), name.c_str()) != 1 ||
      SSL_set_tlsext_host_name(session_.get(), name.c_str()) != 1) {
    return openssl_failure(name);
  }
  return {};
}

Attempt TlsSession::handshake() {
  ERR_clear_error();
  Attempt attempt = outcome_of(SSL_do_handshake(session_.get()), 0);
  if (attempt.outcome == Attempt::Outcome::kDone) established_ = true;
  return attempt;
}

Attempt TlsSession::read(std::span<char> into) {
  ERR_clear_error();
  std::size_t bytes = 0;
  const int result = SSL_read_ex(session_.get(), into.data(), into.size(), &bytes);
  return outcome_of(result, bytes);
}

Attempt TlsSession::peek() {
  ERR_clear_error();
  char byte = 0;
  std::size_t bytes = 0;
  const int result = SSL_peek_ex(session_.get(), &byte, 1, &bytes);
  return outcome_of(result, bytes);
}

Attempt TlsSession::write(std::string_view from) {
  ERR_clear_error();
  std::size_t bytes = 0;
  const int result = SSL_write_ex(session_.get(), from.data(), from.size(), &bytes);
  return outcome_of(result, bytes);
}

void TlsSession::close_notify() {
  ERR_clear_error();
  if (established_) SSL_shutdown(session_.get());
}

Attempt TlsSession::outcome_of(int result, std::size_t bytes) {
  const int system_error = errno;
  if (result == 1) return {.outcome = Attempt::Outcome::kDone, .bytes = bytes};
  switch (SSL_get_error(session_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return {.outcome = Attempt::Outcome::kWantsRead};
    case SSL_ERROR_WANT_WRITE:
      return {.outcome = Attempt::Outcome::kWantsWrite};
    case SSL_ERROR_ZERO_RETURN:
      return {.outcome = Attempt::Outcome::kEndOfStream};
    default:
      break;
  }
  errno = system_error;
  established_ = false;
  return {.outcome = Attempt::Outcome::kFailed, .error = failure()};
}

base::Error TlsSession::failure() const {
  const unsigned long code = ERR_peek_last_error();
  if (const long verdict = SSL_get_verify_result(session_.get());
      verdict != X509_V_OK && SSL_get_verify_mode(session_.get()) != SSL_VERIFY_NONE) {
    return {.reason = base::Reason::kTls,
            .message = fmt::format("certificate not accepted: {}",
                                   X509_verify_cert_error_string(verdict))};
  }
  if (code == 0) {
    return {.reason = base::Reason::kConnection,
            .message = errno == 0 ? "the connection was closed" : std::strerror(errno)};
  }
  if (ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    return {.reason = base::Reason::kConnection,
            .message = "the connection was closed without a TLS close_notify"};
  }
  if (ERR_GET_LIB(code) == ERR_LIB_SYS) {
    return {.reason = base::Reason::kConnection, .message = std::strerror(ERR_GET_REASON(code))};
  }
  return {.reason = base::Reason::kTls, .message = fmt::format("TLS: {}", openssl_reason())};
}

}  // namespace net
