#include "kube/client.h"

#include <algorithm>
#include <condition_variable>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/mutex.h"
#include "kube/config/credentials.h"
#include "kube/config/tls_material.h"
#include "kube/request.h"
#include "kube/status.h"
#include "kube/window.h"
#include "net/proxy.h"
#include "net/url.h"

namespace kube {
namespace {

using base::Reason;
using TimePoint = base::Clock::time_point;

// client-go's buckets.
const std::vector<double>& durations() {
  static const std::vector<double> bounds{0.005, 0.025, 0.1, 0.25, 0.5,  1.0,
                                          2.0,   4.0,   8.0, 15.0, 30.0, 60.0};
  return bounds;
}
const std::vector<double>& sizes() {
  static const std::vector<double> bounds{64,    256,    512,     1024,    4096,    16384,
                                          65536, 262144, 1048576, 4194304, 16777216};
  return bounds;
}

// R52: the names of client-go's metrics, on which dashboards stand.
class ClientMetrics {
 public:
  ClientMetrics(telemetry::metrics::Registry& registry, std::string host)
      : host_(std::move(host)),
        requests_(registry.counters(
            "rest_client_requests_total",
            "Number of HTTP requests, partitioned by status code, method, and host.",
            {"code", "method", "host"})),
        retries_(registry.counters(
            "rest_client_request_retries_total",
            "Number of request retries, partitioned by status code, verb, and host.",
            {"code", "verb", "host"})),
        durations_(registry.histograms("rest_client_request_duration_seconds",
                                       "Request latency in seconds. Broken down by verb, and host.",
                                       {"verb", "host"}, durations())),
        request_sizes_(registry.histograms("rest_client_request_size_bytes",
                                           "Request size in bytes. Broken down by verb and host.",
                                           {"verb", "host"}, sizes())),
        response_sizes_(registry.histograms("rest_client_response_size_bytes",
                                            "Response size in bytes. Broken down by verb and host.",
                                            {"verb", "host"}, sizes())) {}

  void answered(net::Method method, std::string_view code) {
    requests_.with({code, net::to_string(method), host_}).increment();
  }
  void exchanged(const net::Request& request, const net::Response& response) {
    const std::string_view verb = net::to_string(request.method);
    durations_.with({verb, host_}).observe(response.elapsed);
    request_sizes_.with({verb, host_}).observe(static_cast<double>(request.body.size()));
    response_sizes_.with({verb, host_}).observe(static_cast<double>(response.body.size()));
  }
  void retried(net::Method method, int code) {
    retries_.with({std::to_string(code), net::to_string(method), host_}).increment();
  }

 private:
  const std::string host_;
  telemetry::metrics::Family<telemetry::metrics::Counter>& requests_;
  telemetry::metrics::Family<telemetry::metrics::Counter>& retries_;
  telemetry::metrics::Family<telemetry::metrics::Histogram>& durations_;
  telemetry::metrics::Family<telemetry::metrics::Histogram>& request_sizes_;
  telemetry::metrics::Family<telemetry::metrics::Histogram>& response_sizes_;
};

std::vector<net::Header> constant_headers(const Config& config, const std::string& user_agent) {
  std::vector<net::Header> headers{{"User-Agent", user_agent}};
  const Impersonation& who = config.impersonation;
  if (who.user.empty()) return headers;
  headers.push_back({"Impersonate-User", who.user});
  if (!who.uid.empty()) headers.push_back({"Impersonate-Uid", who.uid});
  for (const auto& group : who.groups) headers.push_back({"Impersonate-Group", group});
  for (const auto& [key, values] : who.extra) {
    for (const auto& value : values) {
      headers.push_back({"Impersonate-Extra-" + net::encode_path_segment(key), value});
    }
  }
  return headers;
}

base::Result<std::optional<net::ProxyOptions>> find_proxy(const Config& config) {
  if (const std::string& url = config.proxy_url.reveal(); !url.empty()) {
    auto proxy = net::parse_proxy_url(url);
    if (!proxy) return std::unexpected(proxy.error().wrap("proxy-url of " + config.origin));
    return std::move(*proxy);
  }
  return net::proxy_for(config.server.host, config.server.port, net::proxy_environment());
}

// Blocks until `until` or the token; false on the token.
bool wait_until(TimePoint until, const std::stop_token& stop) {
  base::Mutex mutex;
  std::condition_variable_any wake;
  const base::MutexLock lock(mutex);
  wake.wait_until(mutex, stop, until, [] { return false; });
  return !stop.stop_requested();
}

// One request on its way through retries.
struct Attempt {
  std::size_t index;
  net::Request request;
  TimePoint deadline;  // max() without a timeout
  int retries = 0;
  bool renewed = false;  // credentials were renewed for it

