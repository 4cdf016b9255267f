#include "runtime/queue.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace runtime {

bool QueueState::ReadyOrder::operator()(const Node* a, const Node* b) const {
  if (a->second.priority != b->second.priority) return a->second.priority > b->second.priority;
  return a->second.sequence < b->second.sequence;
}

bool QueueState::DueOrder::operator()(const Node* a, const Node* b) const {
  return std::tie(a->second.due, a->second.sequence) < std::tie(b->second.due, b->second.sequence);
}

void QueueState::add(const object::Key& key, AddOptions options, TimePoint now) {
  if (shut_down_) return;
  promote_due(now);
  const auto after = std::max(options.after, base::Clock::duration::zero());
  if (observer_ && after > base::Clock::duration::zero()) observer_->retried();

  Node& node = *entries_.try_emplace(key).first;
  Entry& entry = node.second;
  switch (entry.place) {
    case Place::kNowhere:
      entry.priority = options.priority;
      entry.due = now + after;
      return put_in(node, now);
    case Place::kReady:
      if (options.priority > entry.priority) raise(node, options.priority);
      return;
    case Place::kWaiting:
    case Place::kHeld:
      if (options.priority <= entry.priority && now + after >= entry.due) return;
      // Before what it is ordered by changes.
      if (entry.place == Place::kWaiting) waiting_.erase(&node);
      entry.priority = std::max(entry.priority, options.priority);
      entry.due = std::min(entry.due, now + after);
      return put_in(node, now);
  }
}

void QueueState::add_rate_limited(const object::Key& key, int priority, TimePoint now) {
  if (shut_down_) return;
  const std::uint32_t failures = entries_[key].failures++;
  add(key, {.priority = priority, .after = backoff_.delay(failures)}, now);
}

void QueueState::forget(const object::Key& key) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  found->second.failures = 0;
  drop_if_idle(found);
}

std::uint32_t QueueState::failures(const object::Key& key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? 0 : found->second.failures;
}

std::optional<QueueItem> QueueState::get(TimePoint now) {
  promote_due(now);
  if (ready_.empty()) return std::nullopt;
  Node& node = **ready_.begin();
  Entry& entry = node.second;
  ready_.erase(ready_.begin());
  change_depth(entry.priority, -1);
  entry.place = Place::kNowhere;
  entry.processing = true;
  entry.started = now;
  processing_.insert(&node);
  if (observer_) observer_->started(now - entry.due);
  const bool others_wait = !ready_.empty() && (*ready_.begin())->second.priority >= entry.priority;
  return QueueItem{.key = node.first, .priority = entry.priority, .others_wait = others_wait};
}

void QueueState::done(const object::Key& key, TimePoint now) {
  promote_due(now);
  const auto found = entries_.find(key);
  if (found == entries_.end() || !found->second.processing) return;
  Entry& entry = found->second;
  entry.processing = false;
  processing_.erase(&*found);
  if (observer_) observer_->finished(now - entry.started);
  if (entry.place == Place::kHeld) return put_in(*found, now);
  drop_if_idle(found);
}

void QueueState::shut_down() {
  shut_down_ = true;
  waiting_.clear();
  ready_.clear();
  for (const auto& [priority, depth] : std::exchange(depth_, {})) {
    if (observer_) observer_->depth_changed(priority, 0);
  }
  std::erase_if(entries_, [](const Node& node) { return !node.second.processing; });
  for (auto& [key, entry] : entries_) entry.place = Place::kNowhere;
}

std::size_t QueueState::size(TimePoint now) {
  promote_due(now);
  return ready_.size();
}

std::optional<QueueState::TimePoint> QueueState::next_due() const {
  if (waiting_.empty()) return std::nullopt;
  return (*waiting_.begin())->second.due;
}

base::Clock::duration QueueState::unfinished_work(TimePoint now) const {
  base::Clock::duration sum{};
  for (const Node* node : processing_) sum += now - node->second.started;
  return sum;
}

base::Clock::duration QueueState::longest_running(TimePoint now) const {
  base::Clock::duration longest{};
  for (const Node* node : processing_) longest = std::max(longest, now - node->second.started);
  return longest;
}

