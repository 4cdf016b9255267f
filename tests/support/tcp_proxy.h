#pragma once
// A relay on 127.0.0.1 between a client and a server, which a test can cut. TLS passes through it.

#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace test {

class TcpProxy {
 public:
  // Relays to that port of 127.0.0.1.
  explicit TcpProxy(int target_port);
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  [[nodiscard]] int port() const { return port_; }
  // Accepted so far.
  [[nodiscard]] std::size_t connections() const CAPP_EXCLUDES(mutex_);

  enum class Cut {
    kClose,  // FIN: as a server that goes down in an orderly way
    kReset,  // RST: as a machine that lost the connection
  };
  // Ends every connection that is open now; new ones are relayed again.
  void cut(Cut how) CAPP_EXCLUDES(mutex_);

 private:
  struct Pair {
    int client;
    int server;
  };
  void accept_all();
  void relay(Pair pair);

  const int target_port_;
  int listener_ = -1;
  int port_ = 0;
  mutable base::Mutex mutex_;
  std::vector<Pair> open_ CAPP_GUARDED_BY(mutex_);
  std::vector<std::thread> relays_ CAPP_GUARDED_BY(mutex_);
  std::size_t accepted_ CAPP_GUARDED_BY(mutex_) = 0;
  std::thread acceptor_;
};

}  // namespace test
