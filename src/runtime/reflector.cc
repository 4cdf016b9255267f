#include "runtime/reflector.h"

#include <algorithm>
#include <utility>

namespace runtime {
namespace {

using base::Reason;
using namespace std::chrono_literals;

// Bookmarks come about once a minute (apiserver: defaultBookmarkFrequency), though no interval is
// promised: their absence means something only on a stream that has shown them. 1.5 minutes let one
// be late, not two be missing.
constexpr auto kSilenceLimit = 90s;
constexpr std::uint64_t kBookmarksThatArm = 2;
// What a stream may outlive its timeoutSeconds: the time the end takes to arrive (as in kube-rs).
constexpr auto kTimeoutGrace = 5s;
// A stream that ends sooner and brought nothing is a failure, else it would be opened in a tight
// loop (client-go).
constexpr auto kVeryShort = 1s;
// So many watches from one resourceVersion may end in ERROR before its events are passed over by a
// list.
constexpr int kRepeatedErrors = 3;
// Room for effects that is kept between steps; a page of a list needs hundreds, once.
constexpr std::size_t kKeptEffects = 8;

bool version_is_unknown(Reason reason) {
  return reason == Reason::kGone || reason == Reason::kResourceVersionTooLarge;
}

Cause cause_of(Reason reason) {
  switch (reason) {
    case Reason::kGone:
      return Cause::kExpired;
    case Reason::kResourceVersionTooLarge:
      return Cause::kTooLargeVersion;
    case Reason::kNotFound:
      return Cause::kNotFound;
    default:
      return Cause::kError;
  }
}

// True where a LIST would meet the same obstacle as the stream of initial events did.
bool concerns_every_request(Reason reason) {
  switch (reason) {
    case Reason::kForbidden:
    case Reason::kUnauthorized:
    case Reason::kTooManyRequests:
    case Reason::kUnavailable:
    case Reason::kConnection:
    case Reason::kTls:
    case Reason::kTimeout:
    case Reason::kCancelled:
      return true;
    default:
      return version_is_unknown(reason);
  }
}

}  // namespace

Reflector::Reflector(ReflectorOptions options, base::RandomSource& random)
    : options_(options), random_(random), backoff_(options.backoff, random) {}

Effects Reflector::step(Input input, TimePoint now) {
  if (effects_.capacity() > kKeptEffects) effects_ = {};
  effects_.clear();
  if (state_.phase != Phase::kStopped) {
    std::visit([&](auto&& one) { on(std::forward<decltype(one)>(one), now); }, std::move(input));
  }
  return effects_;
}

// ---- The whole state

void Reflector::on(Start, TimePoint now) {
  if (state_.phase != Phase::kIdle && state_.phase != Phase::kAbsent) return;
  start_sync(SyncBy::kPreferred, now);
}

void Reflector::start_sync(SyncBy by, TimePoint now) {
  if (by == SyncBy::kPreferred && options_.watch_list && !watch_list_refused_ && !rewound_) {
    effects_.emplace_back(Init{});
    start_watch(Phase::kInitialEvents, now);
  } else {
    start_list();
  }
}

// R5: the first try is "not older than what we have", which the watch cache can serve; going
// straight for the current state would send every replica's relist to etcd at once.
std::optional<std::uint64_t> Reflector::sync_version() const {
  if (version_unavailable_ || state_.resource_version == 0) return std::nullopt;
  return newest_;
}

void Reflector::start_list() {
  state_.phase = Phase::kListing;
  first_page_ = true;
  const auto at_least = sync_version();
  // R8: a limit would make the server pass its watch cache by.
  const bool paged = !at_least && !unpaged_;
  effects_.emplace_back(
      List{.at_least = at_least, .limit = paged ? options_.page_limit : 0, .continue_token = {}});
}

void Reflector::on(ListPage&& page, TimePoint now) {
  if (state_.phase != Phase::kListing) return;
  not_found_since_.reset();
  if (first_page_ && !begin_list(page.resource_version)) return;
  for (auto& record : page.records) {
    newest_ = std::max(newest_, record->resource_version);
    effects_.emplace_back(InitApply{std::move(record)});
  }
  if (!page.continue_token.empty()) {
    effects_.emplace_back(List{.at_least = std::nullopt,
                               .limit = options_.page_limit,
                               .continue_token = std::move(page.continue_token)});
    return;
  }
  finish_sync(list_version_);
  start_watch(Phase::kOpeningWatch, now);
}

// False if the list is not accepted, and another one was asked for.
bool Reflector::begin_list(std::uint64_t resource_version) {
  const bool older = resource_version < newest_;
  if (older && sync_version()) {
    // F11: it was asked for "not older than" and is: this server lags, or it was restored. A
    // consistent list tells.
    version_unavailable_ = true;
    report(Recovery::kRelist, Cause::kRewound);
    start_list();
    return false;
  }
  // A consistent list is the present by definition. If that is before what we saw, the past was
  // restored (F9).
  if (older && !rewound_) report(Recovery::kRelist, Cause::kRewound);
  rewound_ |= older;
  effects_.emplace_back(Init{.rewound = rewound_});
  first_page_ = false;
  list_version_ = resource_version;
  return true;
}

void Reflector::end_initial_events(std::uint64_t resource_version, TimePoint now) {
  if (resource_version >= newest_) {
    finish_sync(resource_version);
    state_.phase = Phase::kWatching;
    return;
  }
  // The store could not tell old from new while the records came; the first page of a list says it
  // before they do.
  rewound_ = !sync_version();  // what was asked for was the present; else a consistent list decides
  version_unavailable_ = true;
  effects_.emplace_back(CloseStream{});
  report(Recovery::kRelist, Cause::kRewound);
  start_sync(SyncBy::kList, now);
}

void Reflector::finish_sync(std::uint64_t resource_version) {
  state_.resource_version = newest_ = resource_version;
  version_unavailable_ = false;
  rewound_ = false;
  unpaged_ = false;
  effects_.emplace_back(InitDone{resource_version});
  if (std::exchange(state_.synced, true)) return;
  effects_.emplace_back(Synced{});
}

void Reflector::on(ListFailed&& failed, TimePoint now) {
  if (state_.phase != Phase::kListing) return;
  auto& error = failed.error;
  if (error.reason == Reason::kGone && !first_page_) {
    // R8: the list took longer than the server keeps its snapshot.
    unpaged_ = true;
    report(Recovery::kRelist, Cause::kExpired, std::move(error));
    start_list();
  } else if (version_is_unknown(error.reason) && sync_version()) {
    version_unavailable_ = true;
    report(Recovery::kRelist, std::move(error));
    start_list();
  } else {
    back_off(Recovery::kRelist, std::move(error), now);
  }
}

void Reflector::initial_events_failed(base::Error error, TimePoint now) {
  if (version_is_unknown(error.reason) && sync_version()) {
    version_unavailable_ = true;
    report(Recovery::kRelist, std::move(error));
    start_sync(SyncBy::kPreferred, now);
  } else if (error.reason == Reason::kNotFound || concerns_every_request(error.reason)) {
    back_off(Recovery::kRelist, std::move(error), now);
  } else {
    watch_list_refused_ |= error.reason == Reason::kInvalid;
    report(Recovery::kRelist, Cause::kUnsupported, std::move(error));
    start_sync(SyncBy::kList, now);
  }
}

// ---- The stream

void Reflector::start_watch(Phase phase, TimePoint now) {
  const auto spread = std::chrono::duration<double>(options_.watch_timeout) * random_.uniform();
  state_.phase = phase;
  state_.opened_at = state_.last_byte = now;
  state_.timeout =
      options_.watch_timeout + std::chrono::duration_cast<std::chrono::seconds>(spread);
  state_.events = state_.bookmarks = 0;
  const bool initial_events = phase == Phase::kInitialEvents;
  effects_.emplace_back(Watch{
      .resource_version = initial_events ? sync_version() : state_.resource_version,
      .initial_events = initial_events,
      .timeout = state_.timeout,
  });
  effects_.emplace_back(SetTimer{stream_deadline()});
}

void Reflector::on(WatchOpened, TimePoint now) {
  if (!watch_is_out()) return;
  not_found_since_.reset();
  state_.opened_at = state_.last_byte = now;
  if (state_.phase == Phase::kOpeningWatch) state_.phase = Phase::kWatching;
}

void Reflector::on(Bytes, TimePoint now) {
  if (watch_is_out()) state_.last_byte = now;
}

void Reflector::on(Event&& event, TimePoint now) {
  const bool initial = state_.phase == Phase::kInitialEvents;
  if (!initial && state_.phase != Phase::kWatching) return;
  state_.last_byte = now;
  ++state_.events;
  repeated_errors_ = 0;
  newest_ = std::max(newest_, event.record->resource_version);
  // R3: initial events are in no order of their versions, so none of them is a place to resume
  // from.
  if (!initial) state_.resource_version = newest_;
  if (event.type == EventType::kDeleted) {
    effects_.emplace_back(Delete{std::move(event.record)});
  } else if (initial) {
    effects_.emplace_back(InitApply{std::move(event.record)});
  } else {
    effects_.emplace_back(Apply{std::move(event.record)});
  }
}

void Reflector::on(Bookmark bookmark, TimePoint now) {
  const bool initial = state_.phase == Phase::kInitialEvents;
  if (!initial && state_.phase != Phase::kWatching) return;
  state_.last_byte = now;
  ++state_.events;
  if (initial) {
    if (bookmark.initial_events_end) end_initial_events(bookmark.resource_version, now);
    return;
  }
  if (bookmark.resource_version < state_.resource_version) {
    effects_.emplace_back(CloseStream{});
    version_unavailable_ = true;
    back_off(Recovery::kRelist, Cause::kRewound, std::nullopt, now);
    return;
  }
  state_.resource_version = newest_ = bookmark.resource_version;
  if (++state_.bookmarks == kBookmarksThatArm) effects_.emplace_back(SetTimer{stream_deadline()});
}

void Reflector::on(WatchClosed, TimePoint now) {
  if (watch_is_out()) stream_ended(Cause::kClosed, std::nullopt, now);
}

void Reflector::on(WatchFailed&& failed, TimePoint now) {
  switch (state_.phase) {
    case Phase::kInitialEvents:
      return initial_events_failed(std::move(failed.error), now);
    case Phase::kOpeningWatch:
      return watch_refused(std::move(failed.error), now);
    case Phase::kWatching:
      return stream_ended(Cause::kError, std::move(failed.error), now);
    default:
      return;
  }
}

void Reflector::on(StreamError&& failed, TimePoint now) {
  if (!watch_is_out()) return;
  effects_.emplace_back(CloseStream{});
  if (state_.phase == Phase::kInitialEvents)
    return initial_events_failed(std::move(failed.error), now);
  if (version_is_unknown(failed.error.reason) || ++repeated_errors_ < kRepeatedErrors) {
    return watch_refused(std::move(failed.error), now);
  }
  // The server cannot send the next event and never will: only the current state leads past it.
  repeated_errors_ = 0;
  version_unavailable_ = true;
  back_off(Recovery::kRelist, Cause::kRepeatedError, std::move(failed.error), now);
}

void Reflector::watch_refused(base::Error error, TimePoint now) {
  switch (error.reason) {
    case Reason::kResourceVersionTooLarge:
    case Reason::kInvalid:  // of all that a watch carries, only its resourceVersion is not fixed
      version_unavailable_ = true;
      [[fallthrough]];
    case Reason::kGone:
    case Reason::kNotFound:
      return back_off(Recovery::kRelist, std::move(error), now);
    default:
      return back_off(Recovery::kRewatch, std::move(error), now);
  }
}

void Reflector::stream_ended(Cause cause, std::optional<base::Error> error, TimePoint now) {
  if (state_.phase == Phase::kInitialEvents) {
    back_off(Recovery::kRelist, cause, std::move(error), now);
  } else if (state_.events == 0 && now - state_.opened_at < kVeryShort) {
    back_off(Recovery::kRewatch, Cause::kVeryShortWatch, std::move(error), now);
  } else {
    report(Recovery::kRewatch, cause, std::move(error));
    start_watch(Phase::kOpeningWatch, now);
  }
}

// ---- Time

void Reflector::on(Timer, TimePoint now) {
  if (state_.phase == Phase::kBackingOff) return wait_ended(now);
  if (!watch_is_out()) return;
  if (now < stream_deadline()) {
    // Deadlines move with every byte; the timer follows only here.
    effects_.emplace_back(SetTimer{stream_deadline()});
  } else {
    stream_is_dead(now);
  }
}

base::Clock::time_point Reflector::stream_deadline() const {
  const auto overdue = state_.opened_at + state_.timeout + kTimeoutGrace;
  const bool silence_is_known =
      state_.phase != Phase::kWatching || state_.bookmarks >= kBookmarksThatArm;
  return silence_is_known ? std::min(overdue, state_.last_byte + kSilenceLimit) : overdue;
}

void Reflector::stream_is_dead(TimePoint now) {
  const bool overdue = now >= state_.opened_at + state_.timeout + kTimeoutGrace;
  const Cause cause = overdue ? Cause::kOverdue : Cause::kStalled;
  effects_.emplace_back(CloseStream{});
  switch (state_.phase) {
    case Phase::kInitialEvents:
      // A server that knows nothing of the feature ignores it and never sends the end.
      report(Recovery::kRelist, cause);
      return start_sync(SyncBy::kList, now);
    case Phase::kOpeningWatch:
      return back_off(Recovery::kRewatch, cause, std::nullopt, now);
    default:
      report(Recovery::kRewatch, cause);
      return start_watch(Phase::kOpeningWatch, now);
  }
}

void Reflector::back_off(Recovery next, base::Error error, TimePoint now) {
  if (error.reason == Reason::kNotFound) return not_found(std::move(error), now);
  const Cause cause = cause_of(error.reason);
  back_off(next, cause, std::move(error), now);
}

void Reflector::back_off(Recovery next, Cause cause, std::optional<base::Error> error,
                         TimePoint now) {
  base::Clock::duration delay = backoff_.next(now);
  if (error && error->retry_after)
    delay = std::max<base::Clock::duration>(delay, *error->retry_after);
  report(next, cause, std::move(error));
  wait(next, delay, now);
}

void Reflector::not_found(base::Error error, TimePoint now) {
  if (!not_found_since_) not_found_since_ = now;
  if (now - *not_found_since_ < options_.not_found_grace) {
    report(Recovery::kRelist, Cause::kNotFound, std::move(error));
    return wait(Recovery::kRelist, options_.not_found_interval, now);
  }
  not_found_since_.reset();
  // If the kind comes back, nothing ties its present to what it was.
  version_unavailable_ = true;
  state_.phase = Phase::kAbsent;
  effects_.emplace_back(Absent{});
}

void Reflector::wait(Recovery next, base::Clock::duration delay, TimePoint now) {
  state_.phase = Phase::kBackingOff;
  after_wait_ = next;
  wait_until_ = now + delay;
  effects_.emplace_back(SetTimer{wait_until_});
}

void Reflector::wait_ended(TimePoint now) {
  if (now < wait_until_) {
    effects_.emplace_back(SetTimer{wait_until_});
  } else if (after_wait_ == Recovery::kRelist) {
    start_sync(SyncBy::kPreferred, now);
  } else {
    start_watch(Phase::kOpeningWatch, now);
  }
}

void Reflector::on(Stop, TimePoint) {
  if (watch_is_out() || state_.phase == Phase::kListing) effects_.emplace_back(CloseStream{});
  state_.phase = Phase::kStopped;
}

bool Reflector::watch_is_out() const {
  return state_.phase == Phase::kInitialEvents || state_.phase == Phase::kOpeningWatch ||
         state_.phase == Phase::kWatching;
}

void Reflector::report(Recovery recovery, base::Error error) {
  const Cause cause = cause_of(error.reason);
  report(recovery, cause, std::move(error));
}

void Reflector::report(Recovery recovery, Cause cause, std::optional<base::Error> error) {
  effects_.emplace_back(Report{.recovery = recovery, .cause = cause, .error = std::move(error)});
}

// ---- Names, as the metrics' labels have them

std::string_view to_string(Recovery recovery) {
  switch (recovery) {
    case Recovery::kRewatch:
      return "rewatch";
    case Recovery::kRelist:
      return "relist";
  }
  return "unknown";
}

std::string_view to_string(Cause cause) {
  switch (cause) {
    case Cause::kClosed:
      return "closed";
    case Cause::kVeryShortWatch:
      return "very_short_watch";
    case Cause::kStalled:
      return "stalled";
    case Cause::kOverdue:
      return "overdue";
    case Cause::kExpired:
      return "expired";
    case Cause::kTooLargeVersion:
      return "too_large_version";
    case Cause::kRewound:
      return "rewound";
    case Cause::kRepeatedError:
      return "repeated_error";
    case Cause::kUnsupported:
      return "unsupported";
    case Cause::kNotFound:
      return "not_found";
    case Cause::kError:
      return "error";
  }
  return "unknown";
}

std::string_view to_string(Phase phase) {
  switch (phase) {
    case Phase::kIdle:
      return "idle";
    case Phase::kInitialEvents:
      return "initial_events";
    case Phase::kListing:
      return "listing";
    case Phase::kOpeningWatch:
      return "opening_watch";
    case Phase::kWatching:
      return "watching";
    case Phase::kBackingOff:
      return "backing_off";
    case Phase::kAbsent:
      return "absent";
    case Phase::kStopped:
      return "stopped";
  }
  return "unknown";
}

}  // namespace runtime
