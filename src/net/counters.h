#pragma once
// ClientStats as the io thread writes them and any thread reads them.

#include <atomic>
#include <cstdint>
#include <memory>

#include "net/client.h"

namespace net {

struct ClientCounters {
  std::atomic<std::size_t> open = 0;
  std::atomic<std::size_t> idle = 0;
  std::atomic<std::size_t> in_flight = 0;
  std::atomic<std::size_t> waiting = 0;
  std::atomic<std::size_t> streams = 0;
  std::atomic<std::uint64_t> connections_created = 0;
  std::atomic<std::uint64_t> connections_reused = 0;
  std::atomic<std::uint64_t> tls_handshakes = 0;

  [[nodiscard]] ClientStats snapshot() const {
    return {.open = open,
            .idle = idle,
            .in_flight = in_flight,
            .waiting = waiting,
            .streams = streams,
            .connections_created = connections_created,
            .connections_reused = connections_reused,
            .tls_handshakes = tls_handshakes};
  }
};

// Counts one for as long as it lives.
class Tally {
 public:
  Tally(std::shared_ptr<ClientCounters> counters, std::atomic<std::size_t> ClientCounters::* which)
      : counters_(std::move(counters)), which_(which) {
    ++(counters_.get()->*which_);
  }
  ~Tally() { --(counters_.get()->*which_); }
  Tally(const Tally&) = delete;
  Tally& operator=(const Tally&) = delete;

 private:
  std::shared_ptr<ClientCounters> counters_;
  std::atomic<std::size_t> ClientCounters::* which_;
};

}  // namespace net
