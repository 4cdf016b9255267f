#pragma once
// Waiting for a change in a directory (inotify).

#include <atomic>
#include <chrono>
#include <string>

namespace runtime {

// Says that something may have changed, not what: whoever asks reads again and compares. The
// directory need not exist yet, may be replaced, and its entries may be symbolic links; what
// changes behind those, or while nobody can watch, is left to the period. wait() is for one thread.
class DirectoryWatch {
 public:
  explicit DirectoryWatch(std::string path);
  ~DirectoryWatch();
  DirectoryWatch(const DirectoryWatch&) = delete;
  DirectoryWatch& operator=(const DirectoryWatch&) = delete;

  // Begins to watch, if it can: what changes from now on ends the next wait().
  void arm();
  // Until something was written, linked or moved in the directory, and no more of it for a moment;
  // until `period` is over; or until wake().
  void wait(std::chrono::milliseconds period);
  // Any thread. Ends this wait() and every later one.
  void wake();

 private:
  // True where an event came within the time.
  bool event_within(std::chrono::milliseconds time);
  bool poll(std::chrono::milliseconds time);
  // True where there were any.
  bool forget_events();

  const std::string path_;
  const int inotify_;
  const int wake_;
  std::atomic<bool> awake_ = false;
  int watch_ = -1;
};

}  // namespace runtime
