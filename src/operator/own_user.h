#pragma once
// As whom the API server knows this process: all replicas are one user.

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/mutex.h"
#include "kube/client.h"

namespace op {

// Thread-safe.
class OwnUser {
 public:
  explicit OwnUser(kube::Client& client) : client_(client) {}

  // Asks the API server (SelfSubjectReview) until it once has answered; before that, false. After
  // each failure nobody asks for 10 s.
  [[nodiscard]] bool is(std::string_view username, base::Clock::time_point now)
      CAPP_EXCLUDES(mutex_);

 private:
  [[nodiscard]] bool must_ask(base::Clock::time_point now) CAPP_EXCLUDES(mutex_);
  void learn(std::optional<std::string> name, base::Clock::time_point now) CAPP_EXCLUDES(mutex_);

  kube::Client& client_;
  base::Mutex mutex_;
  base::Clock::time_point ask_again_at_ CAPP_GUARDED_BY(mutex_) = base::Clock::time_point::min();
  std::optional<std::string> name_ CAPP_GUARDED_BY(mutex_);
};

}  // namespace op
