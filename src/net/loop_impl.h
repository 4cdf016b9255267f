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

  bool post(std::function<void()> fn) CAPP_EXCLUDES(mutex);
  void stop() CAPP_EXCLUDES(mutex);
  [[nodiscard]] bool in_loop_thread() const { return thread_id == std::this_thread::get_id(); }

  // Runs fn on the io thread and returns after it; on the io thread at once. False when the loop
  // has been stopped: fn is not run, and the io thread has ended on return.
  bool run_and_wait(std::function<void()> fn);

  // Io thread. Called once by stop(), to end what is under way; forgotten by its number.
  std::uint64_t on_stop(std::function<void()> fn);
  void forget(std::uint64_t hook) { stop_hooks.erase(hook); }

 private:
  void run();
  void run_stop_hooks();

  std::map<std::uint64_t, std::function<void()>> stop_hooks;
  std::uint64_t next_hook = 1;
  base::Mutex mutex;
  bool stopped CAPP_GUARDED_BY(mutex) = false;
  std::atomic<bool> ended = false;
  std::thread::id thread_id;

 public:
  // Behind the lock: coroutines that end only with the context still cancel timers.
  // Hint 1: only the io thread runs it.
  boost::asio::io_context context{1};

 private:
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work;
  std::thread thread;
};

}  // namespace net
