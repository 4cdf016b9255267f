#pragma once
// The inside of Loop, for net only.

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "base/mutex.h"
#include "net/loop.h"

namespace net {

struct Loop::Impl {
  Impl();

  bool post(std::function<void()> fn) CAPP_EXCLUDES(mutex_);
  void stop() CAPP_EXCLUDES(mutex_);
  [[nodiscard]] bool in_loop_thread() const { return thread_id_ == std::this_thread::get_id(); }

  // Runs fn on the io thread and returns after it; on the io thread at once. False when the loop
  // has been stopped_: fn is not run, and the io thread has ended_ on return.
  bool run_and_wait(std::function<void()> fn);

  // Io thread. Called once by stop(), to end what is under way; forgotten by its number.
  std::uint64_t on_stop(std::function<void()> fn);
  void forget(std::uint64_t hook) { stop_hooks_.erase(hook); }

 private:
  void run();
  void run_stop_hooks();

  std::map<std::uint64_t, std::function<void()>> stop_hooks_;
  std::uint64_t next_hook_ = 1;
  base::Mutex mutex_;
  bool stopped_ CAPP_GUARDED_BY(mutex_) = false;
  std::atomic<bool> ended_ = false;
  std::thread::id thread_id_;

 public:
  // Behind the lock: coroutines that end only with the context still cancel timers.
  // Hint 1: only the io thread runs it.
  boost::asio::io_context context{1};

 private:
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

}  // namespace net
