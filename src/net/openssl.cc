#include "net/openssl.h"

#include <climits>
#include <fmt/format.h>
#include <openssl/err.h>

namespace net {
namespace {

// In place of OpenSSL's own, which asks at the terminal.
int no_passphrase(char*, int, int, void*) {
  return 0;
}

}  // namespace

std::string openssl_reason() {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : fmt::format("error {}", code);
}

std::unexpected<base::Error> openssl_failure(std::string_view what) {
  auto error = base::fail(base::Reason::kTls, fmt::format("{}: {}", what, openssl_reason()));
  ERR_clear_error();
  return error;
}

Bio memory(std::string_view text) {
  // More than OpenSSL counts is no PEM that anybody wrote: it reads as an empty text.
  const int size = text.size() > INT_MAX ? 0 : static_cast<int>(text.size());
  return Bio(BIO_new_mem_buf(text.data(), size));
}

std::string text_of(BIO* written) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(written, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  return text_of(bio.get());
}

X509Ptr next_certificate(BIO* pem) {
  return X509Ptr(PEM_read_bio_X509(pem, nullptr, no_passphrase, nullptr));
}

bool at_end_of_pem() {
  const unsigned long code = ERR_peek_last_error();
  const bool at_end =
      ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
  if (at_end) ERR_clear_error();
  return at_end;
}

PrivateKey read_private_key(std::string_view pem) {
  const Bio bio = memory(pem);
  return PrivateKey(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
}

}  // namespace net
