#pragma once
// URLs: taking a server's address apart, and encoding what goes into a request target.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace net {

struct Url {
  // "http" or "https".
  std::string scheme{};
  // Decoded; an IPv6 address stands without brackets.
  std::string host{};
  // As written, else 80 or 443.
  std::uint16_t port = 0;
  // Still encoded; empty or starting with '/', without a trailing '/'.
  std::string path{};
  // "user:password", decoded; empty when there is none. Never logged.
  std::string userinfo{};

  [[nodiscard]] bool tls() const { return scheme == "https"; }
};

// "https://host[:port][/path]". kBadInput for anything else: another scheme, a query, a fragment.
base::Result<Url> parse_url(std::string_view text);

// One segment of a path: '/' and everything that is not unreserved is percent-encoded.
std::string encode_path_segment(std::string_view text);
// The name or value of a query parameter; a space becomes %20.
std::string encode_query(std::string_view text);

// "host:port", with brackets around an IPv6 address: a Host header, a CONNECT target, a message.
std::string authority(std::string_view host, std::uint16_t port);

}  // namespace net
