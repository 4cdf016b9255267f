#pragma once
// Who may scrape: bearer tokens judged by the API server (R53), as controller-runtime's
// WithAuthenticationAndAuthorization.

#include <cstddef>
#include <optional>
#include <stop_token>
#include <string_view>
#include <variant>

#include <boost/json/object.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "base/mutex.h"
#include "kube/client.h"
#include "net/http.h"
#include "runtime/review_cache.h"
#include "telemetry/log/logger.h"
#include "telemetry/log/repeat_limiter.h"

namespace runtime {

struct MetricsAuthOptions {
  // Reviews at a time; one more is answered 500 at once. With fewer of them than the server has
  // threads, a slow API server does not delay those whose verdict is remembered.
  std::size_t max_reviews = 3;
  // Of these, of tokens that were nobody's so far: who invents tokens keeps no scraper out.
  std::size_t max_reviews_of_strangers = 2;
  // How long it is known whose a token is (R53).
  std::chrono::milliseconds remember_token = std::chrono::minutes(1);
  // All that one request waits for (R53).
  std::chrono::milliseconds timeout = std::chrono::seconds(10);
};

// Lets a request pass where its bearer token is that of a user (TokenReview) who may do what its
// method says to its path (SubjectAccessReview of the nonResourceURL). Blocks the thread that asks,
// which is one of the server's own. Thread-safe. Takes the rights to create tokenreviews and
// subjectaccessreviews. A token is kept as a hash only, and never logged.
class MetricsAuth {
 public:
  // `client` is for nothing else, so that a slow review keeps no other request waiting. It
  // outlives this object.
  MetricsAuth(MetricsAuthOptions options, kube::Client& client, const telemetry::log::Logger& log);
  MetricsAuth(const MetricsAuth&) = delete;
  MetricsAuth& operator=(const MetricsAuth&) = delete;

  // Nothing where the request may pass. Otherwise what it is answered: 401 without a valid token,
  // 403 without the right, 500 where the API server does not say: scrapers come again anyway.
  [[nodiscard]] std::optional<net::Response> refuse(const net::Request& request)
      CAPP_EXCLUDES(mutex_);
  // From now on reviews are cancelled, and answered 500.
  void stop() { stop_.request_stop(); }

 private:
  // As a TokenReview names it; absent: the token is nobody's.
  using User = std::optional<boost::json::object>;

  base::Result<User> authenticate(std::string_view token, base::Clock::time_point deadline)
      CAPP_EXCLUDES(mutex_);
  base::Result<bool> authorize(const boost::json::object& user, const net::Request& request,
                               base::Clock::time_point deadline) CAPP_EXCLUDES(mutex_);
  // The status of the review, where no `max_reviews` are under way.
  base::Result<boost::json::object> review(net::Request request, std::size_t max_reviews,
                                           base::Clock::time_point deadline) CAPP_EXCLUDES(mutex_);
  net::Response failed(const base::Error& error);

  const MetricsAuthOptions options_;
  kube::Client& client_;
  const telemetry::log::Logger log_;
  telemetry::log::RepeatLimiter failures_told_;
  std::stop_source stop_;
  base::Mutex mutex_;
  // By token. Apart, since anybody can invent tokens, and push out what was remembered before.
  ReviewCache<boost::json::object> users_ CAPP_GUARDED_BY(mutex_);
  ReviewCache<std::monostate> nobodys_ CAPP_GUARDED_BY(mutex_);
  ReviewCache<bool> rights_ CAPP_GUARDED_BY(mutex_);
  std::size_t reviews_ CAPP_GUARDED_BY(mutex_) = 0;
};

}  // namespace runtime
