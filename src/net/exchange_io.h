#pragma once
// Sending and receiving whole messages over a Transport.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/error.h"
#include "net/counters.h"
#include "net/http.h"
#include "net/message_reader.h"
#include "net/transport.h"

namespace net {

// Bytes that were read but not yet understood. Starts at 16 KiB (one TLS record) and grows only for
// a header or chunk line that is longer.
class InputBuffer {
 public:
  [[nodiscard]] std::string_view view() const { return {bytes_.data() + begin_, end_ - begin_}; }
  [[nodiscard]] bool empty() const { return begin_ == end_; }
  void consume(std::size_t count);
  // Room behind what is held; empty when that would exceed `limit` bytes.
  std::span<char> prepare(std::size_t limit);
  void commit(std::size_t count) { end_ += count; }

 private:
  std::vector<char> bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

// A connection with what was read from it beyond the last message.
struct Connection {
  explicit Connection(boost::asio::io_context& context) : transport(context) {}
  explicit Connection(boost::asio::ip::tcp::socket socket) : transport(std::move(socket)) {}

  Transport transport;
  InputBuffer input;
  // Of a client's connections.
  std::optional<Tally> tally;
};

// Reads until the reader is done. `max_header_bytes` also bounds what is held without being
// understood.
boost::asio::awaitable<base::Result<void>> receive(Connection& connection, MessageReader& reader,
                                                   std::size_t max_header_bytes);

// The request as it goes out, body included, so that it is one write (and one packet, if small).
std::string serialize(const Request& request, std::string_view host);
// kBadInput when a header or the target would break out of its line.
base::Result<void> check_request(const Request& request);

enum class KeepAlive { kNo, kYes };
std::string serialize(const Response& response, KeepAlive keep_alive);

}  // namespace net
