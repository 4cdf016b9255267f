#include "tests/support/certificates.h"

#include <atomic>
#include <stdexcept>

#include <openssl/x509v3.h>

#include "net/openssl.h"

namespace test {
namespace {

using Certificate = net::X509Ptr;
using Key = net::PrivateKey;
using net::pem_of;

constexpr long kDay = 24 * 60 * 60;

std::string pem_of(EVP_PKEY* key) {
  const net::Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return net::text_of(bio.get());
}

Key new_key() {
  Key key(EVP_EC_gen("P-256"));
  if (!key) throw std::runtime_error("no key");
  return key;
}

void extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  if (extension == nullptr) throw std::runtime_error("bad extension: " + value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Certificate new_certificate(EVP_PKEY* key, long from, long until) {
  static std::atomic<long> last_serial = 0;
  const long serial = ++last_serial;
  // Two authorities of one name would be told apart by their signatures only.
  const std::string common_name = "test " + std::to_string(serial);
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), from);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), until);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
                             0);
  return certificate;
}

std::string alternative_names(const CertificateRequest& request) {
  std::string names;
  const auto add = [&](const char* kind, const std::string& value) {
    names += (names.empty() ? "" : ",") + std::string(kind) + value;
  };
  for (const auto& name : request.dns_names) add("DNS:", name);
  for (const auto& address : request.addresses) add("IP:", address);
  return names;
}

}  // namespace

CertificateAuthority::CertificateAuthority() {
  const Key key = new_key();
  const Certificate certificate = new_certificate(key.get(), -kDay, kDay);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
  extend(certificate.get(), certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  extend(certificate.get(), certificate.get(), NID_key_usage, "critical,keyCertSign");
  extend(certificate.get(), certificate.get(), NID_subject_key_identifier, "hash");
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  pem_ = pem_of(certificate.get());
  key_pem_ = pem_of(key.get());
}

net::TlsOptions CertificateAuthority::issue(const CertificateRequest& request) const {
  const Certificate issuer = net::next_certificate(net::memory(pem_).get());
  const Key issuer_key = net::read_private_key(key_pem_);
  const Key key = new_key();
  const Certificate certificate =
      new_certificate(key.get(), -2 * kDay, request.expired ? -kDay : kDay);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer.get()));
  if (const auto names = alternative_names(request); !names.empty()) {
    extend(certificate.get(), issuer.get(), NID_subject_alt_name, names);
  }
  X509_sign(certificate.get(), issuer_key.get(), EVP_sha256());
  return {.certificate_pem = pem_of(certificate.get()), .private_key_pem = pem_of(key.get())};
}

net::TlsOptions localhost_identity(const CertificateAuthority& authority) {
  return authority.issue({.dns_names = {"localhost"}, .addresses = {"127.0.0.1", "::1"}});
}

}  // namespace test
