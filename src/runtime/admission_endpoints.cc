#include "runtime/admission_endpoints.h"

#include <exception>
#include <utility>

#include "base/clock.h"

namespace runtime {
namespace {

constexpr std::string_view kJson = "application/json";

net::Response text(int status, std::string_view words) {
  return {.status = status,
          .headers = {{"Content-Type", "text/plain; charset=utf-8"}},
          .body = std::string(words) + "\n"};
}

// "application/json; charset=utf-8" is JSON too.
bool is_json(std::string_view content_type) {
  const std::string_view media_type = content_type.substr(0, content_type.find(';'));
  return media_type.substr(0, media_type.find_last_not_of(' ') + 1) == kJson;
}

bool is_compressed(std::string_view content_encoding) {
  return !content_encoding.empty() && content_encoding != "identity";
}

// Counts one for as long as it lives.
class InFlight {
 public:
  explicit InFlight(telemetry::metrics::Gauge& gauge) : gauge_(gauge) { gauge_.add(1); }
  ~InFlight() { gauge_.add(-1); }
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;

 private:
  telemetry::metrics::Gauge& gauge_;
};

}  // namespace

AdmissionEndpoints::AdmissionEndpoints(AdmissionHandlers handlers,
                                       telemetry::metrics::Registry& metrics,
                                       const telemetry::log::Logger& log)
    : requests_(metrics.counters("controller_runtime_webhook_requests_total",
                                 "Total number of admission requests by HTTP status code.",
                                 {"webhook", "code"})),
      panics_(metrics.counter("controller_runtime_webhook_panics_total",
                              "Total number of webhook panics")),
      log_(log.named("webhook")) {
  auto& latencies =
      metrics.histograms("controller_runtime_webhook_latency_seconds",
                         "Histogram of the latency of processing admission requests", {"webhook"},
                         telemetry::metrics::exponential_bounds(1e-8, 10, 12));
  auto& in_flight =
      metrics.gauges("controller_runtime_webhook_requests_in_flight",
                     "Current number of admission requests being served.", {"webhook"});
  for (auto& [path, handler] : handlers) {
    for (const char* code : {"200", "500"}) requests_.with({path, code});
    endpoints_.emplace(path, Endpoint{.handler = std::move(handler),
                                      .latency = latencies.with({path}),
                                      .in_flight = in_flight.with({path})});
  }
}

net::Response AdmissionEndpoints::handle(const net::Request& request) const {
  const std::string_view path =
      std::string_view(request.target).substr(0, request.target.find('?'));
  const auto found = endpoints_.find(path);
  if (found == endpoints_.end()) return text(404, "there is no webhook at this path");
  const Endpoint& endpoint = found->second;
  const auto begun = base::Clock::now();
  const InFlight in_flight(endpoint.in_flight);
  net::Response response = answer(path, endpoint, request);
  endpoint.latency.observe(base::Clock::now() - begun);
  requests_.with({path, std::to_string(response.status)}).increment();
  return response;
}

net::Response AdmissionEndpoints::answer(std::string_view path, const Endpoint& endpoint,
                                         const net::Request& request) const {
  if (request.method != net::Method::kPost) {
    net::Response response = text(405, "an AdmissionReview is sent by POST");
    response.headers.push_back({.name = "Allow", .value = "POST"});
    return response;
  }
  if (!is_json(request.header("Content-Type"))) {
    return text(415, "an AdmissionReview is application/json");
  }
  if (is_compressed(request.header("Content-Encoding"))) {
    return text(415, "an AdmissionReview is not compressed");
  }
  const auto review = read_admission_review(request.body);
  if (!review) {
    if (const auto held_back = nonsense_told_.admit(path, base::Clock::now())) {
      log_.warn("a request is no AdmissionReview", review.error(),
                {{"webhook", path}, {"heldBack", *held_back}});
    }
    return text(review.error().reason == base::Reason::kTooLarge ? 413 : 400,
                review.error().describe());
  }
  return decide(path, endpoint.handler, *review);
}

net::Response AdmissionEndpoints::decide(std::string_view path, const AdmissionHandler& handler,
                                         const AdmissionRequest& request) const {
  const auto failed = [&](std::string_view what) {
    panics_.increment();
    log_.error("an admission handler failed", {{"webhook", path},
                                               {"namespace", request.ns},
                                               {"name", request.name},
                                               {"exception", what}});
    return text(500, "internal error");
  };
  try {
    const AdmissionReply reply = handler(request);
    log_.debug(reply.allowed ? "allowed" : "refused", {{"webhook", path},
                                                       {"namespace", request.ns},
                                                       {"name", request.name},
                                                       {"user", request.username},
                                                       {"code", reply.code},
                                                       {"message", reply.message}});
    return {.status = 200,
            .headers = {{"Content-Type", std::string(kJson)}},
            .body = write_admission_review(request, reply)};
  } catch (const std::exception& exception) {
    return failed(exception.what());
  } catch (...) {
    return failed("no std::exception");
  }
}

}  // namespace runtime
