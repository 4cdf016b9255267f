#include "telemetry/log/redaction.h"

#include <algorithm>
#include <array>

#include "base/redacted.h"

namespace telemetry::log {
namespace {

constexpr std::array<std::string_view, 13> kCredentialEndings{
    "authorization", "bearer",     "password",    "passwd", "passphrase", "secret",
    "token",         "credential", "credentials", "cookie", "apikey",     "privatekey",
    "keydata"  // client-key-data of a kubeconfig
};

// The shortest run of characters that is taken for a credential behind "Bearer " or "Basic ".
constexpr std::size_t kMinCredential = 8;
// Every JSON Web Token begins with base64 of `{"`.
constexpr std::string_view kJwtBeginning = "eyJ";

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_alphanumeric(char c) {
  return is_lower(c) || is_upper(c) || (c >= '0' && c <= '9');
}
char lower(char c) {
  return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}

// token68 of RFC 9110 §11.2.
bool is_token_character(char c) {
  return is_alphanumeric(c) || std::string_view("-._~+/=").contains(c);
}

// Letters and digits in lower case.
std::string letters_of(std::string_view key) {
  std::string letters;
  for (const char c : key) {
    if (is_alphanumeric(c)) letters += lower(c);
  }
  return letters;
}

std::string_view leading_token(std::string_view text) {
  const auto length = std::ranges::find_if_not(text, is_token_character) - text.begin();
  return text.substr(0, static_cast<std::size_t>(length));
}

bool is_scheme(std::string_view token) {
  const std::string letters = letters_of(token);
  return letters == "bearer" || letters == "basic";
}

// "Basic authentication failed" is prose.
bool is_credential(std::string_view token) {
  return token.size() >= kMinCredential && !std::ranges::all_of(token, is_lower);
}

bool is_jwt(std::string_view token) {
  return token.contains(kJwtBeginning) && std::ranges::count(token, '.') >= 2;
}

}  // namespace

bool names_credential(std::string_view key) {
  const std::string letters = letters_of(key);
  return std::ranges::any_of(kCredentialEndings,
                             [&](std::string_view ending) { return letters.ends_with(ending); });
}

std::string redact_credentials(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool after_scheme = false;
  while (!text.empty()) {
    const std::string_view token = leading_token(text);
    if (token.empty()) {
      after_scheme = after_scheme && text.front() == ' ';
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    const bool secret = is_jwt(token) || (after_scheme && is_credential(token));
    out += secret ? base::kRedacted : token;
    after_scheme = is_scheme(token);
    text.remove_prefix(token.size());
  }
  return out;
}

}  // namespace telemetry::log
