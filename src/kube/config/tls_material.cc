#include "kube/config/tls_material.h"

#include <fmt/format.h>

#include "kube/config/file.h"
#include "net/pem.h"

namespace kube {
namespace {

// A bundle of public certificate authorities is 220 kB.
constexpr std::size_t kMaxPemBytes = 1024 * 1024;

base::Result<std::string> bytes_of(const Pem& pem) {
  if (pem.file.empty()) return pem.data.reveal();
  return read_file(pem.file, kMaxPemBytes);
}

std::string_view source_of(const Pem& pem) {
  return pem.file.empty() ? std::string_view("the kubeconfig") : std::string_view(pem.file);
}

base::Result<std::string> load_ca(const Pem& ca) {
  auto bytes = bytes_of(ca);
  if (!bytes || ca.empty()) return bytes;
  if (auto checked = net::check_certificates(*bytes); !checked) {
    return std::unexpected(checked.error().wrap(
        fmt::format("the certificate authority of {} cannot be used", source_of(ca))));
  }
  return bytes;
}

base::Result<net::TlsOptions> load_options(const TlsConfig& config) {
  auto ca = load_ca(config.ca);
  if (!ca) return std::unexpected(std::move(ca.error()));
  auto certificate = bytes_of(config.certificate);
  if (!certificate) return std::unexpected(std::move(certificate.error()));
  auto key = bytes_of(config.key);
  if (!key) return std::unexpected(std::move(key.error()));
  if (!config.certificate.empty()) {
    if (auto checked = net::check_key_pair(*certificate, *key); !checked) {
      return std::unexpected(checked.error().wrap(
          fmt::format("the client certificate of {} and the key of {} cannot be used",
                      source_of(config.certificate), source_of(config.key))));
    }
  }
  return net::TlsOptions{.ca_pem = std::move(*ca),
                         .certificate_pem = std::move(*certificate),
                         .private_key_pem = std::move(*key),
                         .server_name = config.server_name,
                         .insecure_skip_verify = config.insecure_skip_verify};
}

bool equal(const net::TlsOptions& a, const net::TlsOptions& b) {
  return a.ca_pem == b.ca_pem && a.certificate_pem == b.certificate_pem &&
         a.private_key_pem == b.private_key_pem;
}

}  // namespace

base::Result<TlsMaterial> TlsMaterial::load(const TlsConfig& config, base::Clock::time_point now) {
  auto options = load_options(config);
  if (!options) return std::unexpected(std::move(options.error()));
  return TlsMaterial(config, std::move(*options), now);
}

base::Result<bool> TlsMaterial::reload(base::Clock::time_point now) {
  if (now < read_at_ + kTlsReloadPeriod) return false;
  read_at_ = now;
  auto options = load_options(config_);
  if (!options) return std::unexpected(std::move(options.error()));
  if (equal(*options, options_)) return false;
  options_ = std::move(*options);
  return true;
}

}  // namespace kube
