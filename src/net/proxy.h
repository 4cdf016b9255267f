#pragma once
// Which HTTP proxy, if any, a connection goes through: HTTPS_PROXY and NO_PROXY as Go's net/http
// reads them, so that an operator's deployment keeps its meaning.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace net {

// A proxy that is asked to CONNECT.
struct ProxyOptions {
  std::string host{};
  std::uint16_t port = 80;
  // Basic credentials; none when the user name is empty. Never logged.
  std::string username{};
  std::string password{};

  friend bool operator==(const ProxyOptions&, const ProxyOptions&) = default;
};

struct ProxyEnvironment {
  std::string https_proxy{};
  std::string no_proxy{};
};

// HTTPS_PROXY and NO_PROXY of the process, else their lower-case forms.
ProxyEnvironment proxy_environment();

// "http://[user:password@]host[:port]" or "host:port". kBadInput for another scheme (SOCKS, a proxy
// reached over TLS) and for what is not a URL; the message never shows the credentials.
base::Result<ProxyOptions> parse_proxy_url(std::string_view text);

// The proxy for a TLS connection to host:port; nothing when none is set or NO_PROXY excludes it.
// NO_PROXY entries: "*"; an address or CIDR; "example.com" (it and what is below it);
// ".example.com" (only what is below); each optionally with ":port". localhost and loopback
// addresses never use a proxy.
base::Result<std::optional<ProxyOptions>> proxy_for(std::string_view host, std::uint16_t port,
                                                    const ProxyEnvironment& environment);

}  // namespace net
