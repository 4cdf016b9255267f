#include "runtime/event_series.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace runtime {
namespace {

using base::Reason;

// metadata.name is a DNS subdomain, at most 253 characters; 17 are the dot and 16 hex digits.
constexpr std::size_t kMaxNamePrefix = 253 - 17;

// Where another attempt of the same request may succeed. Anything else is wrong with the event
// itself or with our rights, and stays wrong.
bool is_transient(Reason reason) {
  switch (reason) {
    case Reason::kTooManyRequests:
    case Reason::kServerTimeout:
    case Reason::kUnavailable:
    case Reason::kInternal:
    case Reason::kConnection:
    case Reason::kTls:
    case Reason::kTimeout:
    case Reason::kUnauthorized:
      return true;
    default:
      return false;
  }
}

std::size_t combine(std::size_t seed, std::string_view text) {
  return seed ^
         (std::hash<std::string_view>{}(text) + 0x9e3779b97f4a7c15 + (seed << 6) + (seed >> 2));
}

std::size_t combine(std::size_t seed, const EventSubject& subject) {
  for (const auto* part : {&subject.api_version, &subject.kind, &subject.ns, &subject.name,
                           &subject.uid, &subject.field_path}) {
    seed = combine(seed, *part);
  }
  return seed;
}

}  // namespace

std::size_t EventSeries::KeyHash::operator()(const EventKey* key) const {
  std::size_t seed = combine(0, key->type);
  for (const auto* part :
       {&key->action, &key->reason, &key->reporting_controller, &key->reporting_instance}) {
    seed = combine(seed, *part);
  }
  seed = combine(seed, key->regarding);
  return key->related ? combine(seed, *key->related) : seed;
}

std::optional<EventSend> EventSeries::observe(const EventKey& key, std::string note, Moment now) {
  std::string ns = key.regarding.ns.empty() ? "default" : key.regarding.ns;
  if (terminating_.contains(ns)) return std::nullopt;
  const auto found = by_key_.find(&key);
  if (found == by_key_.end())
    return make_send(remember(key, std::move(ns), std::move(note), now), now);

  Entry& entry = *found->second;
  entries_.splice(entries_.end(), entries_, found->second);
  ++entry.count;
  entry.last_observed = now.wall;
  entry.last_seen = now.at;
  if (entry.in_flight || entry.only_counting) return std::nullopt;
  return make_send(entry, now);
}

EventSeries::Entry& EventSeries::remember(const EventKey& key, std::string ns, std::string note,
                                          Moment now) {
  if (entries_.size() >= options_.capacity) erase(entries_.begin());
  Entry& entry = entries_.emplace_back(Entry{
      .key = key,
      .ns = std::move(ns),
      .name = unique_name(key.regarding, now.wall),
      .note = std::move(note),
      .event_time = now.wall,
      .last_observed = now.wall,
      .last_seen = now.at,
      .last_sent = now.at,
  });
  by_key_.emplace(&entry.key, std::prev(entries_.end()));
  return entry;
}

std::vector<EventSend> EventSeries::tick(Moment now) {
  std::erase_if(terminating_,
                [&](const auto& refused) { return now.at - refused.second >= options_.finish; });
  std::vector<EventSend> sends;
  for (auto next = entries_.begin(); next != entries_.end();) {
    const auto entry = next++;
    if (entry->in_flight) continue;
    const bool finished = now.at - entry->last_seen >= options_.finish;
    const bool stale = now.at - entry->last_sent >= options_.refresh;
    if ((finished || stale) && entry->count > entry->told_count)
      sends.push_back(make_send(*entry, now));
    if (finished) erase(entry);
  }
  return sends;
}

std::optional<EventSend> EventSeries::succeeded(const EventSend& send, Moment now) {
  Entry* entry = find(send);
  if (!entry) return std::nullopt;
  entry->in_flight = false;
  if (entry->only_counting || entry->count == entry->told_count) return std::nullopt;
  return make_send(*entry, now);
}

