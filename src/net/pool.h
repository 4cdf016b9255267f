#pragma once
// The requests of a Client and the connections that they share.

#include <deque>
#include <memory>
#include <set>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "net/client.h"
#include "net/counters.h"
#include "net/dialer.h"
#include "net/exchange.h"

namespace net {

// Io thread only, apart from the constructor. Idle connections are taken last in, first out, so
// that under low load the others age and are closed.
class Pool : public std::enable_shared_from_this<Pool> {
 public:
  Pool(Loop& loop, const ClientOptions& options, std::shared_ptr<Dialer> dialer,
       std::shared_ptr<ClientCounters> counters);

  void set_gate(Client::Gate gate) { gate_ = std::move(gate); }
  void enforce_gate();
  void set_window(std::size_t max_in_flight);
  void submit(std::shared_ptr<Exchange> exchange);
  // Told by each exchange at its end: its place in the window is free.
  void release(const std::shared_ptr<Exchange>& exchange);
  // Idle connections are closed, busy ones are not kept.
  void drop_connections();
  // Ends everything with kCancelled; nothing is accepted afterwards.
  void shut_down();

 private:
  struct Idle {
    Idle(std::shared_ptr<Connection> kept, base::Clock::time_point now,
         std::shared_ptr<ClientCounters> counters)
        : connection(std::move(kept)),
          since(now),
          tally(std::move(counters), &ClientCounters::idle) {}

    std::shared_ptr<Connection> connection;
    base::Clock::time_point since;
    Tally tally;
  };
  struct Answer {
    base::Result<Response> result;
    // The request died with a connection that had been idle, in a way that allows to send it once
    // more.
    bool repeatable = false;
  };

  void start_waiting();
  boost::asio::awaitable<void> run(std::shared_ptr<Exchange> exchange);
  boost::asio::awaitable<base::Result<Response>> answer(std::shared_ptr<Exchange> exchange);
  boost::asio::awaitable<Answer> answer_on(std::shared_ptr<Connection> connection,
                                           std::shared_ptr<Exchange> exchange);
  std::shared_ptr<Connection> take_idle();
  void keep(std::shared_ptr<Connection> connection);
  void close_aged();

  Loop& loop_;
  const Limits limits_;
  const std::string host_;
  const std::size_t max_connections_;
  const std::chrono::milliseconds idle_timeout_;
  std::shared_ptr<Dialer> dialer_;
  std::shared_ptr<ClientCounters> counters_;
  Client::Gate gate_;
  std::size_t window_;
  std::deque<std::shared_ptr<Exchange>> waiting_;
  std::set<std::shared_ptr<Exchange>> running_;
  // The longest unused in front.
  std::deque<std::unique_ptr<Idle>> idle_;
  Timer aging_;
  // Counts drop_connections(): a connection of an earlier one is not kept.
  std::uint64_t generation_ = 0;
  bool shut_down_ = false;
};

}  // namespace net
