#include "net/self_signed.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <ctime>

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "base/names.h"
#include "net/openssl.h"

namespace net {
namespace {

using base::WallClock;

// 127 random bits. RFC 5280 4.1.2.2: positive, at most 20 bytes; the CA/Browser forum asks for 64
// bits at least.
constexpr std::size_t kSerialBytes = 16;
constexpr unsigned char kPositive = 0x7f;

using ExtensionPtr = std::unique_ptr<X509_EXTENSION, OpensslFree<X509_EXTENSION_free>>;
using SerialPtr = std::unique_ptr<BIGNUM, OpensslFree<BN_free>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, OpensslFree<GENERAL_NAMES_free>>;

// BIO_s_secmem wipes what it held.
base::Redacted<std::string> pem_of(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_secmem()));
  PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return base::Redacted<std::string>(text_of(bio.get()));
}

PrivateKey new_key() {
  return PrivateKey(EVP_EC_gen("P-256"));
}

bool set_serial(X509* certificate) {
  std::array<unsigned char, kSerialBytes> bytes{};
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) return false;
  bytes[0] &= kPositive;
  const SerialPtr number(BN_bin2bn(bytes.data(), bytes.size(), nullptr));
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_validity(X509* certificate, const Validity& validity) {
  return ASN1_TIME_set(X509_getm_notBefore(certificate),
                       WallClock::to_time_t(validity.not_before)) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), WallClock::to_time_t(validity.not_after)) !=
             nullptr;
}

bool set_subject(X509* certificate, const std::string& common_name) {
  return X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate), NID_commonName,
                                    MBSTRING_ASC,
                                    reinterpret_cast<const unsigned char*>(common_name.data()),
                                    static_cast<int>(common_name.size()), -1, 0) == 1;
}

// `value` in the words of x509v3_config(5).
bool extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

// Unsigned, and without extensions. Null where OpenSSL refuses something.
X509Ptr new_certificate(EVP_PKEY* key, const std::string& common_name, const Validity& validity) {
  X509Ptr certificate(X509_new());
  const bool made = certificate && X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
                    set_serial(certificate.get()) && set_validity(certificate.get(), validity) &&
                    set_subject(certificate.get(), common_name) &&
                    X509_set_pubkey(certificate.get(), key) == 1;
  if (!made) certificate.reset();
  return certificate;
}

bool is_address(std::string_view name) {
  boost::system::error_code error;
  boost::asio::ip::make_address(name, error);
  return !error;
}

// The names have no character that means something to x509v3_config(5).
std::string alternative_names(const std::vector<std::string>& names) {
  std::vector<std::string> entries;
  std::ranges::transform(names, std::back_inserter(entries), [](const std::string& name) {
    return (is_address(name) ? "IP:" : "DNS:") + name;
  });
  return fmt::format("{}", fmt::join(entries, ","));
}

base::Result<void> check_names(const std::vector<std::string>& names) {
  if (names.empty()) {
    return base::fail(base::Reason::kBadInput, "a server certificate needs a name");
  }
  for (const auto& name : names) {
    if (!name.empty() && certificate_name(name) == name) continue;
    return base::fail(base::Reason::kBadInput,
                      fmt::format("\"{}\" is neither a DNS name nor an IP address", name));
  }
  return {};
}

WallClock::time_point time_of(const ASN1_TIME* time) {
  std::tm broken_down{};
  if (ASN1_TIME_to_tm(time, &broken_down) != 1) return {};
  return WallClock::from_time_t(timegm(&broken_down));
}

Validity validity_of(const X509* certificate) {
  return {.not_before = time_of(X509_get0_notBefore(certificate)),
          .not_after = time_of(X509_get0_notAfter(certificate))};
}

std::string address_text(const ASN1_OCTET_STRING* address) {
  const unsigned char* bytes = ASN1_STRING_get0_data(address);
  const auto size = static_cast<std::size_t>(ASN1_STRING_length(address));
  if (boost::asio::ip::address_v4::bytes_type v4; size == v4.size()) {
    std::copy_n(bytes, size, v4.begin());
    return boost::asio::ip::address_v4(v4).to_string();
  }
  if (boost::asio::ip::address_v6::bytes_type v6; size == v6.size()) {
    std::copy_n(bytes, size, v6.begin());
    return boost::asio::ip::address_v6(v6).to_string();
  }
  return {};
}

std::string name_text(const GENERAL_NAME* name) {
  if (name->type == GEN_IPADD) return address_text(name->d.iPAddress);
  if (name->type != GEN_DNS) return {};
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
          static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName))};
}

