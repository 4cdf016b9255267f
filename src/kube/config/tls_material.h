#pragma once
// The certificates and the key of a Config, and noticing that their files were replaced (R55).

#include <chrono>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "kube/config/config.h"
#include "net/tls.h"

namespace kube {

// client-go's CertCallbackRefreshDuration, and what it uses for CA files since 1.36.
inline constexpr std::chrono::minutes kTlsReloadPeriod{5};

// Not thread-safe: whoever drives the connections owns it, asks reload() now and then, and hands
// options() to net::Client::replace_tls when it changed.
class TlsMaterial {
 public:
  // kNotFound, kTls or kBadInput, with the file's name, where something cannot be used.
  static base::Result<TlsMaterial> load(const TlsConfig& config, base::Clock::time_point now);

  [[nodiscard]] const net::TlsOptions& options() const { return options_; }

  // Reads the files again when the period has passed; true when options() changed. What cannot be
  // used (a certificate whose key is not there yet) is an error, changes nothing and is tried again
  // after the period. Reads local files.
  base::Result<bool> reload(base::Clock::time_point now);

 private:
  TlsMaterial(TlsConfig config, net::TlsOptions options, base::Clock::time_point now)
      : config_(std::move(config)), options_(std::move(options)), read_at_(now) {}

  TlsConfig config_;
  net::TlsOptions options_;
  base::Clock::time_point read_at_;
};

}  // namespace kube
