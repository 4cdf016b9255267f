#pragma once
// What an admission server says to each HTTP request: the webhooks by path, their metrics, and the
// barrier between a handler's mistakes and the process. No sockets; those are admission_server.h's.

#include <map>
#include <string>
#include <string_view>

#include "net/http.h"
#include "runtime/admission.h"
#include "telemetry/log/logger.h"
#include "telemetry/log/repeat_limiter.h"
#include "telemetry/metrics/registry.h"

namespace runtime {

// By path: "/validate-capp".
using AdmissionHandlers = std::map<std::string, AdmissionHandler, std::less<>>;

// Thread-safe. Counts as controller-runtime: controller_runtime_webhook_latency_seconds,
// _requests_total, _requests_in_flight (by path) and _panics_total.
class AdmissionEndpoints {
 public:
  // The registry outlives it.
  AdmissionEndpoints(AdmissionHandlers handlers, telemetry::metrics::Registry& metrics,
                     const telemetry::log::Logger& log);

  // 200 with an AdmissionReview; 404 for another path, 405 for another method than POST, 415 for
  // another media type than JSON and for anything compressed, which is never unfolded; 400 for what
  // is no AdmissionReview, 413 for one of too many values. 500 where a handler throws: nobody has
  // decided then, and the webhook's failurePolicy says what becomes of the object.
  [[nodiscard]] net::Response handle(const net::Request& request) const;

 private:
  struct Endpoint {
    AdmissionHandler handler;
    telemetry::metrics::Histogram& latency;
    telemetry::metrics::Gauge& in_flight;
  };

  net::Response answer(std::string_view path, const Endpoint& endpoint,
                       const net::Request& request) const;
  net::Response decide(std::string_view path, const AdmissionHandler& handler,
                       const AdmissionRequest& request) const;

  telemetry::metrics::Family<telemetry::metrics::Counter>& requests_;
  telemetry::metrics::Counter& panics_;
  telemetry::log::Logger log_;
  // Anybody may post nonsense, and as often as they like.
  mutable telemetry::log::RepeatLimiter nonsense_told_;
  std::map<std::string, Endpoint, std::less<>> endpoints_;
};

}  // namespace runtime
