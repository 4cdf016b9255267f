#include "runtime/metrics_auth.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "base/hash.h"
#include "json/parse.h"
#include "json/value.h"

namespace runtime {
namespace {

using base::Reason;
using std::chrono::milliseconds;
using TimePoint = base::Clock::time_point;

// R53, which are the numbers of controller-runtime and of the API server's own delegated
// authorization.
constexpr std::chrono::minutes kRememberAllowed{5};
constexpr std::chrono::seconds kRememberDenied{30};
// Of each kind of verdict. Only callers without rights make many: scrapers are a handful.
constexpr std::size_t kRemembered = 1024;

net::Response answer(int status, std::string_view text) {
  return {.status = status,
          .headers = {{"Content-Type", "text/plain; charset=utf-8"}},
          .body = fmt::format("{}\n", text)};
}

net::Response unauthorized() {
  auto response = answer(401, "Unauthorized");
  response.headers.push_back({"WWW-Authenticate", "Bearer"});
  return response;
}

std::string lower(std::string_view text) {
  std::string lowered(text);
  std::ranges::transform(lowered, lowered.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lowered;
}

// Of "Bearer <token>"; empty where there is none. The scheme is compared without case (RFC 9110,
// 11.1).
std::string_view bearer_token(const net::Request& request) {
  constexpr std::string_view kScheme = "bearer ";
  std::string_view value = request.header("Authorization");
  if (lower(value.substr(0, kScheme.size())) != kScheme) return {};
  value.remove_prefix(kScheme.size());
  const auto begin = value.find_first_not_of(' ');
  return begin == std::string_view::npos ? std::string_view() : value.substr(begin);
}

net::Request creation(std::string target, const boost::json::object& body) {
  return {.method = net::Method::kPost,
          .target = std::move(target),
          .headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}},
          .body = boost::json::serialize(body)};
}

net::Request token_review(std::string_view token) {
  return creation("/apis/authentication.k8s.io/v1/tokenreviews",
                  {{"apiVersion", "authentication.k8s.io/v1"},
                   {"kind", "TokenReview"},
                   {"spec", {{"token", token}}}});
}

// What the user wants to do, as a SubjectAccessReview asks for it. The user of a TokenReview calls
// its name "username".
boost::json::object wish(const boost::json::object& user, const net::Request& request) {
  boost::json::object spec{{"user", json::string_at(user, {"username"})},
                           {"nonResourceAttributes",
                            {{"path", request.target.substr(0, request.target.find('?'))},
                             {"verb", lower(net::to_string(request.method))}}}};
  for (const char* key : {"uid", "groups", "extra"}) {
    if (const auto* value = user.if_contains(key)) spec[key] = *value;
  }
  return spec;
}

net::Request access_review(const boost::json::object& spec) {
  return creation(
      "/apis/authorization.k8s.io/v1/subjectaccessreviews",
      {{"apiVersion", "authorization.k8s.io/v1"}, {"kind", "SubjectAccessReview"}, {"spec", spec}});
}

base::Result<boost::json::object> status_of(const net::Response& response) {
  auto body = json::parse(response.body);
  if (!body) return std::unexpected(std::move(body.error()));
  const auto* object = body->if_object();
  const auto* status = object == nullptr ? nullptr : json::object_at(*object, {"status"});
  if (status == nullptr) return base::fail(Reason::kProtocol, "a review without a status");
  return *status;
}

}  // namespace

MetricsAuth::MetricsAuth(MetricsAuthOptions options, kube::Client& client,
                         const telemetry::log::Logger& log)
    : options_(options),
      client_(client),
      log_(log.named("metrics-auth")),
      users_(kRemembered),
      nobodys_(kRemembered),
      rights_(kRemembered) {}

std::optional<net::Response> MetricsAuth::refuse(const net::Request& request) {
  const std::string_view token = bearer_token(request);
  if (token.empty()) return unauthorized();
  const TimePoint deadline = base::Clock::now() + options_.timeout;
  const auto user = authenticate(token, deadline);
  if (!user) return failed(user.error());
  if (!*user) return unauthorized();
  const auto allowed = authorize(**user, request, deadline);
  if (!allowed) return failed(allowed.error());
  if (*allowed) return std::nullopt;
  return answer(403, fmt::format("{} may not read this", json::string_at(**user, {"username"})));
}

base::Result<MetricsAuth::User> MetricsAuth::authenticate(std::string_view token,
                                                          TimePoint deadline) {
  const std::string key = base::sha256_hex(token);
  bool stranger = true;
  {
    const base::MutexLock lock(mutex_);
    const auto now = base::Clock::now();
    if (auto user = users_.find(key, now)) return user;
    if (nobodys_.find(key, now)) return std::nullopt;
    stranger = !users_.contains(key);
  }
  const auto status =
      review(token_review(token),
             stranger ? options_.max_reviews_of_strangers : options_.max_reviews, deadline);
  if (!status) return std::unexpected(status.error().wrap("reviewing a token"));
  const TimePoint until = base::Clock::now() + options_.remember_token;
  const base::MutexLock lock(mutex_);
  if (!json::bool_at(*status, {"authenticated"}).value_or(false)) {
    log_.debug("a token is nobody's", {{"says", json::string_at(*status, {"error"})}});
    nobodys_.remember(key, {}, until);
    return std::nullopt;
  }
  auto user = json::object_or_empty(*status, {"user"});
  users_.remember(key, user, until);
  return user;
}

base::Result<bool> MetricsAuth::authorize(const boost::json::object& user,
                                          const net::Request& request, TimePoint deadline) {
  const auto spec = wish(user, request);
  const std::string key = base::sha256_hex(boost::json::serialize(spec));
  {
    const base::MutexLock lock(mutex_);
    if (const auto known = rights_.find(key, base::Clock::now())) return *known;
  }
  const auto status = review(access_review(spec), options_.max_reviews, deadline);
  if (!status) return std::unexpected(status.error().wrap("reviewing a user's rights"));
  const bool allowed = json::bool_at(*status, {"allowed"}).value_or(false);
  if (!allowed) {
    log_.debug("a user may not read the metrics", {{"user", json::string_at(user, {"username"})},
                                                   {"says", json::string_at(*status, {"reason"})}});
  }
  const base::MutexLock lock(mutex_);
  rights_.remember(key, allowed,
                   base::Clock::now() +
                       (allowed ? milliseconds(kRememberAllowed) : milliseconds(kRememberDenied)));
  return allowed;
}

base::Result<boost::json::object> MetricsAuth::review(net::Request request, std::size_t max_reviews,
                                                      TimePoint deadline) {
  {
    const base::MutexLock lock(mutex_);
    if (reviews_ >= max_reviews) {
      return base::fail(Reason::kUnavailable,
                        fmt::format("{} reviews are under way already", reviews_));
    }
    ++reviews_;
  }
  request.timeout =
      std::max(milliseconds(1), std::chrono::ceil<milliseconds>(deadline - base::Clock::now()));
  const auto response = client_.send(std::move(request), stop_.get_token());
  {
    const base::MutexLock lock(mutex_);
    --reviews_;
  }
  if (!response) return std::unexpected(response.error());
  return status_of(*response);
}

net::Response MetricsAuth::failed(const base::Error& error) {
  if (const auto held_back = failures_told_.admit(error.describe(), base::Clock::now())) {
    log_.warn("cannot tell who may read the metrics", error, {{"heldBack", *held_back}});
  }
  return answer(500, "cannot tell whether you may read this: the API server does not say");
}

}  // namespace runtime
