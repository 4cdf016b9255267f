#pragma once
// The io thread: every socket and every timer of the process lives on it.

#include <functional>
#include <memory>

#include "base/clock.h"

namespace net {

// A handle on one scheduled call. Destroying it cancels the call.
class Timer {
 public:
  Timer() = default;
  Timer(Timer&&) noexcept = default;
  Timer& operator=(Timer&& other) noexcept;
  ~Timer() { cancel(); }

  // Thread-safe and idempotent. On the io thread the function is certain not to run afterwards;
  // on another thread it may be running at this moment.
  void cancel();

 private:
  friend class Loop;
  struct State;
  explicit Timer(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

// One thread named "io" that runs posted functions in order, timers, and all network operations.
// What runs on it must not block. Clients, servers, streams and timers are destroyed before their
// Loop.
class Loop {
 public:
  Loop();
  // Stops and joins.
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Thread-safe. Runs fn on the io thread, after what was posted before it. False, and fn is
  // destroyed without being run, once the loop has been stopped.
  bool post(std::function<void()> fn);

  // Thread-safe. Calls fn on the io thread at or after `at`, unless the Timer is cancelled before.
  [[nodiscard]] Timer schedule(base::Clock::time_point at, std::function<void()> fn);

  [[nodiscard]] bool in_loop_thread() const;

  // Any thread but the io thread; idempotent. Ends every request and stream with kCancelled, then
  // joins the thread.
  void stop();

  // What net's own implementation needs of the loop (net/loop_impl.h).
  struct Impl;
  [[nodiscard]] Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace net
