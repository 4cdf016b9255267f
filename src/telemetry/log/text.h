#pragma once
// Strings of log lines: escaping and cutting.

#include <cstddef>
#include <string>
#include <string_view>

namespace telemetry::log {

// What a text that was cut ends with.
inline constexpr std::string_view kTruncationMark = "…[truncated]";

// `text` as a JSON string with its quotes. Control characters and line separators are escaped, each
// byte of invalid UTF-8 becomes U+FFFD. The content takes at most `max_bytes` as escaped; where it
// would take more it is cut between two characters and ends with kTruncationMark on top.
[[nodiscard]] std::string json_string(std::string_view text, std::size_t max_bytes);

// The same without quotes around it and with '"' and '\\' as they are: for people.
[[nodiscard]] std::string printable(std::string_view text, std::size_t max_bytes);

}  // namespace telemetry::log
