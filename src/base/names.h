#pragma once
// The names that Kubernetes accepts (k8s.io/apimachinery/pkg/util/validation), and shortening to
// them.

#include <cstddef>
#include <string>
#include <string_view>

namespace base {

constexpr std::size_t kMaxLabelLength = 63;       // RFC 1123, RFC 1035, and every label value
constexpr std::size_t kMaxSubdomainLength = 253;  // RFC 1123; most object names

// [a-z0-9]([-a-z0-9]*[a-z0-9])?, at most 63 characters.
[[nodiscard]] bool is_dns1123_label(std::string_view name);
// Parts like DNS-1123 labels joined by '.', at most 253 characters in all (a part may be longer
// than 63).
[[nodiscard]] bool is_dns1123_subdomain(std::string_view name);
// [a-z]([-a-z0-9]*[a-z0-9])?, at most 63 characters.
[[nodiscard]] bool is_dns1035_label(std::string_view name);

// `name` if it has at most `max` characters. Otherwise its beginning, '-' and 10 hex digits of the
// SHA-256 of the whole name, together at most `max`: the same name always gives the same result,
// and names that differ only behind the cut stay apart. A valid label or subdomain stays one, since
// nothing but a letter or digit stands before the '-'. Throws std::logic_error where `max` leaves
// no room for a beginning (under 12).
[[nodiscard]] std::string shorten(std::string_view name, std::size_t max);

}  // namespace base
