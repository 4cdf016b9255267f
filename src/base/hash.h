#pragma once
// Digests and base64 of whole strings.

#include <string>
#include <string_view>

#include "base/error.h"

namespace base {

// SHA-256 in lower-case hex: 64 digits.
[[nodiscard]] std::string sha256_hex(std::string_view data);
// The first 128 bits of SHA-256 in lower-case hex: 32 digits, enough where nobody gains by a
// collision.
[[nodiscard]] std::string sha256_hex128(std::string_view data);

// RFC 4648 §4, with padding, without line breaks.
[[nodiscard]] std::string base64_encode(std::string_view data);
// Accepts exactly what base64_encode writes: no white space, padding required, unused bits zero.
// Reason::kBadInput otherwise; the message does not repeat the text, which may be a secret.
[[nodiscard]] Result<std::string> base64_decode(std::string_view text);

}  // namespace base
