#include "runtime/directory_watch.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>
#include <utility>

#include "base/clock.h"

namespace runtime {
namespace {

// A file that was written or got its permissions, a file or link that was moved here (the kubelet
// moves "..data" over the one before), a link that was made.
constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVED_TO | IN_CREATE | IN_ONLYDIR;

// Two files that belong together are written one after the other.
constexpr std::chrono::milliseconds kMoment{100};
// Of a directory in which something is written all the time.
constexpr int kMaxMoments = 10;

}  // namespace

DirectoryWatch::DirectoryWatch(std::string path)
    : path_(std::move(path)),
      inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)),
      wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

DirectoryWatch::~DirectoryWatch() {
  ::close(inotify_);
  ::close(wake_);
}

void DirectoryWatch::arm() {
  watch_ = ::inotify_add_watch(inotify_, path_.c_str(), kEvents);
}

void DirectoryWatch::wait(std::chrono::milliseconds period) {
  // The path may have come to mean another directory: then what is in it counts as changed.
  const int before = std::exchange(watch_, -1);
  arm();
  if (watch_ != before) {
    if (before >= 0) ::inotify_rm_watch(inotify_, before);
    forget_events();
    if (watch_ >= 0) return;
  }
  if (!event_within(period)) return;
  for (int moment = 0; moment < kMaxMoments && event_within(kMoment); ++moment) continue;
}

bool DirectoryWatch::event_within(std::chrono::milliseconds time) {
  using std::chrono::milliseconds;
  const auto deadline = base::Clock::now() + time;
  for (auto left = time; left > milliseconds(0) && !awake_;
       left = std::chrono::ceil<milliseconds>(deadline - base::Clock::now())) {
    // Without an eventfd (EMFILE) nothing ends a poll.
    if (poll(wake_ < 0 ? std::min(left, kMoment) : left)) return true;
  }
  return false;
}

bool DirectoryWatch::poll(std::chrono::milliseconds time) {
  std::array<pollfd, 2> wanted{{{.fd = inotify_, .events = POLLIN, .revents = 0},
                                {.fd = wake_, .events = POLLIN, .revents = 0}}};
  ::poll(wanted.data(), wanted.size(), static_cast<int>(time.count()));
  return wanted[0].revents != 0 && forget_events();
}

bool DirectoryWatch::forget_events() {
  std::array<char, 4096> events{};
  bool any = false;
  while (::read(inotify_, events.data(), events.size()) > 0) any = true;
  return any;
}

void DirectoryWatch::wake() {
  awake_ = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
}

}  // namespace runtime