  // When it may be sent again after this refusal; nothing where it may not.
  [[nodiscard]] std::optional<TimePoint> retry_at(const base::Error& error, int max_retries,
                                                  TimePoint now) const {
    const bool told_to = error.http_code == 429 || (error.http_code >= 500 && error.retry_after);
    if (!told_to || retries >= max_retries) return std::nullopt;
    const TimePoint at = now + error.retry_after.value_or(std::chrono::seconds(1));
    return at < deadline ? std::optional(at) : std::nullopt;
  }
};

}  // namespace

class Client::Impl {
 public:
  Impl(Config config, const ClientOptions& options, TlsMaterial material,
       std::unique_ptr<net::Client> http, telemetry::metrics::Registry& registry,
       const telemetry::log::Logger& log)
      : metrics_(registry, net::authority(config.server.host, config.server.port)),
        log_(log.named("client")),
        config_(std::move(config)),
        headers_(constant_headers(config_, options.user_agent)),
        credentials_(make_credentials(config_.credentials, process_environment())),
        http_(std::move(http)),
        max_retries_(options.max_retries),
        material_(std::move(material)),
        window_(options.max_in_flight) {}

  std::vector<base::Result<net::Response>> send_all(std::vector<net::Request> requests,
                                                    const std::stop_token& stop) {
    std::vector<base::Result<net::Response>> results(
        requests.size(), base::fail(Reason::kCancelled, "the request was not sent"));
    std::vector<Attempt> pending;
    pending.reserve(requests.size());
    const TimePoint now = base::Clock::now();
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const auto timeout = requests[i].timeout;
      pending.push_back({.index = i,
                         .request = std::move(requests[i]),
                         .deadline = timeout.count() > 0 ? now + timeout : TimePoint::max()});
    }
    while (!pending.empty()) pending = round(std::move(pending), results, stop);
    return results;
  }

  std::unique_ptr<net::Stream> open(const net::Request& request, net::StreamOptions options,
                                    net::StreamHandler& handler) {
    return http_->open(prepare(request), options, handler);
  }

  void set_fence(std::function<base::Result<void>()> fence) {
    http_->set_gate([fence = std::move(fence), base_path = config_.server.path](
                        const net::Request& wire) -> base::Result<void> {
      const auto target = std::string_view(wire.target).substr(base_path.size());
      return is_write(wire.method, target) ? fence() : base::Result<void>();
    });
  }

  void enforce_fence() { http_->enforce_gate(); }

  void answered(int status, TimePoint requested_at) {
    metrics_.answered(net::Method::kGet, std::to_string(status));
    if (status == 401) credentials_->unauthorized(requested_at);
  }

 private:
  // Sends what is pending; returns what is to be sent again, after the wait for it.
  std::vector<Attempt> round(std::vector<Attempt> pending,
                             std::vector<base::Result<net::Response>>& results,
                             const std::stop_token& stop) {
    std::vector<net::Request> wire;
    wire.reserve(pending.size());
    const TimePoint started = base::Clock::now();
    for (const auto& attempt : pending) wire.push_back(prepare(attempt.request, attempt.deadline));
    auto answers = http_->send_all(std::move(wire), stop);

    std::vector<Attempt> again;
    TimePoint not_before = started;
    bool renew = false;
    for (std::size_t i = 0; i < pending.size(); ++i) {
      Attempt& attempt = pending[i];
      auto& result = results[attempt.index];
      steer(answers[i], started);
      result = judge(attempt.request, std::move(answers[i]));
      if (result) continue;
      if (result.error().http_code == 401 && !attempt.renewed) {
        attempt.renewed = renew = true;
        again.push_back(std::move(attempt));
      } else if (const auto at =
                     attempt.retry_at(result.error(), max_retries_, base::Clock::now())) {
        ++attempt.retries;
        not_before = std::max(not_before, *at);
        metrics_.retried(attempt.request.method, result.error().http_code);
        again.push_back(std::move(attempt));
      }
    }
    if (again.empty() || (renew && !renew_credentials(started, again, stop))) return {};
    if (!wait_until(not_before, stop)) return {};
    return again;
  }

  // The answer, or the error that it is.
  base::Result<net::Response> judge(const net::Request& request,
                                    base::Result<net::Response> answer) {
    if (!answer) {
      metrics_.answered(request.method, "<error>");
      return answer;
    }
    metrics_.answered(request.method, std::to_string(answer->status));
    metrics_.exchanged(request, *answer);
    if (answer->ok()) return answer;
    return std::unexpected(read_status(*answer));
  }

