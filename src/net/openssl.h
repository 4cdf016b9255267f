#pragma once
// What net's files share of OpenSSL: owners of its objects, PEM text, and its reasons.

#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/error.h"

namespace net {

// Frees what OpenSSL hands out: std::unique_ptr<X509, OpensslFree<X509_free>>.
template <auto free_function>
struct OpensslFree {
  template <class T>
  void operator()(T* object) const {
    free_function(object);
  }
};

using Bio = std::unique_ptr<BIO, OpensslFree<BIO_free_all>>;
using X509Ptr = std::unique_ptr<X509, OpensslFree<X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;

// What OpenSSL says of its last failure on this thread.
std::string openssl_reason();
// kTls, "<what>: <OpenSSL's reason>"; OpenSSL forgets the failure.
std::unexpected<base::Error> openssl_failure(std::string_view what);

// Reads from `text`, which outlives it.
Bio memory(std::string_view text);
// What was written to a BIO in memory.
std::string text_of(BIO* written);
std::string pem_of(X509* certificate);
// The next certificate of a PEM text; null at its end, and where one is broken: at_end_of_pem()
// tells which.
X509Ptr next_certificate(BIO* pem);
// True when reading PEM stopped because there was no further block.
bool at_end_of_pem();
// Null where there is none without a passphrase.
PrivateKey read_private_key(std::string_view pem);

}  // namespace net
