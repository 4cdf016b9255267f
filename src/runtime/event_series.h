#pragma once
// Turns repeated events into series (events.k8s.io/v1, as client-go's tools/events does): the first
// one is created, the second makes it a series, later ones are only counted and told from time to
// time. Pure: a driver sends what is returned and feeds the outcome back. Bounded: the least
// recently seen event is forgotten first.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"

namespace runtime {

// An object that an event is about.
struct EventSubject {
  std::string api_version;
  std::string kind;
  std::string ns;  // empty for a cluster-scoped object
  std::string name;
  std::string uid;
  // A field of it that the event is about, "data.zone"; empty for the whole object. Events about
  // two fields are two events, each with its note.
  std::string field_path{};

  friend bool operator==(const EventSubject&, const EventSubject&) = default;
};

// What makes two events the same. The note is not part of it: a changing number in a text must not
// make a flood.
struct EventKey {
  std::string type;  // "Normal" or "Warning"
  std::string action;
  std::string reason;
  std::string reporting_controller;
  std::string reporting_instance;
  EventSubject regarding;
  std::optional<EventSubject> related;

  friend bool operator==(const EventKey&, const EventKey&) = default;
};

// The same moment on both clocks: ages are monotonic, what is written into an event is wall time.
struct Moment {
  base::Clock::time_point at;
  base::WallClock::time_point wall;
};

struct EventTally {
  std::uint32_t count = 0;  // at least 2
  base::WallClock::time_point last_observed;

  friend bool operator==(const EventTally&, const EventTally&) = default;
};

// A request to make. `attempt` counts from 1; it must not be made before `not_before`.
struct EventSend {
  enum class Verb {
    kCreate,       // POST the whole event
    kPatchSeries,  // merge patch of `series` (count, lastObservedTime)
  };
  Verb verb = Verb::kCreate;
  // metadata.namespace: that of the regarded object, "default" for a cluster-scoped one.
  // metadata.name:
  // "<regarded name>.<hex of the time>".
  std::string ns;
  std::string name;
  EventKey key;
  std::string note;
  base::WallClock::time_point event_time;
  std::optional<EventTally> series{};
  int attempt = 1;
  base::Clock::time_point not_before;
};

struct EventSeriesOptions {
  // Events remembered at most; client-go's LRU size.
  std::size_t capacity = 4096;
  // An active series is told the server so often.
  base::Clock::duration refresh = std::chrono::minutes(30);
  // An event not seen for so long ends; the next one is a new event.
  base::Clock::duration finish = std::chrono::minutes(6);
  // Tries of one request, and the time between them, +-25 %.
  int max_attempts = 12;
  base::Clock::duration retry_interval = std::chrono::seconds(10);
};

// Not thread-safe.
class EventSeries {
 public:
  // `random` must outlive this object.
  EventSeries(EventSeriesOptions options, base::RandomSource& random)
      : options_(options), random_(random) {}

  // An event happened. What is to be sent, if anything: while a request of the same event is under
  // way, and once it is a series, it is only counted.
  [[nodiscard]] std::optional<EventSend> observe(const EventKey& key, std::string note, Moment now);
  // To be called about once a minute: refreshes and final counts that are due.
  [[nodiscard]] std::vector<EventSend> tick(Moment now);
  // `send` was answered with success. Returns the patch for what was counted meanwhile, if that
  // made it a series.
  [[nodiscard]] std::optional<EventSend> succeeded(const EventSend& send, Moment now);
  // `send` failed. Returns what to send instead or again; nothing if the event is given up.
  [[nodiscard]] std::optional<EventSend> failed(EventSend send, const base::Error& error,
                                                Moment now);
  // The driver's queue was full and `send` was thrown away; its count is told later, by tick().
  void dropped(const EventSend& send);

  // Events remembered.
  [[nodiscard]] std::size_t size() const { return by_key_.size(); }

 private:
  struct Entry {
    EventKey key;
    std::string ns;
    std::string name;
    std::string note;
    base::WallClock::time_point event_time;
    std::uint32_t count = 1;
    std::uint32_t told_count = 0;  // what the server was told last; 0 if it does not have the event
    base::WallClock::time_point last_observed;
    base::Clock::time_point last_seen;
    base::Clock::time_point last_sent;
    bool in_flight = false;
    bool only_counting = false;  // from now on only tick() tells the server
  };
  // Least recently seen first.
  using Entries = std::list<Entry>;
  struct KeyHash {
    std::size_t operator()(const EventKey* key) const;
  };
  struct KeyEqual {
    bool operator()(const EventKey* a, const EventKey* b) const { return *a == *b; }
  };

  Entry& remember(const EventKey& key, std::string ns, std::string note, Moment now);
  EventSend make_send(Entry& entry, Moment now);
  std::optional<EventSend> again(EventSend send, EventSend::Verb verb,
                                 base::Clock::time_point not_before);
  base::Clock::time_point retry_time(base::Clock::time_point now);
  void give_up(const EventSend& send);
  // The entry that `send` was made of; null if it was forgotten since.
  Entry* find(const EventSend& send);
  void erase(Entries::iterator entry);
  std::string unique_name(const EventSubject& regarding, base::WallClock::time_point now);

  EventSeriesOptions options_;
  base::RandomSource& random_;
  Entries entries_;
  std::unordered_map<const EventKey*, Entries::iterator, KeyHash, KeyEqual> by_key_;
  // Namespaces that refused an event because they are being deleted, and since when.
  std::unordered_map<std::string, base::Clock::time_point> terminating_;
  std::int64_t last_name_stamp_ = 0;
};

}  // namespace runtime
