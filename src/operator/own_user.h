#pragma once
// As whom the API server knows this process: all replicas are one user.

#include <optional>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "kube/client.h"

namespace op {

// Thread-safe.
class OwnUser {
 public:
  explicit OwnUser(kube::Client& client) : client_(client) {}

  // Asks the API server (SelfSubjectReview) until it once has answered; before that, false.
  [[nodiscard]] bool is(std::string_view username) CAPP_EXCLUDES(mutex_);

 private:
  [[nodiscard]] std::optional<std::string> known() const CAPP_EXCLUDES(mutex_);

  kube::Client& client_;
  mutable base::Mutex mutex_;
  std::optional<std::string> name_ CAPP_GUARDED_BY(mutex_);
};

}  // namespace op
