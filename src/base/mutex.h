#pragma once
// std::mutex with clang's thread-safety annotations, so that -Wthread-safety checks who holds what.

#include <condition_variable>
#include <mutex>

#define CAPP_CAPABILITY(x) __attribute__((capability(x)))
#define CAPP_SCOPED_CAPABILITY __attribute__((scoped_lockable))
#define CAPP_GUARDED_BY(x) __attribute__((guarded_by(x)))
#define CAPP_REQUIRES(...) __attribute__((requires_capability(__VA_ARGS__)))
#define CAPP_ACQUIRE(...) __attribute__((acquire_capability(__VA_ARGS__)))
#define CAPP_RELEASE(...) __attribute__((release_capability(__VA_ARGS__)))
#define CAPP_EXCLUDES(...) __attribute__((locks_excluded(__VA_ARGS__)))

namespace base {

class CAPP_CAPABILITY("mutex") Mutex {
 public:
  void lock() CAPP_ACQUIRE() { mutex_.lock(); }
  void unlock() CAPP_RELEASE() { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

class CAPP_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) CAPP_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~MutexLock() CAPP_RELEASE() { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// Waits on a base::Mutex that the caller holds; spurious wake-ups are possible, so wait in a loop.
class CondVar {
 public:
  void wait(Mutex& mutex) CAPP_REQUIRES(mutex) { condition_.wait(mutex); }
  template <class Time>
  std::cv_status wait_until(Mutex& mutex, Time deadline) CAPP_REQUIRES(mutex) {
    return condition_.wait_until(mutex, deadline);
  }
  void notify_one() { condition_.notify_one(); }
  void notify_all() { condition_.notify_all(); }

 private:
  std::condition_variable_any condition_;
};

}  // namespace base
