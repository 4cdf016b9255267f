#include "net/url.h"

#include <gmock/gmock.h>

namespace net {
namespace {

TEST(ParseUrl, TakesAServersAddressApart) {
  const auto url = parse_url("https://api.example.com:6443/k8s/clusters/c-1/").value();
  EXPECT_EQ(url.host, "api.example.com");
  EXPECT_EQ(url.port, 6443);
  EXPECT_EQ(url.path, "/k8s/clusters/c-1");
  EXPECT_TRUE(url.tls());
}

TEST(ParseUrl, KnowsTheUsualPorts) {
  EXPECT_EQ(parse_url("https://a").value().port, 443);
  EXPECT_EQ(parse_url("http://a/").value().port, 80);
  EXPECT_EQ(parse_url("http://a/").value().path, "");
}

TEST(ParseUrl, TakesTheBracketsOffAnAddress) {
  const auto url = parse_url("https://[fd00::1]:6443").value();
  EXPECT_EQ(url.host, "fd00::1");
  EXPECT_EQ(authority(url.host, url.port), "[fd00::1]:6443");
  EXPECT_EQ(parse_url("https://10.0.0.1").value().host, "10.0.0.1");
}

TEST(ParseUrl, RefusesAnythingElse) {
  for (const char* text :
       {"", "a.example.com", "ftp://a", "https://", "https://:443", "https://a:0",
        "https://a:70000", "https://a?x=1", "https://a#f", "https://a b", "/path"}) {
    const auto url = parse_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().reason, base::Reason::kBadInput) << text;
  }
}

TEST(Encode, LeavesOnlyUnreservedCharacters) {
  EXPECT_EQ(encode_path_segment("a-b._~9/ä?"), "a-b._~9%2F%C3%A4%3F");
  EXPECT_EQ(encode_query("app in (a,b)&x=+"), "app%20in%20%28a%2Cb%29%26x%3D%2B");
}

}  // namespace
}  // namespace net
