#pragma once
// Whether DNS knows a name: a question of its own, asked of the configured servers, past /etc/hosts
// and the search list.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"

namespace net {

enum class NameState {
  kFree,   // NXDOMAIN, or neither an address nor an alias
  kInUse,  // an IPv4 or IPv6 address, or an alias, even one that leads nowhere
};

// Where to ask instead of the servers of /etc/resolv.conf: an IPv4 address.
struct NameServer {
  std::string address;
  std::uint16_t port = 53;
};

// How long look_up() blocks at most: two questions (IPv4, then IPv6), each sent once, by UDP, to at
// most two servers, which have a second each.
inline constexpr std::chrono::seconds kLookUpTimeout{4};

// Asks for the addresses of `name`, fully qualified with or without its final dot. Blocks; any
// thread but io. kUnavailable where no server answers, or none that can say.
base::Result<NameState> look_up(const std::string& name,
                                const std::optional<NameServer>& server = std::nullopt);

}  // namespace net
