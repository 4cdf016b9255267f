#include "net/exchange_io.h"

#include <algorithm>
#include <cstring>
#include <iterator>

#include <boost/beast/http/status.hpp>
#include <fmt/format.h>

namespace net {
namespace {

constexpr std::size_t kInitialBuffer = 16 * 1024;

bool breaks_line(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

bool is_header_name(std::string_view text) {
  constexpr std::string_view kTokenMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kTokenMarks.find(c) != std::string_view::npos;
  });
}

void append(std::string& wire, const std::vector<Header>& headers) {
  for (const auto& header : headers) {
    wire.append(header.name).append(": ").append(header.value).append("\r\n");
  }
}

void append_body(std::string& wire, const std::string& body) {
  fmt::format_to(std::back_inserter(wire), "Content-Length: {}\r\n\r\n", body.size());
  wire.append(body);
}

}  // namespace

void InputBuffer::consume(std::size_t count) {
  begin_ += count;
  if (empty()) begin_ = end_ = 0;
}

std::span<char> InputBuffer::prepare(std::size_t limit) {
  if (begin_ > 0) {
    std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == bytes_.size()) {
    const std::size_t size = std::max(kInitialBuffer, bytes_.size() * 2);
    bytes_.resize(std::max(bytes_.size(), std::min(size, limit)));
  }
  return std::span(bytes_).subspan(end_);
}

boost::asio::awaitable<base::Result<void>> receive(Connection& connection, MessageReader& reader,
                                                   std::size_t max_header_bytes) {
  InputBuffer& input = connection.input;
  while (!reader.done()) {
    if (!input.empty()) {
      const auto taken = reader.put(input.view());
      if (!taken) co_return std::unexpected(taken.error());
      input.consume(*taken);
      if (*taken > 0) continue;
    }
    const auto room = input.prepare(std::max(max_header_bytes, kInitialBuffer));
    if (room.empty())
      co_return base::fail(base::Reason::kTooLarge, "a header or chunk line is too long");
    const auto count = co_await connection.transport.read_some(room);
    if (!count) co_return std::unexpected(count.error());
    if (*count == 0) co_return reader.put_eof();
    input.commit(*count);
  }
  co_return base::Result<void>();
}

base::Result<void> check_request(const Request& request) {
  const bool bad_target = !request.target.starts_with('/') || breaks_line(request.target) ||
                          request.target.find(' ') != std::string::npos;
  if (bad_target) return base::fail(base::Reason::kBadInput, "the request's target is not encoded");
  for (const auto& header : request.headers) {
    if (!is_header_name(header.name) || breaks_line(header.value)) {
      return base::fail(base::Reason::kBadInput,
                        fmt::format("header {} has bytes that cannot be sent", header.name));
    }
  }
  return {};
}

std::string serialize(const Request& request, std::string_view host) {
  std::string wire;
  wire.reserve(1024 + request.body.size());
  wire.append(to_string(request.method)).append(" ").append(request.target).append(" HTTP/1.1\r\n");
  wire.append("Host: ").append(host).append("\r\n");
  append(wire, request.headers);
  if (request.accept_gzip) wire.append("Accept-Encoding: gzip\r\n");
  const bool never_has_body = request.method == Method::kGet && request.body.empty();
  if (never_has_body) return wire.append("\r\n");
  append_body(wire, request.body);
  return wire;
}

std::string serialize(const Response& response, KeepAlive keep_alive) {
  const auto reason =
      boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(response.status));
  std::string wire = fmt::format("HTTP/1.1 {} {}\r\n", response.status,
                                 std::string_view(reason.data(), reason.size()));
  append(wire, response.headers);
  if (keep_alive == KeepAlive::kNo) wire.append("Connection: close\r\n");
  append_body(wire, response.body);
  return wire;
}

}  // namespace net
