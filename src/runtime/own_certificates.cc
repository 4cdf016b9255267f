#include "runtime/own_certificates.h"

#include <algorithm>
#include <utility>

namespace runtime {
namespace {

constexpr const char* kAuthorityName = "webhook certificate authority";

using Facts = std::vector<net::CertificateFacts>;

Facts read(const std::string& pem) {
  return net::read_certificates(pem).value_or(Facts{});
}

HeldCertificate held_of(const net::CertificateFacts& facts) {
  return {.not_before = facts.validity.not_before, .not_after = facts.validity.not_after};
}

std::optional<std::size_t> signer(const Facts& authorities,
                                  const net::CertificateFacts& certificate) {
  const auto found = std::ranges::find_if(authorities, [&](const auto& authority) {
    return net::is_signed_by(certificate.pem, authority.pem);
  });
  if (found == authorities.end()) return std::nullopt;
  return static_cast<std::size_t>(found - authorities.begin());
}

bool has_all(const net::CertificateFacts& facts, const std::vector<std::string>& names) {
  return std::ranges::all_of(names, [&](const std::string& name) {
    return std::ranges::binary_search(facts.names, name);
  });
}

std::optional<HeldServing> held_serving(const net::KeyPair& pair, const Facts& authorities,
                                        const std::vector<std::string>& names) {
  const Facts chain = read(pair.certificate_pem);
  if (chain.empty() || !net::is_key_pair(pair)) return std::nullopt;
  return HeldServing{.certificate = held_of(chain.front()),
                     .signed_by = signer(authorities, chain.front()),
                     .has_names = has_all(chain.front(), names)};
}

net::Validity validity(base::WallClock::time_point now, std::chrono::seconds lifetime) {
  return {.not_before = now - kBackdated, .not_after = now + lifetime};
}

base::Result<net::KeyPair> new_authority(base::WallClock::time_point now,
                                         const RotationOptions& options) {
  return net::make_authority(kAuthorityName, validity(now, options.authority_lifetime));
}

// The certificate that signed what is served; empty where none of the bundle did.
std::string signer_of_serving(const OwnCertificates& certificates) {
  const Facts authorities = read(certificates.authority.certificate_pem);
  const Facts chain = read(certificates.serving.certificate_pem);
  const auto found = chain.empty() ? std::nullopt : signer(authorities, chain.front());
  return found ? authorities[*found].pem : "";
}

}  // namespace

HeldCertificates held(const OwnCertificates& certificates, const std::vector<std::string>& names) {
  const Facts authorities = read(certificates.authority.certificate_pem);
  HeldCertificates held{.authorities = {},
                        .can_sign = net::is_key_pair(certificates.authority),
                        .serving = held_serving(certificates.serving, authorities, names)};
  std::ranges::transform(authorities, std::back_inserter(held.authorities), held_of);
  return held;
}

base::Result<OwnCertificates> renew(const OwnCertificates& certificates, Renewal renewal,
                                    const std::vector<std::string>& names,
                                    base::WallClock::time_point now,
                                    const RotationOptions& options) {
  OwnCertificates renewed = certificates;
  if (renewal == Renewal::kAuthority || renewal == Renewal::kAll) {
    auto authority = new_authority(now, options);
    if (!authority) return std::unexpected(std::move(authority.error()));
    renewed.authority = *std::move(authority);
    if (renewal == Renewal::kAuthority) {
      renewed.authority.certificate_pem += signer_of_serving(certificates);
    }
  }
  if (renewal == Renewal::kServing || renewal == Renewal::kAll) {
    auto serving = net::issue_server_certificate(renewed.authority, names,
                                                 validity(now, options.serving_lifetime));
    if (!serving) return std::unexpected(std::move(serving.error()));
    renewed.serving = *std::move(serving);
  }
  return renewed;
}

}  // namespace runtime
