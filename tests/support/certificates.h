#pragma once
// Throw-away certificates, made in memory.

#include <string>
#include <vector>

#include "net/tls.h"

namespace test {

struct CertificateRequest {
  std::vector<std::string> dns_names{};
  std::vector<std::string> addresses{};
  // Its validity ended yesterday.
  bool expired = false;
};

// A certificate authority of its own key. The options it makes hold certificate and key, and no CA.
class CertificateAuthority {
 public:
  CertificateAuthority();
  [[nodiscard]] const std::string& pem() const { return pem_; }
  [[nodiscard]] net::TlsOptions issue(const CertificateRequest& request) const;

 private:
  std::string pem_;
  std::string key_pem_;
};

// Valid for "localhost", 127.0.0.1 and ::1.
net::TlsOptions localhost_identity(const CertificateAuthority& authority);

}  // namespace test
