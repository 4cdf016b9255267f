#include "tests/support/tcp_proxy.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <span>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace test {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int connect_to(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(port);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return fd;
  ::close(fd);
  return -1;
}

void send_at_once(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

// close() then sends RST instead of FIN.
void reset_on_close(int fd) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

bool send_all(int fd, std::span<const char> bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  return true;
}

// False at the end of either side.
bool forward(int from, int to) {
  std::array<char, 16384> buffer;
  const auto count = ::recv(from, buffer.data(), buffer.size(), 0);
  return count > 0 && send_all(to, std::span(buffer).first(static_cast<std::size_t>(count)));
}

}  // namespace

TcpProxy::TcpProxy(int target_port)
    : target_port_(target_port), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, generic, size) != 0 || ::listen(listener_, SOMAXCONN) != 0 ||
      ::getsockname(listener_, generic, &size) != 0) {
    throw std::runtime_error("the proxy cannot listen");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

TcpProxy::~TcpProxy() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  cut(Cut::kClose);
  std::vector<std::thread> relays;
  {
    const base::MutexLock lock(mutex_);
    relays.swap(relays_);
  }
  for (auto& relay : relays) relay.join();
}

std::size_t TcpProxy::connections() const {
  const base::MutexLock lock(mutex_);
  return accepted_;
}

void TcpProxy::cut(Cut how) {
  const base::MutexLock lock(mutex_);
  for (const Pair& pair : open_) {
    if (how == Cut::kReset) reset_on_close(pair.client);
    // Wakes the relay, which closes both.
    ::shutdown(pair.server, SHUT_RDWR);
  }
}

void TcpProxy::accept_all() {
  for (;;) {
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    const int server = connect_to(target_port_);
    if (server < 0) {
      ::close(client);
      continue;
    }
    send_at_once(client);
    send_at_once(server);
    const base::MutexLock lock(mutex_);
    ++accepted_;
    open_.push_back({.client = client, .server = server});
    relays_.emplace_back([this, pair = open_.back()] { relay(pair); });
  }
}

void TcpProxy::relay(Pair pair) {
  std::array<pollfd, 2> sides{{{.fd = pair.client, .events = POLLIN, .revents = 0},
                               {.fd = pair.server, .events = POLLIN, .revents = 0}}};
  for (bool both = true; both && ::poll(sides.data(), sides.size(), -1) > 0;) {
    if (sides[0].revents != 0) both = forward(pair.client, pair.server);
    if (both && sides[1].revents != 0) both = forward(pair.server, pair.client);
  }
  const base::MutexLock lock(mutex_);
  std::erase_if(open_, [&](const Pair& other) { return other.client == pair.client; });
  ::close(pair.client);
  ::close(pair.server);
}

}  // namespace test
