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

std::optional<std::string> OwnUser::known() const {
  const base::MutexLock lock(mutex_);
  return name_;
}

bool OwnUser::is(std::string_view username) {
  auto name = known();
  if (!name) {
    name = ask(client_);
    const base::MutexLock lock(mutex_);
    name_ = name;
  }
  return name == username;
}

}  // namespace op