  void steer(const base::Result<net::Response>& answer, TimePoint sent_at) {
    if (!answer) return;
    const base::MutexLock lock(mutex_);
    const std::size_t before = window_.size();
    if (answer->status == 429) {
      window_.throttled(sent_at, base::Clock::now());
    } else {
      window_.answered();
    }
    if (window_.size() != before) http_->set_window(window_.size());
  }

  bool renew_credentials(TimePoint started, const std::vector<Attempt>& waiting,
                         const std::stop_token& stop) {
    credentials_->unauthorized(started);
    TimePoint deadline = base::Clock::now() + std::chrono::seconds(30);
    for (const auto& attempt : waiting) deadline = std::min(deadline, attempt.deadline);
    const auto renewed = credentials_->refresh(base::Clock::now(), deadline, stop);
    if (!renewed) log_.warn("cannot renew the credentials", renewed.error());
    return renewed.has_value();
  }

  net::Request prepare(const net::Request& request, TimePoint deadline = TimePoint::max()) {
    net::Request wire = request;
    wire.target = config_.server.path + request.target;
    wire.headers.insert(wire.headers.end(), headers_.begin(), headers_.end());
    const Identity identity = credentials_->current(base::Clock::now());
    if (identity.authorization) {
      wire.headers.push_back({"Authorization", identity.authorization->reveal()});
    }
    renew_tls(identity);
    if (deadline != TimePoint::max()) {
      wire.timeout =
          std::max(std::chrono::milliseconds(1),
                   std::chrono::ceil<std::chrono::milliseconds>(deadline - base::Clock::now()));
    }
    return wire;
  }

  // Takes over replaced certificate files and an exec plugin's new certificate.
  void renew_tls(const Identity& identity) {
    const base::MutexLock lock(mutex_);
    const auto reloaded = material_.reload(base::Clock::now());
    if (!reloaded) log_.warn("keeping the certificates that were read before", reloaded.error());
    const bool changed = reloaded.value_or(false) || identity.certificate != certificate_;
    if (!changed) return;
    certificate_ = identity.certificate;
    net::TlsOptions options = material_.options();
    if (certificate_) {
      options.certificate_pem = certificate_->certificate_pem;
      options.private_key_pem = certificate_->key_pem.reveal();
    }
    if (const auto replaced = http_->replace_tls(options); !replaced) {
      log_.warn("keeping the TLS settings that worked", replaced.error());
    }
  }

  ClientMetrics metrics_;
  telemetry::log::Logger log_;
  const Config config_;
  const std::vector<net::Header> headers_;
  const std::unique_ptr<Credentials> credentials_;
  const std::unique_ptr<net::Client> http_;
  const int max_retries_;
  base::Mutex mutex_;
  TlsMaterial material_ CAPP_GUARDED_BY(mutex_);
  std::shared_ptr<const ClientCertificate> certificate_ CAPP_GUARDED_BY(mutex_);
  Window window_ CAPP_GUARDED_BY(mutex_);
};

base::Result<std::unique_ptr<Client>> Client::connect(net::Loop& loop, Config config,
                                                      const ClientOptions& options,
                                                      telemetry::metrics::Registry& metrics,
                                                      const telemetry::log::Logger& log) {
  auto material = TlsMaterial::load(config.tls, base::Clock::now());
  if (!material) return std::unexpected(material.error().wrap("TLS settings of " + config.origin));
  auto proxy = find_proxy(config);
  if (!proxy) return std::unexpected(std::move(proxy.error()));
  auto http = net::Client::create(loop, {.host = config.server.host,
                                         .port = config.server.port,
                                         .tls = config.server.tls(),
                                         .tls_options = material->options(),
                                         .proxy = std::move(*proxy),
                                         .max_connections = options.max_in_flight,
                                         .limits = {}});
  if (!http) return std::unexpected(std::move(http.error()));
  auto impl = std::make_unique<Impl>(std::move(config), options, std::move(*material),
                                     std::move(*http), metrics, log);
  if (options.fence) impl->set_fence(options.fence);
  return std::unique_ptr<Client>(new Client(std::move(impl)));
}

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::~Client() = default;

base::Result<net::Response> Client::send(net::Request request, std::stop_token stop) {
  std::vector<net::Request> one;
  one.push_back(std::move(request));
  return std::move(impl_->send_all(std::move(one), stop).front());
}

std::vector<base::Result<net::Response>> Client::send_all(std::vector<net::Request> requests,
                                                          std::stop_token stop) {
  return impl_->send_all(std::move(requests), stop);
}

std::unique_ptr<net::Stream> Client::open(const net::Request& request, net::StreamOptions options,
                                          net::StreamHandler& handler) {
  return impl_->open(request, options, handler);
}

void Client::enforce_fence() {
  impl_->enforce_fence();
}

void Client::answered(int status, base::Clock::time_point requested_at) {
  impl_->answered(status, requested_at);
}

}  // namespace kube
