#include "kube/config/token_file.h"

#include <utility>

#include <fmt/format.h>

#include "kube/config/bearer.h"
#include "kube/config/file.h"

namespace kube {
namespace {

// Service account tokens are about 1 kB; headers above 1 MB are refused by the API server.
constexpr std::size_t kMaxTokenBytes = 64 * 1024;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

Identity bearer(const std::string& token) {
  return {.authorization = base::Redacted<std::string>("Bearer " + token), .certificate = nullptr};
}

}  // namespace

TokenFileCredentials::TokenFileCredentials(BearerTokenFile source) : path_(std::move(source.path)) {
  if (!source.initial.reveal().empty()) identity_ = bearer(source.initial.reveal());
}

base::Result<std::string> TokenFileCredentials::read() const {
  const auto bytes = read_file(path_, kMaxTokenBytes);
  if (!bytes) return std::unexpected(bytes.error().wrap("the bearer token was not read"));
  const std::string_view token = trimmed(*bytes);
  if (token.empty()) {
    return base::fail(base::Reason::kBadInput, fmt::format("token file {} is empty", path_));
  }
  if (!is_bearer_token(token)) {
    return base::fail(base::Reason::kBadInput,
                      fmt::format("token file {} holds white space or control characters", path_));
  }
  return std::string(token);
}

void TokenFileCredentials::read_if_due(base::Clock::time_point now) {
  if (read_at_ && now < *read_at_ + kTokenPeriod - kTokenLeeway) return;
  const auto token = read();
  if (!token) {
    problem_ = token.error();
    return;
  }
  identity_ = bearer(*token);
  read_at_ = now;
  problem_.reset();
}

Identity TokenFileCredentials::current(base::Clock::time_point now) {
  const base::MutexLock lock(mutex_);
  read_if_due(now);
  return identity_;
}

base::Result<void> TokenFileCredentials::refresh(base::Clock::time_point now,
                                                 base::Clock::time_point /*deadline*/,
                                                 std::stop_token /*stop*/) {
  const base::MutexLock lock(mutex_);
  read_if_due(now);
  if (problem_) return std::unexpected(*problem_);
  return {};
}

void TokenFileCredentials::unauthorized(base::Clock::time_point started_at) {
  const base::MutexLock lock(mutex_);
  if (read_at_ && *read_at_ < started_at) read_at_.reset();
}

std::optional<base::Error> TokenFileCredentials::problem() const {
  const base::MutexLock lock(mutex_);
  return problem_;
}

}  // namespace kube
