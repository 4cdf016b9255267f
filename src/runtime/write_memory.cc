#include "runtime/write_memory.h"

#include <algorithm>
#include <utility>

namespace runtime {
namespace {

using std::chrono::milliseconds;

// Of a kind that counts no generations (those of the core group) this is not known.
bool only_status_differs(const object::Record& a, const object::Record& b) {
  return a.body != b.body && a.generation != 0 && a.generation == b.generation && a.uid == b.uid &&
         a.terminating == b.terminating && a.applied_hash == b.applied_hash &&
         a.adoptable == b.adoptable && a.finalizers == b.finalizers && a.labels == b.labels &&
         a.owners == b.owners && a.owned == b.owned;
}

// Whether what is there now may cure what failed `before`.
bool is_news(const object::RecordPtr& before, const object::RecordPtr& now) {
  if (!before || !now) return before != now;
  return before->resource_version != now->resource_version && !only_status_differs(*before, *now);
}

}  // namespace

std::size_t WriteMemory::Hash::operator()(const WriteId& id) const {
  return std::hash<object::Key>{}(id.key) ^ std::hash<std::string_view>{}(id.kind->plural) ^
         (id.verb << 1);
}

std::optional<WriteMemory::Waiting> WriteMemory::waiting(const WriteId& id, const std::string& hash,
                                                         const object::RecordPtr& live,
                                                         TimePoint now) const {
  const base::MutexLock lock(mutex_);
  const auto it = entries_.find(id);
  if (it == entries_.end()) return std::nullopt;
  const Entry& entry = it->second;
  if (!entry.error || entry.hash != hash || now >= entry.not_before) return std::nullopt;
  if (!entry.fight && is_news(entry.live, live)) return std::nullopt;
  return Waiting{.error = *entry.error,
                 .remaining = std::chrono::ceil<milliseconds>(entry.not_before - now),
                 .found = entry.found};
}

bool WriteMemory::settled(const WriteId& id, const std::string& hash,
                          const object::Record& live) const {
  const base::MutexLock lock(mutex_);
  const auto it = entries_.find(id);
  return it != entries_.end() && it->second.settled && it->second.hash == hash &&
         it->second.settled == live.owned.set;
}

milliseconds WriteMemory::back_off(Entry& entry, const base::Error& error, Cure cure,
                                   TimePoint now) const {
  const milliseconds first =
      cure == Cure::kChange ? options_.permanent_first : options_.transient_first;
  // 2^20 times the first wait is far beyond every limit.
  const auto factor = std::int64_t{1} << std::min<std::uint32_t>(entry.failures, 20);
  milliseconds wait = std::min(first * factor, options_.limit);
  if (error.retry_after) wait = std::max<milliseconds>(wait, *error.retry_after);
  ++entry.failures;
  entry.error = error;
  entry.not_before = now + wait;
  return wait;
}

milliseconds WriteMemory::failed(const WriteId& id, const std::string& hash,
                                 const object::RecordPtr& live, const base::Error& error, Cure cure,
                                 TimePoint now, object::RecordPtr found) {
  const base::MutexLock lock(mutex_);
  Entry& entry = entries_[id];
  if (entry.hash != hash || is_news(entry.live, live)) entry.failures = 0;
  entry.hash = hash;
  entry.live = live;
  entry.found = std::move(found);
  return back_off(entry, error, cure, now);
}

bool WriteMemory::may_be_fought_over(const Entry& entry, TimePoint now) const {
  if (entry.repairs == 0) return false;
  return entry.fight || now - entry.repaired_at <= options_.fight_interval;
}

void WriteMemory::succeeded(const WriteId& id, const std::string& hash, const object::Record& after,
                            bool complete, TimePoint now) {
  const base::MutexLock lock(mutex_);
  const auto it = entries_.find(id);
  if (complete && (it == entries_.end() || !may_be_fought_over(it->second, now))) {
    if (it != entries_.end()) entries_.erase(it);
    return;
  }
  Entry& entry = it != entries_.end() ? it->second : entries_[id];
  entry.hash = hash;
  entry.error.reset();
  entry.live = nullptr;
  entry.found = nullptr;
  entry.settled = complete ? nullptr : after.owned.set;
  if (!entry.fight) entry.failures = 0;
}

bool WriteMemory::fighting(const WriteId& id, const std::string& path, TimePoint now) {
  const base::MutexLock lock(mutex_);
  Entry& entry = entries_[id];
  const bool same = entry.repairs > 0 && entry.repaired_path == path;
  // The first repair after a fight that was given up: if it is undone as soon, the fight goes on.
  const bool resumed = same && entry.fight && entry.repaired_at < entry.not_before;
  const bool soon = same && !resumed && now - entry.repaired_at <= options_.fight_interval;
  if (soon) {
    ++entry.repairs;
  } else if (!resumed) {
    entry.repairs = 1;
    entry.fight = false;
    entry.failures = 0;
  }
  if (soon && entry.repairs > options_.fight_repairs) return true;
  entry.repaired_path = path;
  entry.repaired_at = now;
  return false;
}

milliseconds WriteMemory::lost(const WriteId& id, const std::string& hash, const base::Error& error,
                               TimePoint now) {
  const base::MutexLock lock(mutex_);
  Entry& entry = entries_[id];
  entry.hash = hash;
  entry.fight = true;
  return back_off(entry, error, Cure::kChange, now);
}

void WriteMemory::forget(const WriteId& id) {
  const base::MutexLock lock(mutex_);
  entries_.erase(id);
}

void WriteMemory::forget_owner(const object::Key& owner) {
  const base::MutexLock lock(mutex_);
  std::erase_if(entries_, [&](const auto& entry) { return entry.first.owner == owner; });
}

void WriteMemory::forget_kind(const object::Kind& kind) {
  const base::MutexLock lock(mutex_);
  std::erase_if(entries_, [&](const auto& entry) { return *entry.first.kind == kind; });
}

std::size_t WriteMemory::size() const {
  const base::MutexLock lock(mutex_);
  return entries_.size();
}

}  // namespace runtime
