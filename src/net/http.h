#pragma once
// HTTP messages as values, shared by the client and the server.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace net {

enum class Method { kGet, kPost, kPut, kPatch, kDelete };

// "GET", "POST", ...
std::string_view to_string(Method method);
std::optional<Method> parse_method(std::string_view text);

struct Header {
  std::string name{};
  std::string value{};

  friend bool operator==(const Header&, const Header&) = default;
};

// The value of the first header of that name, compared without case; empty when there is none.
std::string_view find_header(const std::vector<Header>& headers, std::string_view name);

struct Request {
  Method method = Method::kGet;
  // Path and query as they go on the wire: already percent-encoded (net/url.h), starting with '/'.
  std::string target = "/";
  // Host, Connection, Content-Length and Accept-Encoding are written by the client itself.
  std::vector<Header> headers{};
  std::string body{};
  // From the call to the last byte of the answer, waiting for a free connection included. 0: no
  // limit (a watch sets an idle limit instead).
  std::chrono::milliseconds timeout = std::chrono::seconds(30);
  // Offer gzip; the answer arrives decoded either way.
  bool accept_gzip = false;

  [[nodiscard]] std::string_view header(std::string_view name) const {
    return find_header(headers, name);
  }
};

struct Response {
  int status = 0;
  std::vector<Header> headers{};
  // Decoded: neither chunked nor compressed.
  std::string body{};
  // Of a client's answer: from the dialling or the first byte of the request to the last byte of
  // the answer. Waiting for a free connection is not in it.
  std::chrono::nanoseconds elapsed{0};

  [[nodiscard]] std::string_view header(std::string_view name) const {
    return find_header(headers, name);
  }
  [[nodiscard]] bool ok() const { return status >= 200 && status < 300; }
};

}  // namespace net
