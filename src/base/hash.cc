#include "base/hash.h"

#include <array>
#include <limits>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/evp.h>

namespace base {
namespace {

constexpr std::size_t kSha256Bytes = 32;
constexpr std::size_t kHex128Digits = 32;

// OpenSSL counts in int; nothing that is read here comes near.
int length_of(std::string_view data) {
  if (data.size() > std::numeric_limits<int>::max() / 2) throw std::length_error("base64 input");
  return static_cast<int>(data.size());
}

const unsigned char* bytes_of(std::string_view data) {
  return reinterpret_cast<const unsigned char*>(data.data());
}

}  // namespace

std::string sha256_hex(std::string_view data) {
  std::array<unsigned char, kSha256Bytes> digest{};
  if (EVP_Digest(data.data(), data.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("OpenSSL offers no SHA-256");
  }
  return fmt::format("{:02x}", fmt::join(digest, ""));
}

std::string sha256_hex128(std::string_view data) {
  return sha256_hex(data).substr(0, kHex128Digits);
}

std::string base64_encode(std::string_view data) {
  std::string text((data.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL ends it with a NUL
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes_of(data),
                                     length_of(data));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

Result<std::string> base64_decode(std::string_view text) {
  constexpr auto kRule = "not base64 (RFC 4648, padded, without line breaks)";
  if (text.size() % 4 != 0) return fail(Reason::kBadInput, kRule);
  std::string data(text.size() / 4 * 3, '\0');
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(data.data()), bytes_of(text),
                                     length_of(text));
  if (length < 0) return fail(Reason::kBadInput, kRule);
  data.resize(static_cast<std::size_t>(length));
  // OpenSSL writes a zero byte for each padding character.
  if (text.ends_with("==")) {
    data.resize(data.size() - 2);
  } else if (text.ends_with('=')) {
    data.resize(data.size() - 1);
  }
  // OpenSSL forgives white space and unused bits that are set; only one text stands for each
  // string.
  if (base64_encode(data) != text) return fail(Reason::kBadInput, kRule);
  return data;
}

}  // namespace base
