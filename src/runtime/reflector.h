#pragma once
// Keeps a store equal to what the API server has of one kind. Pure: `step` never blocks, sleeps or
// does I/O; a driver performs the effects and feeds the results back. States, edges and the reason
// of each: docs/reflector.md.
//
// Not here: which objects are wanted (the driver adds selectors to every request), parsing, and the
// per-key order of versions, which is the store's (an Apply may carry an older version than the
// store got from a write's response).

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "object/key.h"
#include "object/record.h"
#include "runtime/backoff.h"

namespace runtime {

struct ReflectorOptions {
  // Ask for the initial state as a stream (KEP-3157) instead of by LIST. A server that refuses it
  // is asked once.
  bool watch_list = true;
  // Objects a page of a consistent LIST.
  std::size_t page_limit = 500;
  // A watch is asked to last a time uniform in [watch_timeout, 2 * watch_timeout), so that the
  // streams of many reflectors do not end together.
  std::chrono::seconds watch_timeout = std::chrono::minutes(5);
  // Discovery lists a new kind before the API server serves it (seen: 0.44 s), and a restarted
  // server serves custom kinds late: a 404 is asked again every `not_found_interval`, and means
  // Absent only after `not_found_grace`.
  std::chrono::milliseconds not_found_interval{250};
  std::chrono::milliseconds not_found_grace{10'000};
  BackoffOptions backoff{};
};

// ---- Inputs: what the driver tells.

struct Start {};
// One page of a List; `continue_token` is empty on the last one. `resource_version` is that of the
// list.
struct ListPage {
  std::vector<object::RecordPtr> records;
  std::uint64_t resource_version = 0;
  std::string continue_token;
};
struct ListFailed {
  base::Error error;
};
// The watch was answered with 200.
struct WatchOpened {};
enum class EventType { kAdded, kModified, kDeleted };
struct Event {
  EventType type;
  object::RecordPtr record;
};
struct Bookmark {
  std::uint64_t resource_version = 0;
  bool initial_events_end = false;  // its object has the annotation k8s.io/initial-events-end
};
// Something arrived on the stream that is not a whole event yet.
struct Bytes {};
// The stream ended in order.
struct WatchClosed {};
// The watch was refused or could not be sent, or its connection broke.
struct WatchFailed {
  base::Error error;
};
// An ERROR event in the stream.
struct StreamError {
  base::Error error;
};
// The time of the last SetTimer has come.
struct Timer {};
// For good; every later input is ignored.
struct Stop {};

using Input = std::variant<Start, ListPage, ListFailed, WatchOpened, Event, Bookmark, Bytes,
                           WatchClosed, WatchFailed, StreamError, Timer, Stop>;

// ---- Effects: what the driver does, in their order. At most one request (List or Watch) is
// outstanding.

// GET a list. With `at_least`: resourceVersion=<it>&resourceVersionMatch=NotOlderThan; without: a
// consistent read.
struct List {
  std::optional<std::uint64_t> at_least;
  std::size_t limit = 0;       // 0: no limit parameter
  std::string continue_token;  // empty: the first page

  friend bool operator==(const List&, const List&) = default;
};
// GET a watch with allowWatchBookmarks=true&timeoutSeconds=<timeout>. With `initial_events` also
// sendInitialEvents=true&resourceVersionMatch=NotOlderThan. Without `resource_version` that
// parameter is empty.
struct Watch {
  std::optional<std::uint64_t> resource_version;
  bool initial_events = false;
  std::chrono::seconds timeout{0};

  friend bool operator==(const Watch&, const Watch&) = default;
};
// Drop the outstanding request or stream; nothing of it may be fed to `step` any more.
struct CloseStream {
  friend bool operator==(const CloseStream&, const CloseStream&) = default;
};
// Feed Timer at this time. Replaces the timer that was set before.
struct SetTimer {
  base::Clock::time_point at;

  friend bool operator==(const SetTimer&, const SetTimer&) = default;
};

// What the store does; names as in kube-rs. Between Init and InitDone the store goes on serving
// what it has.

// The whole state follows; forget a state that was begun and not done. With `rewound` the server
// was restored from a backup: every record that follows replaces the stored one, though its
// resourceVersion is lower.
struct Init {
  bool rewound = false;

  friend bool operator==(const Init&, const Init&) = default;
};
// One object of the state that Init began; the store takes it at once.
struct InitApply {
  object::RecordPtr record;

  friend bool operator==(const InitApply&, const InitApply&) = default;
};
// The state was whole, as of `resource_version`: what was not in it is gone (the deletes that were
// missed).
struct InitDone {
  std::uint64_t resource_version = 0;

  friend bool operator==(const InitDone&, const InitDone&) = default;
};
struct Apply {
  object::RecordPtr record;

  friend bool operator==(const Apply&, const Apply&) = default;
};
// The last state of an object that is gone, with the resourceVersion of its deletion. Between Init
// and InitDone it also takes the object out of what was seen of the new state.
struct Delete {
  object::RecordPtr record;