void QueueState::put_in(Node& node, TimePoint now) {
  Entry& entry = node.second;
  if (entry.processing) {
    entry.place = Place::kHeld;
  } else if (entry.due <= now) {
    make_ready(node);
  } else {
    entry.place = Place::kWaiting;
    entry.sequence = next_sequence_++;
    waiting_.insert(&node);
  }
}

void QueueState::make_ready(Node& node) {
  Entry& entry = node.second;
  entry.place = Place::kReady;
  // R23: first in, first out counts from the moment that a key is ready, not from when its delay
  // began.
  entry.sequence = next_sequence_++;
  ready_.insert(&node);
  change_depth(entry.priority, 1);
  if (observer_) observer_->added();
}

void QueueState::raise(Node& node, int priority) {
  Entry& entry = node.second;
  ready_.erase(&node);
  change_depth(entry.priority, -1);
  entry.priority = priority;
  entry.sequence = next_sequence_++;  // behind those that had this priority before it
  ready_.insert(&node);
  change_depth(entry.priority, 1);
}

void QueueState::promote_due(TimePoint now) {
  while (!waiting_.empty() && (*waiting_.begin())->second.due <= now) {
    Node& node = **waiting_.begin();
    waiting_.erase(waiting_.begin());
    make_ready(node);
  }
}

void QueueState::drop_if_idle(Entries::iterator found) {
  const Entry& entry = found->second;
  if (entry.place != Place::kNowhere || entry.processing || entry.failures > 0) return;
  entries_.erase(found);
}

void QueueState::change_depth(int priority, int by) {
  auto& depth = depth_[priority];
  depth = by > 0 ? depth + 1 : depth - 1;
  const std::size_t now = depth;
  if (now == 0) depth_.erase(priority);
  if (observer_) observer_->depth_changed(priority, now);
}

// ---- Queue

void Queue::add(const object::Key& key, AddOptions options) {
  const base::MutexLock lock(mutex_);
  state_.add(key, options, base::Clock::now());
  changed_.notify_one();
}

void Queue::add_rate_limited(const object::Key& key, int priority) {
  const base::MutexLock lock(mutex_);
  state_.add_rate_limited(key, priority, base::Clock::now());
  changed_.notify_one();
}

void Queue::forget(const object::Key& key) {
  const base::MutexLock lock(mutex_);
  state_.forget(key);
}

std::uint32_t Queue::failures(const object::Key& key) const {
  const base::MutexLock lock(mutex_);
  return state_.failures(key);
}

std::optional<QueueItem> Queue::get(const std::stop_token& stop) {
  // With the lock held, so that a stop between a getter's check and its wait is not missed.
  const std::stop_callback wake_all(stop, [this] {
    const base::MutexLock lock(mutex_);
    changed_.notify_all();
  });
  const base::MutexLock lock(mutex_);
  while (!stop.stop_requested() && !state_.is_shut_down()) {
    if (auto item = state_.get(base::Clock::now())) {
      // This getter may have been the only one that was told of another key, or that waited for its
      // time.
      changed_.notify_one();
      return item;
    }
    if (const auto due = state_.next_due()) {
      changed_.wait_until(mutex_, *due);
    } else {
      changed_.wait(mutex_);
    }
  }
  return std::nullopt;
}

void Queue::done(const object::Key& key) {
  const base::MutexLock lock(mutex_);
  state_.done(key, base::Clock::now());
  changed_.notify_one();
}

void Queue::shut_down() {
  const base::MutexLock lock(mutex_);
  state_.shut_down();
  changed_.notify_all();
}

std::size_t Queue::size() {
  const base::MutexLock lock(mutex_);
  return state_.size(base::Clock::now());
}

std::size_t Queue::processing() const {
  const base::MutexLock lock(mutex_);
  return state_.processing();
}

base::Clock::duration Queue::unfinished_work() const {
  const base::MutexLock lock(mutex_);
  return state_.unfinished_work(base::Clock::now());
}

base::Clock::duration Queue::longest_running() const {
  const base::MutexLock lock(mutex_);
  return state_.longest_running(base::Clock::now());
}

}  // namespace runtime
