#include "net/loop.h"

#include <csignal>
#include <pthread.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/loop_impl.h"

namespace net {
namespace {

// Signals belong to main. That also holds for SIGPIPE, which OpenSSL's write to a closed socket
// raises.
std::thread start_without_signals(std::function<void()> body) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(std::move(body));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace

// Shared by the handle, the pending wait and posted cancellations. `fn` and `timer` are touched on
// the io thread only.
struct Timer::State : std::enable_shared_from_this<Timer::State> {
  State(Loop::Impl& owner, std::function<void()> function)
      : loop(owner), timer(owner.context), fn(std::move(function)) {}

  void arm(base::Clock::time_point at) {
    if (cancelled) return;
    timer.expires_at(at);
    timer.async_wait([self = shared_from_this()](const boost::system::error_code&) {
      const auto function = std::exchange(self->fn, nullptr);
      if (!self->cancelled.exchange(true)) function();
    });
  }

  Loop::Impl& loop;
  std::atomic<bool> cancelled = false;
  boost::asio::steady_timer timer;
  std::function<void()> fn;
};

Timer& Timer::operator=(Timer&& other) noexcept {
  cancel();
  state_ = std::move(other.state_);
  return *this;
}

void Timer::cancel() {
  const auto state = std::exchange(state_, nullptr);
  // Already run or cancelled: nothing is pending.
  if (!state || state->cancelled.exchange(true)) return;
  const auto release = [state] { state->timer.cancel(); };
  if (state->loop.in_loop_thread()) {
    release();
  } else {
    state->loop.post(release);
  }
}

Loop::Impl::Impl() : work_(context.get_executor()) {
  thread_ = start_without_signals([this] { run(); });
  thread_id_ = thread_.get_id();
}

void Loop::Impl::run() {
  pthread_setname_np(pthread_self(), "io");
  context.run();
  ended_ = true;
  ended_.notify_all();
}

bool Loop::Impl::post(std::function<void()> fn) {
  // The lock makes "accepted" mean "run": nothing gets in behind the last function of stop().
  const base::MutexLock lock(mutex_);
  if (stopped_) return false;
  boost::asio::post(context, std::move(fn));
  return true;
}

bool Loop::Impl::run_and_wait(std::function<void()> fn) {
  if (in_loop_thread()) {
    fn();
    return true;
  }
  // Shared, because the io thread still notifies when the waiting thread may already have returned.
  const auto done = std::make_shared<std::atomic<bool>>(false);
  const bool accepted = post([done, run_it = std::move(fn)] {
    run_it();
    *done = true;
    done->notify_all();
  });
  (accepted ? *done : ended_).wait(false);
  return accepted;
}

std::uint64_t Loop::Impl::on_stop(std::function<void()> fn) {
  stop_hooks_.emplace(next_hook_, std::move(fn));
  return next_hook_++;
}

void Loop::Impl::run_stop_hooks() {
  const auto hooks = std::exchange(stop_hooks_, {});
  for (const auto& [number, hook] : hooks) hook();
}

void Loop::Impl::stop() {
  {
    const base::MutexLock lock(mutex_);
    if (!stopped_) {
      stopped_ = true;
      boost::asio::post(context, [this] {
        run_stop_hooks();
        // Behind the completions that the hooks caused, but not behind a name resolution, which
        // cannot be interrupted.
        boost::asio::post(context, [this] { context.stop(); });
      });
    }
  }
  if (thread_.joinable()) thread_.join();
}

Loop::Loop() : impl_(std::make_unique<Impl>()) {}
Loop::~Loop() {
  stop();
}
bool Loop::post(std::function<void()> fn) {
  return impl_->post(std::move(fn));
}
bool Loop::in_loop_thread() const {
  return impl_->in_loop_thread();
}
void Loop::stop() {
  impl_->stop();
}

Timer Loop::schedule(base::Clock::time_point at, std::function<void()> fn) {
  auto state = std::make_shared<Timer::State>(*impl_, std::move(fn));
  if (in_loop_thread()) {
    state->arm(at);
  } else {
    post([state, at] { state->arm(at); });
  }
  return Timer(std::move(state));
}

}  // namespace net
