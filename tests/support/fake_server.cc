#include "tests/support/fake_server.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <csignal>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

namespace test {
namespace {

constexpr std::chrono::seconds kPatience{10};

std::string head(int status, const std::vector<net::Header>& headers) {
  std::string text = fmt::format("HTTP/1.1 {} Status\r\n", status);
  for (const auto& header : headers) text += header.name + ": " + header.value + "\r\n";
  return text;
}

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return fd;
  ::close(fd);
  return -1;
}

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

SSL_CTX* server_context(const net::TlsOptions& options) {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  BIO* bio = BIO_new_mem_buf(options.certificate_pem.data(), -1);
  X509* certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
  SSL_CTX_use_certificate(context, certificate);
  X509_free(certificate);
  BIO_free(bio);
  bio = BIO_new_mem_buf(options.private_key_pem.data(), -1);
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
  SSL_CTX_use_PrivateKey(context, key);
  EVP_PKEY_free(key);
  BIO_free(bio);
  if (options.ca_pem.empty()) return context;
  bio = BIO_new_mem_buf(options.ca_pem.data(), -1);
  X509* authority = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority);
  X509_free(authority);
  BIO_free(bio);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return context;
}

}  // namespace

Reply Reply::text(int status, std::string_view body, std::vector<net::Header> headers) {
  headers.push_back({"Content-Length", std::to_string(body.size())});
  return raw(head(status, headers) + "\r\n" + std::string(body));
}

Reply Reply::chunked(int status, const std::vector<std::string>& chunks,
                     std::vector<net::Header> headers) {
  headers.push_back({"Transfer-Encoding", "chunked"});
  std::string bytes = head(status, headers) + "\r\n";
  for (const auto& chunk : chunks) bytes += fmt::format("{:x}\r\n{}\r\n", chunk.size(), chunk);
  return raw(bytes + "0\r\n\r\n");
}

Reply Reply::raw(std::string bytes) {
  Reply reply;
  reply.bytes = std::move(bytes);
  return reply;
}

Reply Reply::tunnel_to(std::uint16_t port) {
  Reply reply = raw("HTTP/1.1 200 Connection established\r\n\r\n");
  reply.tunnel_port = port;
  return reply;
}

Reply Reply::in_pieces(std::size_t size) && {
  piece = size;
  return std::move(*this);
}

Reply Reply::cut_after(std::size_t size) && {
  bytes.resize(std::min(size, bytes.size()));
  end = End::kCut;
  return std::move(*this);
}

Reply Reply::stall_after(std::size_t size) && {
  bytes.resize(std::min(size, bytes.size()));
  end = End::kStall;
  return std::move(*this);
}

Reply Reply::then_close() && {
  end = End::kClose;
  return std::move(*this);
}

Reply Reply::before_the_body() && {
  ignores_body = true;
  return std::move(*this);
}

Reply Reply::held() && {
  waits_for_release = true;
  return std::move(*this);
}

// One accepted connection, read and written by its thread.
class FakeServer::Peer {
 public:
  Peer(int socket, const std::optional<net::TlsOptions>& tls) : socket_(socket) {
    if (!tls) return;
    SSL_CTX* context = server_context(*tls);
    ssl_ = SSL_new(context);
    SSL_CTX_free(context);
    SSL_set_fd(ssl_, socket);
    usable_ = SSL_accept(ssl_) == 1;
  }
  ~Peer() { SSL_free(ssl_); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  [[nodiscard]] int socket() const { return socket_; }
  [[nodiscard]] bool usable() const { return usable_; }

  // False at the end of the connection.
  bool read_more() {
    std::array<char, 4096> buffer;
    const auto count =
        ssl_ != nullptr
            ? static_cast<ssize_t>(SSL_read(ssl_, buffer.data(), static_cast<int>(buffer.size())))
            : ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (count > 0) input_.append(buffer.data(), static_cast<std::size_t>(count));
    return count > 0;
  }

  bool write(std::string_view bytes) {
    if (ssl_ == nullptr) return send_all(socket_, bytes);
    return bytes.empty() || SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) > 0;
  }

  void say_goodbye() {
    if (ssl_ != nullptr) SSL_shutdown(ssl_);
  }

  std::optional<SeenRequest> read_head() {
    while (input_.find("\r\n\r\n") == std::string::npos) {
      if (!read_more()) return std::nullopt;
    }
    SeenRequest request;
    const auto head_end = input_.find("\r\n\r\n") + 4;
    parse_head(std::string_view(input_).substr(0, head_end), request);
    input_.erase(0, head_end);
    return request;
  }

  bool read_body(SeenRequest& request) {
    std::size_t length = 0;
    const auto text = request.header("Content-Length");
    std::from_chars(text.data(), text.data() + text.size(), length);
    while (input_.size() < length) {
      if (!read_more()) return false;
    }
    request.body = input_.substr(0, length);
    input_.erase(0, length);
    return true;
  }

 private:
  static void parse_head(std::string_view text, SeenRequest& request) {
    const auto first_space = text.find(' ');
    request.method = text.substr(0, first_space);
    text.remove_prefix(first_space + 1);
    request.target = text.substr(0, text.find(' '));
    text.remove_prefix(text.find("\r\n") + 2);
    while (!text.starts_with("\r\n")) {
      const auto line = text.substr(0, text.find("\r\n"));
      const auto colon = line.find(": ");
      request.headers.push_back(
          {std::string(line.substr(0, colon)), std::string(line.substr(colon + 2))});
      text.remove_prefix(line.size() + 2);
    }
  }

  int socket_;
  SSL* ssl_ = nullptr;
  bool usable_ = true;
  std::string input_;
};

