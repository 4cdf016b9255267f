#pragma once
// Certificates that a server makes for itself: an authority of its own, and what that signs
// (ECDSA P-256, SHA-256). Reading them again. All is PEM text; no file is touched.

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/redacted.h"

namespace net {

// A certificate, or a chain that begins with it, and its key (PKCS #8, without a passphrase).
struct KeyPair {
  std::string certificate_pem{};
  base::Redacted<std::string> private_key_pem{};

  friend bool operator==(const KeyPair&, const KeyPair&) = default;
};

// Both ends included; whole seconds.
struct Validity {
  base::WallClock::time_point not_before;
  base::WallClock::time_point not_after;

  friend bool operator==(const Validity&, const Validity&) = default;
};

// A host as a certificate names it and a client looks for it: an IP address in its usual form, else
// a DNS name in lower case without a final dot. Empty for what is neither.
std::string certificate_name(std::string_view host);

// A certificate authority that signs server certificates and nothing else. `common_name` has at
// most 64 characters (RFC 5280, ub-common-name). kTls with OpenSSL's reason; an error never
// repeats a key.
base::Result<KeyPair> make_authority(const std::string& common_name, const Validity& validity);

// A certificate of a new key for `names`, of which each is what certificate_name() gives; signed by
// `authority`, beyond whose end it is never valid. kBadInput for another name, and for none;
// kTls where the authority's certificate and key cannot be used, or are not of each other.
base::Result<KeyPair> issue_server_certificate(const KeyPair& authority,
                                               const std::vector<std::string>& names,
                                               const Validity& validity);

// What a certificate says of itself.
struct CertificateFacts {
  std::string pem{};  // this certificate alone
  Validity validity{};
  std::vector<std::string> names{};  // sorted, in the form of certificate_name()
};

// Each certificate of the text, in its order; none for an empty text. kTls where one is broken.
base::Result<std::vector<CertificateFacts>> read_certificates(std::string_view pem);

// True where `authority` signed `certificate`; of each text the first certificate counts.
bool is_signed_by(std::string_view certificate_pem, std::string_view authority_pem);

// True where the key is readable and that of the first certificate.
bool is_key_pair(const KeyPair& pair);

}  // namespace net
