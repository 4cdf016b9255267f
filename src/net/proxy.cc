#include "net/proxy.h"

#include <charconv>
#include <cstdlib>
#include <vector>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include "net/url.h"

namespace net {
namespace {

namespace ip = boost::asio::ip;

std::string first_set(const char* upper, const char* lower) {
  for (const char* name : {upper, lower}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return {};
}

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::vector<std::string> entries_of(std::string_view no_proxy) {
  std::vector<std::string> entries;
  while (!no_proxy.empty()) {
    const auto comma = no_proxy.find(',');
    if (const auto entry = trim(no_proxy.substr(0, comma)); !entry.empty()) {
      entries.push_back(lower_case(entry));
    }
    no_proxy = comma == std::string_view::npos ? "" : no_proxy.substr(comma + 1);
  }
  return entries;
}

std::optional<ip::address> parse_address(std::string_view text) {
  boost::system::error_code error;
  auto address = ip::make_address(std::string(text), error);
  if (error) return std::nullopt;
  return address;
}

bool in_network(const ip::address& address, const std::string& cidr) {
  boost::system::error_code error;
  if (address.is_v4()) {
    const auto network = ip::make_network_v4(cidr, error);
    return !error && network.canonical() ==
                         ip::network_v4(address.to_v4(), network.prefix_length()).canonical();
  }
  const auto network = ip::make_network_v6(cidr, error);
  return !error && network.canonical() ==
                       ip::network_v6(address.to_v6(), network.prefix_length()).canonical();
}

// "host:port", "[v6]:port" or without a port. An IPv6 address needs brackets to carry a port.
struct Entry {
  std::string host;
  std::optional<std::uint16_t> port;
};

Entry split_port(const std::string& text) {
  const auto colon = text.rfind(':');
  const bool bracketed = text.starts_with('[');
  const bool bare_v6 = !bracketed && text.find(':') != colon;
  if (colon == std::string::npos || bare_v6 || (bracketed && text.ends_with(']'))) {
    return {.host = bracketed ? text.substr(1, text.size() - 2) : text, .port = std::nullopt};
  }
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data() + colon + 1, end, port);
  if (error != std::errc{} || rest != end) return {.host = text, .port = std::nullopt};
  const auto host = text.substr(0, colon);
  return {.host = bracketed ? host.substr(1, host.size() - 2) : host, .port = port};
}

bool matches_domain(std::string_view host, std::string_view domain) {
  if (domain.starts_with("*.")) domain.remove_prefix(1);
  if (domain.starts_with('.')) return host.size() > domain.size() && host.ends_with(domain);
  return host == domain || (host.size() > domain.size() && host.ends_with(domain) &&
                            host[host.size() - domain.size() - 1] == '.');
}

bool excludes(const std::string& text, std::string_view host,
              const std::optional<ip::address>& address, std::uint16_t port) {
  if (text == "*") return true;
  if (text.find('/') != std::string::npos) return address && in_network(*address, text);
  const Entry entry = split_port(text);
  if (entry.port && *entry.port != port) return false;
  if (const auto excluded = parse_address(entry.host)) return address == excluded;
  return !address && matches_domain(host, entry.host);
}

}  // namespace

ProxyEnvironment proxy_environment() {
  return {.https_proxy = first_set("HTTPS_PROXY", "https_proxy"),
          .no_proxy = first_set("NO_PROXY", "no_proxy")};
}

base::Result<ProxyOptions> parse_proxy_url(std::string_view text) {
  const bool has_scheme = text.find("://") != std::string_view::npos;
  auto url = parse_url(has_scheme ? std::string(text) : "http://" + std::string(text));
  if (!url) return std::unexpected(url.error().wrap("the proxy's URL"));
  if (url->tls()) {
    return base::fail(base::Reason::kBadInput,
                      "the proxy's URL: only http:// proxies are spoken to");
  }
  const auto colon = url->userinfo.find(':');
  ProxyOptions options{.host = url->host, .port = url->port};
  options.username = url->userinfo.substr(0, colon);
  if (colon != std::string::npos) options.password = url->userinfo.substr(colon + 1);
  return options;
}

base::Result<std::optional<ProxyOptions>> proxy_for(std::string_view host, std::uint16_t port,
                                                    const ProxyEnvironment& environment) {
  const std::string name = lower_case(host);
  const auto address = parse_address(name);
  if (environment.https_proxy.empty() || name == "localhost" ||
      (address && address->is_loopback())) {
    return std::nullopt;
  }
  for (const auto& entry : entries_of(environment.no_proxy)) {
    if (excludes(entry, name, address, port)) return std::nullopt;
  }
  auto proxy = parse_proxy_url(environment.https_proxy);
  if (!proxy) return std::unexpected(proxy.error());
  return *std::move(proxy);
}

}  // namespace net