FakeServer::FakeServer(std::optional<net::TlsOptions> tls) : tls_(std::move(tls)) {
  // OpenSSL writes without MSG_NOSIGNAL.
  std::signal(SIGPIPE, SIG_IGN);
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener_, 128) != 0) {
    throw std::runtime_error("no port to listen on");
  }
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept(); });
}

FakeServer::~FakeServer() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  std::vector<std::thread> threads;
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    for (const int socket : open_) ::shutdown(socket, SHUT_RDWR);
    threads = std::move(threads_);
    changed_.notify_all();
  }
  for (auto& thread : threads) thread.join();
}

FakeServer::Rule& FakeServer::Rule::then(Reply reply) {
  const base::MutexLock lock(server_.mutex_);
  replies_.push_back(std::move(reply));
  return *this;
}

FakeServer::Rule& FakeServer::when(std::string method, std::string target) {
  const base::MutexLock lock(mutex_);
  rules_.push_front(Rule(*this, std::move(method), std::move(target)));
  return rules_.front();
}

void FakeServer::release() {
  const base::MutexLock lock(mutex_);
  ++releases_;
  changed_.notify_all();
}

std::vector<SeenRequest> FakeServer::requests() const {
  const base::MutexLock lock(mutex_);
  return requests_;
}

std::size_t FakeServer::connections() const {
  const base::MutexLock lock(mutex_);
  return accepted_;
}

bool FakeServer::wait_for(const std::function<bool()>& condition) const {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (changed_.wait_until(mutex_, deadline) == std::cv_status::timeout) return condition();
  }
  return true;
}

bool FakeServer::wait_for_requests(std::size_t count) const {
  const base::MutexLock lock(mutex_);
  return wait_for([&]() CAPP_REQUIRES(mutex_) { return requests_.size() >= count; });
}

bool FakeServer::wait_for_closed(std::size_t count) const {
  const base::MutexLock lock(mutex_);
  return wait_for([&]() CAPP_REQUIRES(mutex_) { return closed_ >= count; });
}

void FakeServer::close_connections() {
  std::size_t expected = 0;
  {
    const base::MutexLock lock(mutex_);
    expected = closed_ + open_.size();
    for (const int socket : open_) ::shutdown(socket, SHUT_RDWR);
  }
  if (!wait_for_closed(expected)) throw std::runtime_error("connections did not close");
}

void FakeServer::accept() {
  for (;;) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const base::MutexLock lock(mutex_);
    open_.push_back(socket);
    const std::size_t number = ++accepted_;
    threads_.emplace_back([this, socket, number] { serve(socket, number); });
  }
}

void FakeServer::serve(int socket, std::size_t number) {
  {
    Peer peer(socket, tls_);
    while (peer.usable()) {
      auto request = peer.read_head();
      if (!request) break;
      request->connection = number;
      const Reply reply = reply_for(*request);
      if (!reply.ignores_body && !peer.read_body(*request)) break;
      note(*std::move(request));
      if (!answer(peer, reply)) break;
    }
  }
  const base::MutexLock lock(mutex_);
  std::erase(open_, socket);
  ::close(socket);
  ++closed_;
  changed_.notify_all();
}

bool FakeServer::Rule::is_for(const SeenRequest& request) const {
  if (method_ != request.method) return false;
  if (!target_.ends_with("?*")) return target_ == request.target;
  return request.target.starts_with(std::string_view(target_).substr(0, target_.size() - 1));
}

Reply FakeServer::reply_for(const SeenRequest& request) {
  const base::MutexLock lock(mutex_);
  for (auto& rule : rules_) {
    if (!rule.is_for(request) || rule.replies_.empty()) continue;
    Reply reply = rule.replies_.front();
    if (rule.replies_.size() > 1) rule.replies_.pop_front();
    return reply;
  }
  return Reply::text(404, "no rule");
}

void FakeServer::note(SeenRequest request) {
  const base::MutexLock lock(mutex_);
  requests_.push_back(std::move(request));
  changed_.notify_all();
}

bool FakeServer::answer(Peer& peer, const Reply& reply) {
  if (reply.waits_for_release) {
    const base::MutexLock lock(mutex_);
    if (!wait_for([&]() CAPP_REQUIRES(mutex_) { return stopping_ || releases_ > 0; }) || stopping_)
      return false;
    --releases_;
  }
  for (std::size_t at = 0; at < reply.bytes.size();
       at += std::min(reply.piece, reply.bytes.size())) {
    if (!peer.write(std::string_view(reply.bytes).substr(at, reply.piece))) return false;
  }
  if (reply.tunnel_port != 0) tunnel(peer, reply.tunnel_port);
  switch (reply.end) {
    case Reply::End::kKeep:
      return reply.tunnel_port == 0;
    case Reply::End::kCut:
      return false;
    case Reply::End::kClose:
      peer.say_goodbye();
      return false;
    case Reply::End::kStall:
      while (peer.read_more()) continue;
      return false;
  }
  return false;
}

void FakeServer::tunnel(Peer& peer, std::uint16_t port) {
  const int target = connect_to(port);
  std::array<pollfd, 2> ends{{{.fd = peer.socket(), .events = POLLIN, .revents = 0},
                              {.fd = target, .events = POLLIN, .revents = 0}}};
  std::array<char, 16384> buffer;
  for (bool open = target >= 0; open;) {
    ::poll(ends.data(), ends.size(), -1);
    for (std::size_t from = 0; from < 2 && open; ++from) {
      if (ends[from].revents == 0) continue;
      const auto count = ::recv(ends[from].fd, buffer.data(), buffer.size(), 0);
      open = count > 0 &&
             send_all(ends[1 - from].fd, {buffer.data(), static_cast<std::size_t>(count)});
    }
  }
  if (target >= 0) ::close(target);
}

}  // namespace test
