#pragma once
// A bearer token in a file that somebody else keeps fresh: the kubelet, for a service account.

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/mutex.h"
#include "base/redacted.h"
#include "kube/config/config.h"
#include "kube/config/credentials.h"

namespace kube {

// client-go's fileTokenSource: a token counts as fresh for a minute and is read again 10 s before
// that ends. The kubelet replaces it when 80 % of its life (at least 10 min) is over, so a minute
// is always soon enough.
inline constexpr std::chrono::seconds kTokenPeriod{60};
inline constexpr std::chrono::seconds kTokenLeeway{10};

// Reads on demand, in the caller's thread. While the file is missing, empty or otherwise unusable,
// the token that was read last is kept and the next call tries again.
class TokenFileCredentials final : public Credentials {
 public:
  explicit TokenFileCredentials(BearerTokenFile source);

  Identity current(base::Clock::time_point now) override;
  base::Result<void> refresh(base::Clock::time_point now, base::Clock::time_point deadline,
                             std::stop_token stop) override;
  void unauthorized(base::Clock::time_point started_at) override;
  [[nodiscard]] std::optional<base::Error> problem() const override;

 private:
  [[nodiscard]] base::Result<std::string> read() const;
  void read_if_due(base::Clock::time_point now) CAPP_REQUIRES(mutex_);

  const std::string path_;
  mutable base::Mutex mutex_;
  Identity identity_ CAPP_GUARDED_BY(mutex_);
  std::optional<base::Clock::time_point> read_at_ CAPP_GUARDED_BY(mutex_);  // none: must be read
  std::optional<base::Error> problem_ CAPP_GUARDED_BY(mutex_);
};

}  // namespace kube
