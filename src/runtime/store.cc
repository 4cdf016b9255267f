#include "runtime/store.h"

#include <algorithm>
#include <utility>

namespace runtime {

using object::Key;
using object::RecordPtr;

namespace {

template <class T>
bool take(std::vector<T>& values, const T& value) {
  return std::erase(values, value) > 0;
}

}  // namespace

Store::Store(const object::Kind& kind, IndexFunction index)
    : kind_(kind), index_(std::move(index)) {}

void Store::set_handler(Handler handler) {
  handler_ = std::move(handler);
}

RecordPtr Store::get(const Key& key) const {
  const base::MutexLock lock(mutex_);
  return find(key);
}

std::vector<RecordPtr> Store::by_index(std::string_view value) const {
  const base::MutexLock lock(mutex_);
  std::vector<RecordPtr> found;
  const auto [first, last] = indexed_.equal_range(std::string(value));
  for (auto it = first; it != last; ++it) found.push_back(it->second);
  return found;
}

std::vector<RecordPtr> Store::all() const {
  const base::MutexLock lock(mutex_);
  return {records_.begin(), records_.end()};
}

std::size_t Store::size() const {
  const base::MutexLock lock(mutex_);
  return records_.size();
}

RecordPtr Store::find(const Key& key) const {
  const auto it = records_.find(key);
  return it != records_.end() ? *it : nullptr;
}

void Store::put(RecordPtr record) {
  if (const auto old = find(record->key)) erase(old);
  if (index_) {
    if (auto value = index_(*record); !value.empty()) indexed_.emplace(std::move(value), record);
  }
  records_.insert(std::move(record));
}

void Store::erase(const RecordPtr& record) {
  if (index_) {
    const auto [first, last] = indexed_.equal_range(index_(*record));
    const auto it =
        std::find_if(first, last, [&](const auto& entry) { return entry.second == record; });
    if (it != last) indexed_.erase(it);
  }
  records_.erase(record);
}

bool Store::accept(const RecordPtr& record) {
  const auto it = writes_.find(record->key);
  if (it != writes_.end() &&
      std::ranges::find(it->second.deleted, record->uid) != it->second.deleted.end()) {
    return false;
  }
  const auto known = find(record->key);
  if (known && known->resource_version >= record->resource_version && !rewound_) return false;
  put(record);
  return true;
}

void Store::init(bool rewound) {
  const base::MutexLock lock(mutex_);
  seen_.clear();
  rewound_ = rewound;
  if (rewound) told_ = 0;
}

void Store::init_apply(RecordPtr record) {
  std::optional<Change> change;
  {
    const base::MutexLock lock(mutex_);
    seen_.insert(record->key);
    change = applied(std::move(record), Told::kByList);
  }
  tell(change);
}

void Store::init_done(std::uint64_t resource_version) {
  std::vector<Change> gone;
  {
    const base::MutexLock lock(mutex_);
    for (const auto& record : records_) {
      // A newer record is the answer to a write of ours that the list could not know.
      const bool ours = record->resource_version > resource_version && !rewound_;
      if (!seen_.contains(record->key) && !ours)
        gone.push_back({.before = record, .after = nullptr});
    }
    for (const auto& change : gone) erase(change.before);
    for (auto it = writes_.begin(); it != writes_.end();) {
      Writes& writes = it->second;
      std::erase_if(writes.answered, [&](std::uint64_t v) { return v <= resource_version; });
      if (!seen_.contains(it->first)) writes.deleted.clear();
      it = writes.idle() ? writes_.erase(it) : std::next(it);
    }
    told_ = resource_version;
    whole_ = true;
    rewound_ = false;
    seen_.clear();
  }
  for (const auto& change : gone) tell(change);
}

void Store::apply(RecordPtr record) {
  std::optional<Change> change;
  {
    const base::MutexLock lock(mutex_);
    told_ = std::max(told_, record->resource_version);
    change = applied(std::move(record), Told::kByWatch);
  }
  tell(change);
}

std::optional<Change> Store::applied(RecordPtr record, Told told) {
  const std::uint64_t version = record->resource_version;
  const bool initial = told == Told::kByList && !whole_;
  const RecordPtr before = find(record->key);
  const bool accepted = accept(record);
  const auto it = writes_.find(record->key);
  if (it == writes_.end()) {
    if (!accepted) return std::nullopt;
    return Change{.before = before, .after = std::move(record), .initial = initial};
  }
  Writes& writes = it->second;
  // A list has the last version only: below one of ours there may be somebody else's.
  const bool echo = take(writes.answered, version) && told == Told::kByWatch;
  // Events of one object come in order: an echo below this version has come or never will.
  std::erase_if(writes.answered, [&](std::uint64_t answered) { return answered < version; });
  const bool missed = !accepted && !echo;
  if (writes.under_way > 0) {
    if (echo) return std::nullopt;
    if (!writes.news()) writes.before = before;
    if (told == Told::kByList) {
      writes.listed = true;
    } else {
      writes.arrived.push_back(version);
    }
    writes.missed = writes.missed || missed;
    return std::nullopt;
  }
  if (writes.idle()) writes_.erase(it);
  RecordPtr after = find(record->key);
  // Neither accepted nor ours: somebody changed the object between two of our writes. The record is
  // newer already, but nobody was told; unless we have deleted it since, and there is nothing left.
  if (echo || (!before && !after)) return std::nullopt;
  return Change{.before = before, .after = std::move(after), .initial = initial, .missed = missed};
}

void Store::remove(const RecordPtr& record) {
  std::optional<Change> change;
  {
    const base::MutexLock lock(mutex_);
    told_ = std::max(told_, record->resource_version);
    seen_.erase(record->key);
    change = removed(record);
  }
  tell(change);
}

std::optional<Change> Store::removed(const RecordPtr& record) {
  const RecordPtr known = find(record->key);
  const bool was_there = known && known->uid == record->uid;
  if (was_there) erase(known);
  const auto it = writes_.find(record->key);
  if (it != writes_.end()) {
    Writes& writes = it->second;
    const bool echo = take(writes.deleted, record->uid);
    if (writes.under_way > 0 && !echo) {
      if (!writes.news()) writes.before = known;
      writes.gone.push_back(record->uid);
      return std::nullopt;
    }
    if (was_there) writes.answered.clear();
    if (writes.idle()) writes_.erase(it);
    if (echo) return std::nullopt;
  }
  if (!was_there) return std::nullopt;
  return Change{.before = known, .after = nullptr};
}

void Store::clear() {
  std::vector<Change> gone;
  {
    const base::MutexLock lock(mutex_);
    for (const auto& record : records_) gone.push_back({.before = record, .after = nullptr});
    records_.clear();
    indexed_.clear();
    seen_.clear();
    told_ = 0;
    whole_ = false;
  }
  for (const auto& change : gone) tell(change);
}

std::optional<Change> Store::end_write(const Key& key) {
  const auto it = writes_.find(key);
  Writes& writes = it->second;
  if (--writes.under_way > 0) return std::nullopt;
  const bool news = writes.news();
  const bool missed = std::exchange(writes.missed, false);
  const RecordPtr before = std::exchange(writes.before, nullptr);
  writes.arrived.clear();
  writes.gone.clear();
  writes.listed = false;
  if (writes.idle()) writes_.erase(it);
  const RecordPtr after = find(key);
  if (!news || (!before && !after)) return std::nullopt;
  return Change{.before = before, .after = after, .missed = missed};
}

void Store::tell(const std::optional<Change>& change) const {
  if (change && handler_) handler_(*change);
}

Store::Write::Write(Store& store, Key key) : store_(&store), key_(std::move(key)) {
  const base::MutexLock lock(store_->mutex_);
  ++store_->writes_[key_].under_way;
}

Store::Write::Write(Write&& other) noexcept
    : store_(std::exchange(other.store_, nullptr)), key_(std::move(other.key_)) {}

Store::Write::~Write() {
  if (store_ == nullptr) return;
  std::optional<Change> change;
  {
    const base::MutexLock lock(store_->mutex_);
    change = store_->end_write(key_);
  }
  store_->tell(change);
}

void Store::Write::answered(const RecordPtr& record) {
  const base::MutexLock lock(store_->mutex_);
  Writes& writes = store_->writes_[key_];
  const std::uint64_t version = record->resource_version;
  const bool echo_came = take(writes.arrived, version);
  // The watch is past this version: it has told of it, or of what came after.
  if (echo_came || version <= store_->told_) return;
  if (store_->accept(record)) writes.answered.push_back(version);
}

void Store::Write::deleted(const std::string& uid) {
  const base::MutexLock lock(store_->mutex_);
  Writes& writes = store_->writes_[key_];
  if (take(writes.gone, uid)) return;
  const RecordPtr known = store_->find(key_);
  if (!known || known->uid != uid) return;
  store_->erase(known);
  writes.deleted.push_back(uid);
}

}  // namespace runtime
