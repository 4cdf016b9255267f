#pragma once
// Certificate files as the kubelet keeps those of a Secret: links into a folder that is replaced
// whole.

#include <filesystem>

#include "net/tls.h"

namespace test {

class CertificateVolume {
 public:
  // A new directory, empty.
  CertificateVolume();
  ~CertificateVolume();
  CertificateVolume(const CertificateVolume&) = delete;
  CertificateVolume& operator=(const CertificateVolume&) = delete;

  // tls.crt and tls.key, both at once.
  void put(const net::TlsOptions& pair);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  int generation_ = 0;
};

// One after the other, as people do.
void write_certificate_files(const std::filesystem::path& directory, const net::TlsOptions& pair);

}  // namespace test
