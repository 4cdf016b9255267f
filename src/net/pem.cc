#include "net/pem.h"

#include <string>
#include <utility>

#include <openssl/err.h>

#include "net/openssl.h"

namespace net {
namespace {

std::unexpected<base::Error> fail(std::string message) {
  ERR_clear_error();
  return base::fail(base::Reason::kTls, std::move(message));
}

}  // namespace

base::Result<void> check_certificates(std::string_view pem) {
  ERR_clear_error();
  const Bio bio = memory(pem);
  if (next_certificate(bio.get()) == nullptr) return fail("no PEM certificate in it");
  while (next_certificate(bio.get()) != nullptr) {
  }
  if (!at_end_of_pem()) return fail("a PEM certificate in it is broken");
  return {};
}

base::Result<void> check_key_pair(std::string_view certificate, std::string_view key) {
  if (auto checked = check_certificates(certificate); !checked) {
    return std::unexpected(checked.error().wrap("client certificate"));
  }
  const X509Ptr leaf = next_certificate(memory(certificate).get());
  const PrivateKey private_key = read_private_key(key);
  if (private_key == nullptr) return fail("client key: no unencrypted PEM private key in it");
  if (X509_check_private_key(leaf.get(), private_key.get()) != 1) {
    return fail("client key: does not belong to the client certificate");
  }
  return {};
}

}  // namespace net
