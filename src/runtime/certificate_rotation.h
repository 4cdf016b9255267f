#pragma once
// When a server that makes its own certificates makes new ones, so that nobody who calls it ever
// meets one that he does not trust. Pure: facts and the time in, a step out; a driver
// (webhook_certificate.h) does it and asks again.
//
// An authority signs the certificate that is served. Callers trust a bundle: the authority that
// signs, and the one before it while that one's certificate is served. A change of authority is
//   1. a new authority is put before the old one; what is served stays;
//   2. callers are given the bundle of both, and `settle` passes: all of them have it;
//   3. a certificate of the new authority is served, by each replica when it reads of it;
//   4. the old authority goes with the next change, `settle` after step 3 at the earliest: no
//      replica serves its certificate any more.
// So the bundle never holds more than two.

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace runtime {

struct RotationOptions {
  // A new authority is made when the present one would no longer outlive a new certificate: after
  // 275 days with these numbers. Authorities last a year, as controller-runtime's and
  // cert-manager's self-signed ones do by convention; certificates 90 days, cert-manager's default.
  std::chrono::seconds authority_lifetime = std::chrono::days(365);
  std::chrono::seconds serving_lifetime = std::chrono::days(90);
  // In which every replica has read what is to be served (webhook_certificate.h polls every 10 s)
  // and every API server what is to be trusted (a watch, well under a second): six polls, of which
  // five may fail.
  std::chrono::milliseconds settle = std::chrono::minutes(1);
};

// Certificates begin to be valid so long before they are made: for callers whose clock is behind.
// As client-go's cert.GenerateSelfSignedCertKey.
inline constexpr std::chrono::hours kBackdated{1};

struct HeldCertificate {
  base::WallClock::time_point not_before;
  base::WallClock::time_point not_after;
};

struct HeldServing {
  HeldCertificate certificate;
  // Which of the authorities signed it; absent: none of them.
  std::optional<std::size_t> signed_by;
  // It has every name by which it is called.
  bool has_names = false;
};

struct HeldCertificates {
  // What callers are to trust; the first signs.
  std::vector<HeldCertificate> authorities;
  // The first one's key is there.
  bool can_sign = false;
  // Absent also where its key is not there.
  std::optional<HeldServing> serving;
};

enum class Renewal {
  kNone,
  kServing,    // a certificate of the first authority
  kAuthority,  // step 1: a new first authority, before the one that signed what is served
  kAll,        // nothing of it can be used: an authority and its certificate, at once
};

std::string_view to_string(Renewal renewal);

// What is due at `now`. `trusted_for`: how long every caller has been known to be given the first
// authority; absent: not known.
Renewal due(const HeldCertificates& held, base::WallClock::time_point now,
            std::optional<base::Clock::duration> trusted_for, const RotationOptions& options);

}  // namespace runtime
