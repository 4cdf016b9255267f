#pragma once
// The Secret in which a server keeps the certificates that it made: type kubernetes.io/tls with
// ca.crt, ca.key, tls.crt and tls.key.

#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "object/key.h"
#include "object/kind.h"
#include "runtime/own_certificates.h"

namespace runtime {

inline constexpr object::Kind kSecret{"", "v1", "Secret", "secrets"};

// By which a Secret is known to be one of ours: nobody else's is written.
struct OwnLabel {
  std::string key;
  std::string value;
};

struct CertificateSecret {
  std::string resource_version{};  // empty: there is no Secret yet
  bool ours = false;
  OwnCertificates certificates{};
};

// What is absent or not base64 is empty.
CertificateSecret read_certificate_secret(const boost::json::object& secret, const OwnLabel& label);

// The body of an apply that puts `certificates` in the place of those in `before`. The API server
// refuses it with a conflict where there is a Secret that is not the one that was read.
std::string certificate_secret(const object::Key& key, const OwnLabel& label,
                               const CertificateSecret& before,
                               const OwnCertificates& certificates);

}  // namespace runtime
