#pragma once
// Random identifiers.

#include <string>

namespace base {

// A version 4 UUID (RFC 9562 §5.4) from OpenSSL's generator: "9f1c6c3e-….", for reconcile IDs.
// Thread-safe.
[[nodiscard]] std::string random_uuid();

}  // namespace base
