#include "tests/runtime/model_server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace runtime::test {

using base::Reason;

void ModelServer::put(const std::string& name) {
  const bool is_new = !objects_.contains(name);
  objects_[name] = record(name, ++version_);
  log_.insert_or_assign(version_,
                        Event{is_new ? EventType::kAdded : EventType::kModified, objects_[name]});
}

void ModelServer::remove(const std::string& name) {
  if (objects_.erase(name) == 0) return;
  ++version_;
  log_.insert_or_assign(version_, Event{EventType::kDeleted, record(name, version_)});
}

void ModelServer::restore() {
  std::tie(version_, objects_) = backup_;
  log_.erase(log_.upper_bound(version_), log_.end());
  compacted_ = version_;
}

std::vector<object::RecordPtr> ModelServer::objects() const {
  std::vector<object::RecordPtr> records;
  for (const auto& [name, one] : objects_) records.push_back(one);
  return records;
}

const Event* ModelServer::next_event(std::uint64_t version) const {
  const auto next = log_.upper_bound(version);
  return next == log_.end() ? nullptr : &next->second;
}

std::set<std::string> ModelServer::content() const {
  std::set<std::string> content;
  for (const auto& [name, one] : objects_)
    content.insert(fmt::format("{}@{}", name, one->resource_version));
  return content;
}

ModelDriver::ModelDriver(ModelServer& server, ReflectorOptions options)
    : server_(server), reflector_(options, random_) {
  feed(Start{});
}

void ModelDriver::feed(Input input) {
  for (const Effect& effect : reflector_.step(std::move(input), now_)) take(effect);
}

void ModelDriver::take(const Effect& effect) {
  store_.take(effect);
  if (const auto* list = std::get_if<List>(&effect)) {
    EXPECT_FALSE(list_ || watch_) << "two requests at once";
    list_ = *list;
    if (list->continue_token.empty()) ++syncs_;
  } else if (const auto* watch = std::get_if<Watch>(&effect)) {
    EXPECT_FALSE(list_ || watch_) << "two requests at once";
    watch_ = *watch;
    open_ = snapshot_sent_ = false;
    if (watch->initial_events) ++syncs_;
  } else if (std::holds_alternative<CloseStream>(effect)) {
    EXPECT_TRUE(list_ || watch_) << "nothing to close";
    list_.reset();
    watch_.reset();
  } else if (const auto* initial = std::get_if<InitApply>(&effect)) {
    newest_ = std::max(newest_, initial->record->resource_version);
  } else if (const auto* done = std::get_if<InitDone>(&effect)) {
    newest_ = done->resource_version;
  } else if (const auto* timer = std::get_if<SetTimer>(&effect)) {
    timer_ = timer->at;
  } else if (const auto* report = std::get_if<Report>(&effect)) {
    if (report->recovery == Recovery::kRelist) ++relist_reports_;
  }
}

void ModelDriver::proceed() {
  now_ += std::chrono::milliseconds(10);
  if (list_) {
    answer_list();
  } else if (watch_) {
    answer_watch();
  } else {
    wait();
  }
}

void ModelDriver::answer_list() {
  const List list = *std::exchange(list_, std::nullopt);
  if (list.at_least && *list.at_least > server_.version()) {
    return feed(ListFailed{error(Reason::kResourceVersionTooLarge)});
  }
  if (list.continue_token.empty()) {
    const auto records = server_.objects();
    pending_.assign(records.begin(), records.end());
    position_ = server_.version();
  }
  ListPage page{.records = {}, .resource_version = position_, .continue_token = {}};
  while (!pending_.empty() && (list.limit == 0 || page.records.size() < list.limit)) {
    page.records.push_back(pending_.front());
    pending_.pop_front();
  }
  if (!pending_.empty()) page.continue_token = "more";
  feed(std::move(page));
}

void ModelDriver::answer_watch() {
  const std::uint64_t from = watch_->resource_version.value_or(0);
  if (!open_) {
    const bool unknown = from > server_.version();
    if (unknown || (!watch_->initial_events && server_.has_expired(from))) {
      watch_.reset();
      return feed(WatchFailed{error(unknown ? Reason::kResourceVersionTooLarge : Reason::kGone)});
    }
    open_ = true;
    const auto records = server_.objects();
    pending_.assign(records.begin(), records.end());
    position_ = watch_->initial_events ? server_.version() : from;
    return feed(WatchOpened{});
  }
  if (watch_->initial_events && !snapshot_sent_) {
    if (pending_.empty()) {
      snapshot_sent_ = true;
      return feed(Bookmark{position_, true});
    }
    const auto next = pending_.front();
    pending_.pop_front();
    return feed(Event{EventType::kAdded, next});
  }
  if (const Event* event = server_.next_event(position_)) {
    position_ = event->record->resource_version;
    return feed(Event{*event});
  }
}

void ModelDriver::fail(std::uint8_t choice) {
  constexpr Reason kReasons[] = {
      Reason::kConnection,
      Reason::kTooManyRequests,
      Reason::kInternal,
      Reason::kGone,
      Reason::kResourceVersionTooLarge,
      Reason::kForbidden,
      Reason::kUnavailable,
      Reason::kInvalid,
      Reason::kServerTimeout,
  };
  const auto refused = error(kReasons[choice % std::size(kReasons)]);
  if (list_) {
    list_.reset();
    feed(ListFailed{refused});
  } else if (watch_ && open_ && choice % 2 == 0) {
    feed(StreamError{refused});
  } else if (watch_ && open_ && choice % 3 == 0) {
    watch_.reset();
    feed(WatchClosed{});
  } else if (watch_) {
    watch_.reset();
    feed(WatchFailed{refused});
  }
}

void ModelDriver::cut() {
  const auto broken = error(Reason::kConnection);
  if (std::exchange(list_, std::nullopt)) feed(ListFailed{broken});
  if (std::exchange(watch_, std::nullopt)) feed(WatchFailed{broken});
}

void ModelDriver::bookmark() {
  if (watch_ && open_ && (snapshot_sent_ || !watch_->initial_events))
    feed(Bookmark{position_, false});
}

void ModelDriver::wait() {
  if (!timer_) return;
  now_ = std::max(now_, *timer_);
  timer_.reset();
  feed(Timer{});
}

bool ModelDriver::at_rest() const {
  return state().phase == Phase::kWatching && watch_ && open_ && !server_.next_event(position_);
}

}  // namespace runtime::test
