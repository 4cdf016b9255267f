#pragma once
// One TCP connection, with or without TLS on it, and the waiting for it.

#include <memory>
#include <span>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "net/tls_session.h"

namespace net {

// Io thread only. At most one coroutine uses it at a time; abort() may come from any other function
// there, and then what is awaited ends with kCancelled. An aborted transport is of no more use.
class Transport {
 public:
  explicit Transport(boost::asio::io_context& context) : socket_(context) {}
  // A connection that was accepted.
  explicit Transport(boost::asio::ip::tcp::socket socket);
  ~Transport() { abort(); }
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  // Errors of all: kConnection, kTls, kCancelled; the messages do not name the peer.
  boost::asio::awaitable<base::Result<void>> connect(boost::asio::ip::tcp::endpoint endpoint);
  boost::asio::awaitable<base::Result<void>> start_tls_client(std::shared_ptr<TlsContext> context,
                                                              std::string host);
  boost::asio::awaitable<base::Result<void>> start_tls_server(std::shared_ptr<TlsContext> context);
  // At least one byte; 0: the peer has ended its side in an orderly way.
  boost::asio::awaitable<base::Result<std::size_t>> read_some(std::span<char> into);
  // All of it.
  boost::asio::awaitable<base::Result<void>> write(std::string_view bytes);

  // True while the peer has neither sent a byte nor closed: what an idle connection must be to be
  // used again.
  bool quiet();
  // Tells the peer that nothing more will come; reading goes on.
  void finish_writing();
  // Ends the connection. The last words are sent as far as that needs no waiting.
  void abort(std::string_view last_words = {});

  [[nodiscard]] bool aborted() const { return aborted_; }
  // True once the first byte of application data was handed to the kernel.
  [[nodiscard]] bool written() const { return written_; }
  void forget_written() { written_ = false; }
  [[nodiscard]] base::Clock::time_point last_read() const { return last_read_; }

 private:
  using Outcome = Attempt::Outcome;
  void set_options();
  boost::asio::awaitable<base::Result<void>> handshake();
  boost::asio::awaitable<base::Result<void>> wait_for(Outcome wanted);
  Attempt try_read(std::span<char> into);
  Attempt try_write(std::string_view bytes);

  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<TlsSession> tls_;
  bool aborted_ = false;
  bool written_ = false;
  int reads_in_a_row_ = 0;
  base::Clock::time_point last_read_ = base::Clock::now();
};

}  // namespace net
