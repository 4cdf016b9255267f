#include "kube/config/pem.h"

#include <memory>

#include <climits>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace kube {
namespace {

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;

// Reads from `pem`, which outlives it. Null for what OpenSSL cannot address.
Bio reader(std::string_view pem) {
  if (pem.size() > INT_MAX) return nullptr;
  return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

// Instead of OpenSSL's own, which would ask on the terminal.
int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) {
  return -1;
}

Certificate next_certificate(BIO* bio) {
  return Certificate(PEM_read_bio_X509(bio, nullptr, no_password, nullptr));
}

// True when the last read failed because there is no further PEM block.
bool at_end() {
  return ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
}

std::unexpected<base::Error> fail(std::string message) {
  ERR_clear_error();
  return base::fail(base::Reason::kTls, std::move(message));
}

}  // namespace

base::Result<void> check_certificates(std::string_view pem) {
  ERR_clear_error();
  const Bio bio = reader(pem);
  if (bio == nullptr || next_certificate(bio.get()) == nullptr) {
    return fail("no PEM certificate in it");
  }
  while (next_certificate(bio.get()) != nullptr) {
  }
  if (!at_end()) return fail("a PEM certificate in it is broken");
  ERR_clear_error();
  return {};
}

base::Result<void> check_key_pair(std::string_view certificate, std::string_view key) {
  if (auto checked = check_certificates(certificate); !checked) {
    return std::unexpected(checked.error().wrap("client certificate"));
  }
  const Certificate leaf = next_certificate(reader(certificate).get());
  const Bio key_bio = reader(key);
  if (key_bio == nullptr) return fail("client key: too large");
  const Key private_key(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, no_password, nullptr));
  if (private_key == nullptr) return fail("client key: no unencrypted PEM private key in it");
  if (X509_check_private_key(leaf.get(), private_key.get()) != 1) {
    return fail("client key: does not belong to the client certificate");
  }
  ERR_clear_error();
  return {};
}

}  // namespace kube
