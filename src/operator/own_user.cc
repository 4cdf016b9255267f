#include "operator/own_user.h"

#include <chrono>
#include <utility>

#include "capp/names.h"
#include "json/parse.h"
#include "json/value.h"
#include "kube/request.h"
#include "object/kind.h"

namespace op {
namespace {

constexpr object::Kind kSelfSubjectReview{"authentication.k8s.io", "v1", "SelfSubjectReview",
                                          "selfsubjectreviews", object::Scope::kCluster};
constexpr std::string_view kQuestion =
    R"({"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"})";
// An admission request waits for it.
constexpr std::chrono::seconds kTimeout{1};
// An API server that does not answer must not delay each of them.
constexpr std::chrono::seconds kPause{10};

std::optional<std::string> ask(kube::Client& client) {
  auto request = kube::create(kSelfSubjectReview, {}, std::string(kQuestion), capp::kFieldManager);
  request.timeout = kTimeout;
  const auto answer = client.send(std::move(request));
  if (!answer) return std::nullopt;
  const auto review = json::parse(answer->body);
  if (!review) return std::nullopt;
  const std::string_view name = json::string_at(*review, {"status", "userInfo", "username"});
  return name.empty() ? std::nullopt : std::optional(std::string(name));
}

}  // namespace

bool OwnUser::must_ask(base::Clock::time_point now) {
  const base::MutexLock lock(mutex_);
  return !name_ && now >= ask_again_at_;
}

// Of several that ask at a time one may fail, and must not take away what another has learned.
void OwnUser::learn(std::optional<std::string> name, base::Clock::time_point now) {
  const base::MutexLock lock(mutex_);
  if (name) {
    name_ = std::move(name);
  } else {
    ask_again_at_ = now + kPause;
  }
}

bool OwnUser::is(std::string_view username, base::Clock::time_point now) {
  if (must_ask(now)) learn(ask(client_), now);
  const base::MutexLock lock(mutex_);
  return name_ == username;
}

}  // namespace op
