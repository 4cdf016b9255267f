#include "net/url.h"

#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <fmt/format.h>

namespace net {
namespace {

std::string encode(std::string_view text) {
  return boost::urls::encode(text, boost::urls::unreserved_chars);
}

std::unexpected<base::Error> refuse(std::string_view why) {
  // Without the text itself: it may hold credentials.
  return base::fail(base::Reason::kBadInput, fmt::format("not an http(s) URL: {}", why));
}

std::string host_of(const boost::urls::url_view& url) {
  return url.host_type() == boost::urls::host_type::name ? url.host_name() : url.host_address();
}

}  // namespace

base::Result<Url> parse_url(std::string_view text) {
  const auto parsed = boost::urls::parse_uri(text);
  if (!parsed) return refuse(parsed.error().message());
  if (parsed->scheme() != "http" && parsed->scheme() != "https") return refuse("unknown scheme");
  if (parsed->has_query() || parsed->has_fragment()) return refuse("it has a query or a fragment");
  Url url{.scheme = parsed->scheme(),
          .host = host_of(*parsed),
          .path = std::string(std::string_view(parsed->encoded_path()))};
  if (url.host.empty()) return refuse("it has no host");
  if (parsed->has_port() && parsed->port_number() == 0) return refuse("bad port");
  url.port = parsed->has_port() ? parsed->port_number() : (url.tls() ? 443 : 80);
  url.userinfo = parsed->userinfo();
  while (url.path.ends_with('/')) url.path.pop_back();
  return url;
}

std::string encode_path_segment(std::string_view text) {
  return encode(text);
}
std::string encode_query(std::string_view text) {
  return encode(text);
}

std::string authority(std::string_view host, std::uint16_t port) {
  return host.find(':') == std::string_view::npos ? fmt::format("{}:{}", host, port)
                                                  : fmt::format("[{}]:{}", host, port);
}

}  // namespace net
