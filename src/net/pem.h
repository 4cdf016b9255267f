#pragma once
// Checks on PEM text before it replaces what works.

#include <string_view>

#include "base/error.h"

namespace net {

// Holds at least one X.509 certificate, and no broken one. kTls otherwise.
base::Result<void> check_certificates(std::string_view pem);

// Of a client: `certificate` (leaf first) parses, `key` parses without a password, and they belong
// together. kTls otherwise; the message never repeats the key.
base::Result<void> check_key_pair(std::string_view certificate, std::string_view key);

}  // namespace net
