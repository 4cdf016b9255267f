#pragma once
// One request of a caller that waits for it.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "net/counters.h"
#include "net/operation.h"

namespace net {

class Pool;

// What one call of send_all waits for: written on the io thread, read by the caller once all are
// there.
class Batch {
 public:
  explicit Batch(std::size_t size) : results_(size), missing_(size) {}

  void set(std::size_t index, base::Result<Response> result) CAPP_EXCLUDES(mutex_);
  // Each once; blocks until the last was set.
  std::vector<base::Result<Response>> wait() CAPP_EXCLUDES(mutex_);

 private:
  // Not an atomic that is waited for: libstdc++ 12 yields the CPU some times before it sleeps,
  // which was a quarter of the operator's CPU under load.
  base::Mutex mutex_;
  base::CondVar complete_;
  std::vector<std::optional<base::Result<Response>>> results_ CAPP_GUARDED_BY(mutex_);
  std::size_t missing_ CAPP_GUARDED_BY(mutex_);
};

class Exchange final : public Operation {
 public:
  Exchange(std::string label, Request request, std::shared_ptr<Batch> batch, std::size_t index);

  [[nodiscard]] const Request& request() const { return request_; }
  // From submission on: ended by its time-out, counted as waiting, and the pool is told of its end.
  void submitted_to(Loop& loop, std::weak_ptr<Pool> pool, std::shared_ptr<ClientCounters> counters);
  void started(std::shared_ptr<ClientCounters> counters);
  // From here on the server may have seen the request; taken back when nothing of it was sent.
  void set_maybe_sent(bool maybe_sent) { maybe_sent_ = maybe_sent; }

 private:
  void on_ended(base::Result<Response> result) override;

  Request request_;
  std::shared_ptr<Batch> batch_;
  std::size_t index_;
  base::Clock::time_point deadline_;
  Timer timer_;
  std::weak_ptr<Pool> pool_;
  std::optional<Tally> tally_;
  bool maybe_sent_ = false;
};

}  // namespace net
