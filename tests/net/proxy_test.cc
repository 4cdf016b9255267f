#include "net/proxy.h"

#include <cstdlib>

#include <gmock/gmock.h>

namespace net {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

bool proxied(std::string_view host, std::string no_proxy, std::uint16_t port = 443) {
  return proxy_for(host, port,
                   {.https_proxy = "http://proxy:3128", .no_proxy = std::move(no_proxy)})
      .value()
      .has_value();
}

TEST(ProxyFor, TakesTheProxyOfTheEnvironment) {
  const auto proxy = proxy_for("api.example.com", 6443,
                               {.https_proxy = "http://us%40er:pa%3Ass@proxy.local:3128/"});
  ASSERT_TRUE(proxy);
  EXPECT_EQ(*proxy,
            (ProxyOptions{
                .host = "proxy.local", .port = 3128, .username = "us@er", .password = "pa:ss"}));
  EXPECT_EQ(proxy_for("api.example.com", 6443, {}).value(), std::nullopt);
}

TEST(ProxyFor, NeverForLoopback) {
  for (const char* host : {"localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1"})
    EXPECT_FALSE(proxied(host, "")) << host;
}

TEST(ProxyFor, ExcludesDomains) {
  EXPECT_FALSE(proxied("anything", "*"));
  EXPECT_FALSE(proxied("example.com", "example.com"));
  EXPECT_FALSE(proxied("api.example.com", "example.com"));
  EXPECT_FALSE(proxied("API.Example.com", " foo , eXample.com "));
  EXPECT_TRUE(proxied("badexample.com", "example.com"));
  EXPECT_FALSE(proxied("api.example.com", ".example.com"));
  EXPECT_TRUE(proxied("example.com", ".example.com"));
  EXPECT_FALSE(proxied("api.example.com", "*.example.com"));
  EXPECT_TRUE(proxied("example.com", "example.org,,"));
}

TEST(ProxyFor, ExcludesAddressesAndNetworks) {
  EXPECT_FALSE(proxied("10.96.0.1", "10.96.0.1"));
  EXPECT_TRUE(proxied("10.96.0.11", "10.96.0.1"));
  EXPECT_FALSE(proxied("10.96.0.1", "10.0.0.0/8"));
  EXPECT_FALSE(proxied("10.96.0.0", "10.96.0.0/32"));
  EXPECT_TRUE(proxied("11.0.0.1", "10.0.0.0/8"));
  EXPECT_FALSE(proxied("fd00::1", "fd00::/8"));
  EXPECT_TRUE(proxied("fe00::1", "fd00::/8"));
  EXPECT_TRUE(proxied("fd00::1", "10.0.0.0/8"));
  EXPECT_TRUE(proxied("10.96.0.1", "96.0.1"));
  EXPECT_TRUE(proxied("10.96.0.1", "10.0.0.0/99"));
}

TEST(ProxyFor, ExcludesOnlyThePortThatIsNamed) {
  EXPECT_FALSE(proxied("example.com", "example.com:443"));
  EXPECT_TRUE(proxied("example.com", "example.com:443", 6443));
  EXPECT_FALSE(proxied("10.0.0.1", "10.0.0.1:443"));
  EXPECT_FALSE(proxied("fd00::1", "[fd00::1]:443"));
  EXPECT_TRUE(proxied("fd00::1", "[fd00::1]:80"));
  EXPECT_FALSE(proxied("fd00::1", "fd00::1"));
}

TEST(ParseProxyUrl, DefaultsToHttpAndItsPort) {
  EXPECT_EQ(parse_proxy_url("proxy:3128").value(), (ProxyOptions{.host = "proxy", .port = 3128}));
  EXPECT_EQ(parse_proxy_url("http://proxy").value(), (ProxyOptions{.host = "proxy", .port = 80}));
}

TEST(ParseProxyUrl, RefusesWhatItCannotSpeakWithoutShowingCredentials) {
  for (const char* url : {"socks5://u:secret@proxy:1080", "https://u:secret@proxy",
                          "http://u:secret@", "http://u:secret@proxy:port"}) {
    const auto proxy = parse_proxy_url(url);
    ASSERT_FALSE(proxy) << url;
    EXPECT_EQ(proxy.error().reason, base::Reason::kBadInput);
    EXPECT_THAT(proxy.error().describe(), Not(HasSubstr("secret")));
  }
}

TEST(ProxyEnvironment, PrefersUpperCase) {
  ::setenv("https_proxy", "http://lower:1", 1);
  ::unsetenv("HTTPS_PROXY");
  ::unsetenv("NO_PROXY");
  ::setenv("no_proxy", "lower", 1);
  EXPECT_EQ(proxy_environment().https_proxy, "http://lower:1");
  EXPECT_EQ(proxy_environment().no_proxy, "lower");
  ::setenv("HTTPS_PROXY", "http://upper:1", 1);
  EXPECT_EQ(proxy_environment().https_proxy, "http://upper:1");
  for (const char* name : {"https_proxy", "HTTPS_PROXY", "no_proxy"}) ::unsetenv(name);
}

}  // namespace
}  // namespace net
