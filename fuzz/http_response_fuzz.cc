// net::ResponseReader, as the client feeds it: the same bytes in one piece and in pieces of the
// size that the first byte says. Neither may break a limit, and where both accept, they read the
// same message.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "net/message_reader.h"

namespace {

constexpr net::ResponseRules kRules{.max_header_bytes = 512, .max_body_bytes = 2048};

// Nothing where the message is refused.
std::optional<net::Response> read(std::string_view bytes, std::size_t piece) {
  net::ResponseCollector collector;
  net::ResponseReader reader(kRules, collector);
  std::string held;
  while (!reader.done()) {
    const auto taken = held.empty() ? base::Result<std::size_t>(0) : reader.put(held);
    if (!taken) return std::nullopt;
    if (*taken > held.size()) std::abort();
    held.erase(0, *taken);
    if (*taken > 0) continue;
    if (bytes.empty()) break;
    held += bytes.substr(0, piece);
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  if (!reader.done() && !reader.put_eof()) return std::nullopt;
  return collector.take();
}

void check_limits(const net::Response& response) {
  if (response.body.size() > kRules.max_body_bytes) std::abort();
  std::size_t header_bytes = 0;
  for (const auto& header : response.headers)
    header_bytes += header.name.size() + header.value.size();
  if (header_bytes > kRules.max_header_bytes) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = read(bytes, bytes.size() + 1);
  const auto pieces = read(bytes, std::size_t{data[0]} + 1);
  if (whole) check_limits(*whole);
  if (pieces) check_limits(*pieces);
  const bool same = !whole || !pieces ||
                    (whole->status == pieces->status && whole->headers == pieces->headers &&
                     whole->body == pieces->body);
  if (!same) std::abort();
  return 0;
}