std::optional<EventSend> EventSeries::failed(EventSend send, const base::Error& error, Moment now) {
  if (error.reason == Reason::kNamespaceTerminating) {
    terminating_.emplace(send.ns, now.at);
    if (find(send)) erase(by_key_.find(&send.key)->second);
    return std::nullopt;
  }
  if (send.verb == EventSend::Verb::kPatchSeries && error.reason == Reason::kNotFound) {
    // The server forgets events after an hour; the series goes on in a new one.
    return again(std::move(send), EventSend::Verb::kCreate, now.at);
  }
  if (send.verb == EventSend::Verb::kCreate && error.reason == Reason::kAlreadyExists) {
    // An earlier attempt arrived though its answer did not.
    if (!send.series) return succeeded(send, now);
    return again(std::move(send), EventSend::Verb::kPatchSeries, retry_time(now.at));
  }
  if (is_transient(error.reason)) {
    const auto verb = send.verb;
    return again(std::move(send), verb, retry_time(now.at));
  }
  give_up(send);
  return std::nullopt;
}

void EventSeries::dropped(const EventSend& send) {
  give_up(send);
}

std::optional<EventSend> EventSeries::again(EventSend send, EventSend::Verb verb,
                                            base::Clock::time_point not_before) {
  if (send.attempt >= options_.max_attempts) {
    give_up(send);
    return std::nullopt;
  }
  ++send.attempt;
  send.verb = verb;
  send.not_before = not_before;
  return send;
}

base::Clock::time_point EventSeries::retry_time(base::Clock::time_point now) {
  const double factor = 0.75 + 0.5 * random_.uniform();
  return now + std::chrono::duration_cast<base::Clock::duration>(
                   std::chrono::duration<double>(options_.retry_interval) * factor);
}

// Counting goes on, and tick() tries again: nothing is lost for good, and a refusal makes no flood.
void EventSeries::give_up(const EventSend& send) {
  Entry* entry = find(send);
  if (!entry) return;
  entry->in_flight = false;
  entry->only_counting = true;
  entry->told_count = send.verb == EventSend::Verb::kCreate ? 0 : 1;
}

EventSend EventSeries::make_send(Entry& entry, Moment now) {
  const auto verb =
      entry.told_count == 0 ? EventSend::Verb::kCreate : EventSend::Verb::kPatchSeries;
  entry.in_flight = true;
  entry.only_counting = entry.count > 1;
  entry.told_count = entry.count;
  entry.last_sent = now.at;
  EventSend send{
      .verb = verb,
      .ns = entry.ns,
      .name = entry.name,
      .key = entry.key,
      .note = entry.note,
      .event_time = entry.event_time,
      .not_before = now.at,
  };
  if (entry.count > 1)
    send.series = EventTally{.count = entry.count, .last_observed = entry.last_observed};
  return send;
}

EventSeries::Entry* EventSeries::find(const EventSend& send) {
  const auto found = by_key_.find(&send.key);
  if (found == by_key_.end() || found->second->name != send.name) return nullptr;
  return &*found->second;
}

void EventSeries::erase(Entries::iterator entry) {
  by_key_.erase(&entry->key);
  entries_.erase(entry);
}

std::string EventSeries::unique_name(const EventSubject& regarding,
                                     base::WallClock::time_point now) {
  using std::chrono::nanoseconds;
  const auto stamp = std::chrono::duration_cast<nanoseconds>(now.time_since_epoch()).count();
  // Two events of the same instant, or of a clock that was set back, still get two names.
  last_name_stamp_ = std::max<std::int64_t>(stamp, last_name_stamp_ + 1);
  std::string prefix = regarding.name.substr(0, kMaxNamePrefix);
  while (prefix.ends_with('.') || prefix.ends_with('-')) prefix.pop_back();
  return fmt::format("{}.{:x}", prefix, last_name_stamp_);
}

}  // namespace runtime
