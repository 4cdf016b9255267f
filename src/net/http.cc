#include "net/http.h"

#include <algorithm>
#include <array>
#include <strings.h>
#include <utility>

namespace net {
namespace {

constexpr std::array<std::pair<Method, std::string_view>, 5> kMethods{{
    {Method::kGet, "GET"},
    {Method::kPost, "POST"},
    {Method::kPut, "PUT"},
    {Method::kPatch, "PATCH"},
    {Method::kDelete, "DELETE"},
}};

bool equal_without_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

std::string_view to_string(Method method) {
  return std::ranges::find(kMethods, method, &std::pair<Method, std::string_view>::first)->second;
}

std::optional<Method> parse_method(std::string_view text) {
  for (const auto& [method, name] : kMethods) {
    if (name == text) return method;
  }
  return std::nullopt;
}

std::string_view find_header(const std::vector<Header>& headers, std::string_view name) {
  for (const auto& header : headers) {
    if (equal_without_case(header.name, name)) return header.value;
  }
  return {};
}

}  // namespace net
