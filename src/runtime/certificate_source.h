#pragma once
// Where a server's certificate comes from, and whom it is given to: files (certificate_files.h) or
// a Secret that the operator keeps itself (webhook_certificate.h) on one side, the admission server
// and the metrics server on the other.

#include <functional>

#include "base/error.h"
#include "net/tls.h"

namespace runtime {

// Takes a certificate with its key (certificate_pem, private_key_pem) into use for new connections.
// On an error the one before it stays in use, and the source tries again.
using CertificateChanged = std::function<base::Result<void>(const net::TlsOptions&)>;

// Gives out a certificate when there is one, now or later, and again each time it changes.
class CertificateSource {
 public:
  virtual ~CertificateSource() = default;
  // Once. From then on `changed` is called, on this thread before it returns or on one of the
  // source's own; never side by side.
  virtual void start(CertificateChanged changed) = 0;
  // What became of the last look for a certificate; ok as well where there is none yet and none
  // need come. Any thread.
  [[nodiscard]] virtual base::Result<void> last_look() const = 0;
  // Idempotent. Once it has returned, `changed` is not called any more.
  virtual void stop() = 0;
};

}  // namespace runtime
