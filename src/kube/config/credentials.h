#pragma once
// Who a request is from, and keeping that knowledge fresh (R55).

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/redacted.h"
#include "kube/config/config.h"
#include "kube/config/environment.h"

namespace kube {

// A client certificate that an exec plugin gave; it stands in for that of TlsConfig.
struct ClientCertificate {
  std::string certificate_pem;
  base::Redacted<std::string> key_pem;
};

// What a request carries.
struct Identity {
  // Value of the Authorization header.
  std::optional<base::Redacted<std::string>> authorization;
  // Null: none, or the one of TlsConfig. Another object means that connections have to be renewed.
  std::shared_ptr<const ClientCertificate> certificate;
};

// Safe to use from several threads.
class Credentials {
 public:
  virtual ~Credentials() = default;

  // What is known at `now`; at most reads a small local file, so the io thread may call it. An
  // identity that could not be renewed is kept, even expired: the server decides.
  virtual Identity current(base::Clock::time_point now) = 0;

  // Waits until something usable is known. The error of a failed attempt, kTimeout at `deadline`,
  // kCancelled on `stop`. Not on the io thread.
  virtual base::Result<void> refresh(base::Clock::time_point now, base::Clock::time_point deadline,
                                     std::stop_token stop) = 0;

  // The server answered 401 to a request that started at `started_at`: what was read before that is
  // no good and is renewed; what is newer stays.
  virtual void unauthorized(base::Clock::time_point started_at) = 0;

  // Why the last renewal failed; nothing once one has succeeded. For the log and for readiness.
  [[nodiscard]] virtual std::optional<base::Error> problem() const = 0;
};

// `environment` is what an exec plugin inherits; only for one is a thread started.
std::unique_ptr<Credentials> make_credentials(const CredentialsSource& source,
                                              Environment environment);

}  // namespace kube
