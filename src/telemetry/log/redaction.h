#pragma once
// The second line of defence against secrets in logs. The first is base::Redacted, which is what
// code that knows of a secret uses; this one catches those that come inside somebody else's text.

#include <string>
#include <string_view>

namespace telemetry::log {

// True for the key of a field that names a credential: one that ends, whatever its case and
// separators, with authorization, bearer, password, passwd, passphrase, secret, token,
// credential(s), cookie, api key, private key or key data. ("secretName" and "tokenFile" are not
// credentials.)
[[nodiscard]] bool names_credential(std::string_view key);

// `text` with what looks like a credential replaced by "[redacted]": what follows "Bearer " or
// "Basic " unless it is a plain word, and JSON Web Tokens (service account tokens are).
[[nodiscard]] std::string redact_credentials(std::string_view text);

}  // namespace telemetry::log
