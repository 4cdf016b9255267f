#include "runtime/certificate_secret.h"

#include <boost/json/serialize.hpp>

#include "base/hash.h"
#include "json/value.h"

namespace runtime {
namespace {

constexpr std::string_view kAuthorityCertificate = "ca.crt";
constexpr std::string_view kAuthorityKey = "ca.key";
constexpr std::string_view kServingCertificate = "tls.crt";
constexpr std::string_view kServingKey = "tls.key";

// An apply with a resource version makes the object where there is none, and else is refused unless
// that is its version. None has this one, etcd's revision before the first write: so it only makes.
constexpr std::string_view kVersionOfNone = "1";

std::string text_at(const boost::json::object& secret, std::string_view key) {
  return base::base64_decode(json::string_at(secret, {"data", key})).value_or("");
}

net::KeyPair pair_at(const boost::json::object& secret, std::string_view certificate,
                     std::string_view key) {
  return {.certificate_pem = text_at(secret, certificate),
          .private_key_pem = base::Redacted<std::string>(text_at(secret, key))};
}

boost::json::object data(const OwnCertificates& certificates) {
  const auto& [authority, serving] = certificates;
  return {{kAuthorityCertificate, base::base64_encode(authority.certificate_pem)},
          {kAuthorityKey, base::base64_encode(authority.private_key_pem.reveal())},
          {kServingCertificate, base::base64_encode(serving.certificate_pem)},
          {kServingKey, base::base64_encode(serving.private_key_pem.reveal())}};
}

}  // namespace

CertificateSecret read_certificate_secret(const boost::json::object& secret,
                                          const OwnLabel& label) {
  return {.resource_version = std::string(json::string_at(secret, {"metadata", "resourceVersion"})),
          .ours = json::string_at(secret, {"metadata", "labels", label.key}) == label.value,
          .certificates = {.authority = pair_at(secret, kAuthorityCertificate, kAuthorityKey),
                           .serving = pair_at(secret, kServingCertificate, kServingKey)}};
}

std::string certificate_secret(const object::Key& key, const OwnLabel& label,
                               const CertificateSecret& before,
                               const OwnCertificates& certificates) {
  const std::string_view version =
      before.resource_version.empty() ? kVersionOfNone : before.resource_version;
  const boost::json::object secret{{"apiVersion", "v1"},
                                   {"kind", "Secret"},
                                   {"metadata",
                                    {{"name", key.name},
                                     {"namespace", key.ns},
                                     {"resourceVersion", version},
                                     {"labels", {{label.key, label.value}}}}},
                                   {"type", "kubernetes.io/tls"},
                                   {"data", data(certificates)}};
  return boost::json::serialize(secret);
}

}  // namespace runtime