  friend bool operator==(const Delete&, const Delete&) = default;
};

// The store has held the whole state for the first time. Once in the life of a reflector.
struct Synced {
  friend bool operator==(const Synced&, const Synced&) = default;
};
// The server does not have the kind (any more). The reflector rests until the next Start.
struct Absent {
  friend bool operator==(const Absent&, const Absent&) = default;
};

// What a request or stream that ended is followed by.
enum class Recovery {
  kRewatch,  // a watch from the last resourceVersion
  kRelist,   // the whole state again
};
enum class Cause {
  kClosed,           // the stream ended in order
  kVeryShortWatch,   // it ended within a second and brought nothing
  kStalled,          // nothing arrived though it should have
  kOverdue,          // the stream outlived its timeoutSeconds
  kExpired,          // 410: the resourceVersion or continue token is too old
  kTooLargeVersion,  // the server does not know the resourceVersion yet
  kRewound,          // the server's resourceVersion went back
  kRepeatedError,    // watches from this resourceVersion end in ERROR again and again
  kUnsupported,      // the server does not stream initial events
  kNotFound,         // 404
  kError,            // anything else; see the error
};
std::string_view to_string(Recovery recovery);
std::string_view to_string(Cause cause);

// For metrics and the log: why a request or stream ended and what is done about it.
struct Report {
  Recovery recovery;
  Cause cause;
  std::optional<base::Error> error;
};

using Effect = std::variant<List, Watch, CloseStream, SetTimer, Init, InitApply, InitDone, Apply,
                            Delete, Synced, Absent, Report>;
// Valid until the next step. The driver may move out of the elements.
using Effects = std::span<Effect>;

enum class Phase {
  kIdle,           // before Start
  kInitialEvents,  // a watch that first sends the whole state: asked for, or sending it
  kListing,
  kOpeningWatch,
  kWatching,
  kBackingOff,
  kAbsent,
  kStopped,
};
std::string_view to_string(Phase phase);

// For probes, metrics and the debug dump.
struct State {
  Phase phase = Phase::kIdle;
  // The store holds all that happened up to here; 0 before the first sync.
  std::uint64_t resource_version = 0;
  bool synced = false;
  // Of the stream; meaningful in kInitialEvents, kOpeningWatch and kWatching.
  base::Clock::time_point opened_at;
  base::Clock::time_point last_byte;
  std::chrono::seconds timeout{0};
  std::uint64_t events = 0;     // events and bookmarks
  std::uint64_t bookmarks = 0;  // without the one that ends the initial events
};

// Not thread-safe.
class Reflector {
 public:
  // `random` must outlive the reflector.
  Reflector(ReflectorOptions options, base::RandomSource& random);

  // Takes one input. An input that does not fit the phase (a late answer) is ignored.
  [[nodiscard]] Effects step(Input input, base::Clock::time_point now);
  [[nodiscard]] const State& state() const { return state_; }

 private:
  using TimePoint = base::Clock::time_point;

  void on(Start, TimePoint now);
  void on(ListPage&& page, TimePoint now);
  void on(ListFailed&& failed, TimePoint now);
  void on(WatchOpened, TimePoint now);
  void on(Event&& event, TimePoint now);
  void on(Bookmark bookmark, TimePoint now);
  void on(Bytes, TimePoint now);
  void on(WatchClosed, TimePoint now);
  void on(WatchFailed&& failed, TimePoint now);
  void on(StreamError&& failed, TimePoint now);
  void on(Timer, TimePoint now);
  void on(Stop, TimePoint now);

  // How the whole state is asked for.
  enum class SyncBy { kPreferred, kList };
  void start_sync(SyncBy by, TimePoint now);
  void start_list();
  [[nodiscard]] bool begin_list(std::uint64_t resource_version);
  void end_initial_events(std::uint64_t resource_version, TimePoint now);
  void finish_sync(std::uint64_t resource_version);
  void initial_events_failed(base::Error error, TimePoint now);
  [[nodiscard]] std::optional<std::uint64_t> sync_version() const;

  void start_watch(Phase phase, TimePoint now);
  void watch_refused(base::Error error, TimePoint now);
  void stream_ended(Cause cause, std::optional<base::Error> error, TimePoint now);
  void stream_is_dead(TimePoint now);
  [[nodiscard]] bool watch_is_out() const;
  [[nodiscard]] TimePoint stream_deadline() const;

  void back_off(Recovery next, base::Error error, TimePoint now);
  void back_off(Recovery next, Cause cause, std::optional<base::Error> error, TimePoint now);
  void not_found(base::Error error, TimePoint now);
  void wait(Recovery next, base::Clock::duration delay, TimePoint now);
  void wait_ended(TimePoint now);
  void report(Recovery recovery, base::Error error);
  void report(Recovery recovery, Cause cause, std::optional<base::Error> error = std::nullopt);

  ReflectorOptions options_;
  base::RandomSource& random_;
  Backoff backoff_;
  State state_;
  std::vector<Effect> effects_;  // of the last step; kept for its capacity

  Recovery after_wait_ = Recovery::kRelist;
  TimePoint wait_until_;
  // The server refused to stream initial events; remembered for life.
  bool watch_list_refused_ = false;
  // R5, second step: the server no longer or not yet knows our last resourceVersion, so ask for the
  // current state.
  bool version_unavailable_ = false;
  // Of all versions that the store was given, also in a state that was not finished.
  std::uint64_t newest_ = 0;
  // The server's past was restored: until a list has replaced all, no version tells old from new.
  bool rewound_ = false;
  bool first_page_ = true;          // of the list that is under way
  std::uint64_t list_version_ = 0;  // of the list that is under way
  bool unpaged_ = false;            // a continue token expired: take the whole list in one answer
  int repeated_errors_ = 0;
  std::optional<TimePoint> not_found_since_;
};

}  // namespace runtime
