#pragma once
// The certificates that a server has made for itself: what the rule of rotation needs to know of
// them, and doing what it says. Pure but for the making of keys.

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "net/self_signed.h"
#include "runtime/certificate_rotation.h"

namespace runtime {

struct OwnCertificates {
  // The bundle that callers are to trust; the key is that of its first certificate.
  net::KeyPair authority{};
  net::KeyPair serving{};

  friend bool operator==(const OwnCertificates&, const OwnCertificates&) = default;
};

// `names`: by which the server is called (net::certificate_name). What cannot be read counts as
// absent.
HeldCertificates held(const OwnCertificates& certificates, const std::vector<std::string>& names);

// `certificates` after that renewal. kBadInput for a name that is no host; kTls where an authority
// cannot be used that can, by held().
base::Result<OwnCertificates> renew(const OwnCertificates& certificates, Renewal renewal,
                                    const std::vector<std::string>& names,
                                    base::WallClock::time_point now,
                                    const RotationOptions& options);

}  // namespace runtime
