#pragma once
// JSON text to value, filtered while it is read.

#include <cstddef>
#include <string_view>

#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>

#include "base/error.h"
#include "json/filter.h"

namespace json {

// Deeper documents are refused; the API server's own limit for custom resources is far above what
// any kind here has.
inline constexpr std::size_t kMaxDepth = 100;
// Of the values kept. Two bytes of text ("1,") become 24 bytes of value and, while they are read,
// as much again: this many take 23 MiB, whereas 7 MiB of them would take 168. The largest honest
// document, discovery of a thousand kinds, has some 100 000.
inline constexpr std::size_t kMaxValues = 500'000;

// One whole document. The value's memory comes from `storage`; give a monotonic resource where the
// value does not outlive the call. A duplicate key keeps the last value; a number that is no 64-bit
// integer becomes the nearest double, and is refused where that is infinite. Errors are kProtocol
// and name the byte offset, or kTooLarge: more than `max_values`.
base::Result<boost::json::value> parse(std::string_view text, const Filter& filter = {},
                                       boost::json::storage_ptr storage = {},
                                       std::size_t max_values = kMaxValues);

}  // namespace json
