#include "tests/support/certificate_volume.h"

#include <cstdlib>
#include <fstream>
#include <string>

namespace test {

namespace fs = std::filesystem;

CertificateVolume::CertificateVolume() {
  std::string name = (fs::temp_directory_path() / "certificates-XXXXXX").string();
  path_ = mkdtemp(name.data());
}

CertificateVolume::~CertificateVolume() {
  fs::remove_all(path_);
}

// AtomicWriter of k8s.io/kubernetes/pkg/volume/util.
void CertificateVolume::put(const net::TlsOptions& pair) {
  const std::string before = "..generation-" + std::to_string(generation_);
  const std::string now = "..generation-" + std::to_string(++generation_);
  fs::create_directory(path_ / now);
  write_certificate_files(path_ / now, pair);
  fs::create_directory_symlink(now, path_ / "..data_tmp");
  fs::rename(path_ / "..data_tmp", path_ / "..data");
  if (generation_ > 1) {
    fs::remove_all(path_ / before);
    return;
  }
  for (const char* file : {"tls.crt", "tls.key"}) {
    fs::create_symlink(fs::path("..data") / file, path_ / file);
  }
}

void write_certificate_files(const fs::path& directory, const net::TlsOptions& pair) {
  std::ofstream(directory / "tls.crt", std::ios::binary) << pair.certificate_pem;
  std::ofstream(directory / "tls.key", std::ios::binary) << pair.private_key_pem;
}

}  // namespace test
