#pragma once
// Credentials that an exec plugin prints, kept fresh by a thread of their own.

#include <cstdint>
#include <optional>
#include <stop_token>
#include <thread>

#include "base/clock.h"
#include "base/error.h"
#include "base/mutex.h"
#include "kube/config/config.h"
#include "kube/config/credentials.h"
#include "kube/config/environment.h"
#include "kube/config/exec_schedule.h"

namespace kube {

// A plugin that talks to an identity provider answers within seconds; one that hangs is killed.
inline constexpr std::chrono::seconds kExecTimeout{60};

// The plugin runs from the start of this object, on the thread that this object owns; one run at a
// time, at the times ExecSchedule gives. current() never waits for it.
class ExecCredentials final : public Credentials {
 public:
  // `environment` and what the plugin's configuration adds to it is what the plugin sees.
  ExecCredentials(ExecPlugin plugin, Environment environment,
                  std::chrono::milliseconds timeout = kExecTimeout);

  Identity current(base::Clock::time_point now) override;
  base::Result<void> refresh(base::Clock::time_point now, base::Clock::time_point deadline,
                             std::stop_token stop) override;
  void unauthorized(base::Clock::time_point started_at) override;
  [[nodiscard]] std::optional<base::Error> problem() const override;

 private:
  // What one run of the plugin gave.
  struct Obtained {
    Identity identity;
    std::optional<base::Clock::time_point> expires;
  };

  void run(std::stop_token stop);
  // False when stopped.
  bool wait_until_due(const std::stop_token& stop) CAPP_REQUIRES(mutex_);
  [[nodiscard]] base::Result<Obtained> obtain(std::stop_token stop) const;
  void store(base::Result<Obtained> obtained, base::Clock::time_point now) CAPP_REQUIRES(mutex_);
  [[nodiscard]] bool usable(base::Clock::time_point now) const CAPP_REQUIRES(mutex_);

  const ExecPlugin plugin_;
  const Environment environment_;
  const std::chrono::milliseconds timeout_;

  mutable base::Mutex mutex_;
  base::CondVar changed_;
  ExecSchedule schedule_ CAPP_GUARDED_BY(mutex_);
  std::optional<Obtained> obtained_ CAPP_GUARDED_BY(mutex_);  // the last good one
  base::Clock::time_point obtained_at_ CAPP_GUARDED_BY(mutex_);
  bool rejected_ CAPP_GUARDED_BY(mutex_) = false;  // the server said 401 to obtained_
  std::uint64_t runs_ CAPP_GUARDED_BY(mutex_) = 0;
  std::optional<base::Error> problem_ CAPP_GUARDED_BY(mutex_);

  std::jthread thread_;  // last: stops before what it uses goes
};

}  // namespace kube