std::vector<std::string> names_of(const X509* certificate) {
  const NamesPtr entries(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::vector<std::string> names;
  for (int i = 0; i < sk_GENERAL_NAME_num(entries.get()); ++i) {
    const std::string text = name_text(sk_GENERAL_NAME_value(entries.get(), i));
    if (std::string name = certificate_name(text); !name.empty()) names.push_back(std::move(name));
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace

std::string certificate_name(std::string_view host) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  if (!error) return address.is_v6() && address.to_v6().scope_id() != 0 ? "" : address.to_string();
  if (host.ends_with('.')) host.remove_suffix(1);
  std::string name(host);
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return base::is_dns1123_subdomain(name) ? name : "";
}

base::Result<KeyPair> make_authority(const std::string& common_name, const Validity& validity) {
  const PrivateKey key = new_key();
  if (!key) return openssl_failure("a key for the certificate authority");
  const X509Ptr certificate = new_certificate(key.get(), common_name, validity);
  X509* const self = certificate.get();
  const bool made = self != nullptr &&
                    X509_set_issuer_name(self, X509_get_subject_name(self)) == 1 &&
                    extend(self, self, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                    extend(self, self, NID_key_usage, "critical,keyCertSign") &&
                    extend(self, self, NID_subject_key_identifier, "hash") &&
                    X509_sign(self, key.get(), EVP_sha256()) > 0;
  if (!made) return openssl_failure("a certificate authority");
  return KeyPair{.certificate_pem = pem_of(self), .private_key_pem = pem_of(key.get())};
}

base::Result<KeyPair> issue_server_certificate(const KeyPair& authority,
                                               const std::vector<std::string>& names,
                                               const Validity& validity) {
  if (auto checked = check_names(names); !checked) return std::unexpected(checked.error());
  if (!is_key_pair(authority)) {
    return base::fail(base::Reason::kTls, "the certificate authority's key is not its own");
  }
  const PrivateKey signing = read_private_key(authority.private_key_pem.reveal());
  const X509Ptr issuer = next_certificate(memory(authority.certificate_pem).get());
  const Validity within{
      .not_before = validity.not_before,
      .not_after = std::min(validity.not_after, validity_of(issuer.get()).not_after)};
  const PrivateKey key = new_key();
  if (!key) return openssl_failure("a key for the server certificate");
  // The names are in the extension; nobody looks at this one (RFC 6125, 6.4.4).
  const X509Ptr certificate = new_certificate(key.get(), "server", within);
  X509* const leaf = certificate.get();
  const bool made = leaf != nullptr &&
                    X509_set_issuer_name(leaf, X509_get_subject_name(issuer.get())) == 1 &&
                    extend(leaf, issuer.get(), NID_basic_constraints, "critical,CA:FALSE") &&
                    extend(leaf, issuer.get(), NID_key_usage, "critical,digitalSignature") &&
                    extend(leaf, issuer.get(), NID_ext_key_usage, "serverAuth") &&
                    extend(leaf, issuer.get(), NID_subject_key_identifier, "hash") &&
                    // Two authorities of one name are told apart by it.
                    extend(leaf, issuer.get(), NID_authority_key_identifier, "keyid:always") &&
                    extend(leaf, issuer.get(), NID_subject_alt_name, alternative_names(names)) &&
                    X509_sign(leaf, signing.get(), EVP_sha256()) > 0;
  if (!made) return openssl_failure("a server certificate");
  return KeyPair{.certificate_pem = pem_of(leaf), .private_key_pem = pem_of(key.get())};
}

base::Result<std::vector<CertificateFacts>> read_certificates(std::string_view pem) {
  ERR_clear_error();
  const Bio bio = memory(pem);
  std::vector<CertificateFacts> found;
  while (const X509Ptr certificate = next_certificate(bio.get())) {
    found.push_back({.pem = pem_of(certificate.get()),
                     .validity = validity_of(certificate.get()),
                     .names = names_of(certificate.get())});
  }
  if (!at_end_of_pem()) return openssl_failure("a certificate");
  return found;
}

bool is_signed_by(std::string_view certificate_pem, std::string_view authority_pem) {
  const X509Ptr certificate = next_certificate(memory(certificate_pem).get());
  const X509Ptr authority = next_certificate(memory(authority_pem).get());
  const bool signed_by = certificate && authority &&
                         X509_verify(certificate.get(), X509_get0_pubkey(authority.get())) == 1;
  ERR_clear_error();
  return signed_by;
}

bool is_key_pair(const KeyPair& pair) {
  const X509Ptr certificate = next_certificate(memory(pair.certificate_pem).get());
  const PrivateKey key = read_private_key(pair.private_key_pem.reveal());
  const bool belong =
      certificate && key && X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  return belong;
}

}  // namespace net
