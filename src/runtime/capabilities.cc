#include "runtime/capabilities.h"

#include <algorithm>
#include <future>
#include <string>
#include <utility>

#include "kube/status.h"

namespace runtime {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr object::Kind kDefinition{.group = "apiextensions.k8s.io",
                                   .version = "v1",
                                   .kind = "CustomResourceDefinition",
                                   .plural = "customresourcedefinitions",
                                   .scope = object::Scope::kCluster};

// Installing a project changes its definitions many times within moments (Established, names,
// storage).
constexpr milliseconds kDebounce{50};
// Discovery knows a new definition after 0.14 s (design 3.4); longer than this, it is not served on
// purpose.
constexpr milliseconds kUnlistedInterval{250};
constexpr seconds kUnlistedGrace{10};
// Without the watch on definitions (no right to it), for what stays unlisted though it is defined,
// and while an aggregated API is away.
constexpr seconds kPoll{30};

object::Projection definition_projection() {
  return {.filter = json::Filter::keep({"/metadata/name", "/metadata/uid",
                                        "/metadata/resourceVersion", "/metadata/generation"}),
          .labels = {},
          .field_manager = {},
          .body = nullptr};
}

}  // namespace

std::string_view to_string(Availability availability) {
  switch (availability) {
    case Availability::kUnknown:
      return "unknown";
    case Availability::kAbsent:
      return "absent";
    case Availability::kSyncing:
      return "syncing";
    case Availability::kReady:
      return "ready";
    case Availability::kLost:
      return "lost";
  }
  return "unknown";
}

struct Capabilities::Entry {
  explicit Entry(WatchedKind& of) : kind(of) {}

  WatchedKind& kind;
  std::unique_ptr<ReflectorDriver> driver;
  // Written on the io thread, under the lock; read anywhere under it.
  Availability availability = Availability::kUnknown;
  bool excused = false;  // nobody waits for it: it cannot be read, for how long nobody knows
  // Io thread only.
  bool running = false;
  bool definition_removed = false;
  std::optional<base::Clock::time_point> unlisted_since;
};

// Two requests, one after the other. Tells its owner when an answer is whole, but never within the
// call that brought it: the owner destroys this object then.
class Capabilities::Discovery final : public net::StreamHandler {
 public:
  Discovery(Capabilities& owner, std::uint64_t number) : owner_(owner), number_(number) {
    ask(kube::discover_groups());
  }

  void on_open(const net::Response&) override {}
  void on_data(std::string_view chunk) override { body_.append(chunk); }
  void on_end(base::Result<net::Response> end) override {
    if (end) owner_.client_.answered(end->status, asked_at_);
    read_ = !end         ? base::Result<void>(std::unexpected(std::move(end.error())))
            : !end->ok() ? base::Result<void>(std::unexpected(kube::read_status(*end)))
                         : served_.read(body_);
    owner_.post([&owner = owner_, number = number_] { owner.discovery_answered(number); });
  }

  [[nodiscard]] std::uint64_t number() const { return number_; }
  // What the last answer came to, and whether it was the last one.
  [[nodiscard]] const base::Result<void>& read() const { return read_; }
  [[nodiscard]] bool whole() const { return asked_ == 2; }
  [[nodiscard]] const kube::ServedKinds& served() const { return served_; }
  void ask(const net::Request& request) {
    ++asked_;
    asked_at_ = base::Clock::now();
    body_.clear();
    stream_ = owner_.client_.open(request, {}, *this);
  }

 private:
  Capabilities& owner_;
  std::uint64_t number_;
  int asked_ = 0;
  base::Clock::time_point asked_at_;
  std::string body_;
  base::Result<void> read_;
  kube::ServedKinds served_;
  std::unique_ptr<net::Stream> stream_;
};

Capabilities::Capabilities(net::Loop& loop, kube::Client& client, Catalog& catalog,
                           telemetry::metrics::Registry& metrics, const telemetry::log::Logger& log,
                           Changed changed)
    : loop_(loop),
      client_(client),
      catalog_(catalog),
      log_(log.named("capabilities")),
      available_(metrics.gauges("runtime_kind_available",
                                "1 where the API server serves the kind and its store is whole.",
                                {"kind"})),
      changed_(std::move(changed)),
      metrics_(metrics),
      backoff_({}, random_) {
  for (const auto& kind : catalog_.kinds()) {
    auto& entry = *entries_.emplace_back(new Entry(*kind));
    available_.with({kind->kind.resource()}).set(0);
    entry.driver = std::make_unique<ReflectorDriver>(
        loop_, client_, *kind, catalog_.pool(), metrics_, log,
        ReflectorDriver::Hooks{
            .synced = [this, &entry] { set(entry, Availability::kReady); },
            // Not within the call: gone() ends the reflector that makes it.
            .absent = [this, &entry] { post([this, &entry] { not_served(entry); }); },
            .failed = [this, &entry](const base::Error& error) { failed(entry, error); }});
  }
  definitions_ = std::make_unique<WatchedKind>(
      kDefinition, definition_projection(),
      kube::Selection{
          .ns = {}, .label_selector = {}, .field_selector = {}, .view = kube::View::kMetadata},
      nullptr);
  definitions_->admit = [this](const object::Record& record) {
    return std::ranges::any_of(entries_, [&](const auto& entry) {
      return entry->kind.kind.resource() == record.key.name;
    });
  };
  definitions_->store.set_handler([this](const Change& change) { definition_changed(change); });
  definitions_driver_ = std::make_unique<ReflectorDriver>(
      loop_, client_, *definitions_, catalog_.pool(), metrics_, log,
      ReflectorDriver::Hooks{.synced = [this] { definitions_unread_ = false; },
                             .absent = [] {},
                             .failed =
                                 [this](const base::Error&) {
                                   definitions_unread_ = !definitions_driver_->synced();
                                   if (definitions_unread_) discover_in(kPoll);
                                 }});
}

Capabilities::~Capabilities() = default;

void Capabilities::start() {
  loop_.post([this] { start_on_loop(); });
}

void Capabilities::post(std::function<void()> fn) {
  loop_.post([alive = alive_, fn = std::move(fn)] {
    if (*alive) fn();
  });
}

void Capabilities::start_on_loop() {
  definitions_driver_->start();
  discover();
}

void Capabilities::stop() {
  std::promise<void> stopped;
  const bool posted = loop_.post([&] {
    stop_on_loop();
    stopped.set_value();
  });
  if (posted) stopped.get_future().wait();
}

void Capabilities::stop_on_loop() {
  *alive_ = false;
  timer_.cancel();
  discovery_.reset();
  definitions_driver_->stop();
  for (const auto& entry : entries_) {
    if (entry->running) entry->driver->stop();
    entry->running = false;
  }
}

// Discovery lags behind: of a definition that is replaced within moments it would show nothing, and
// of one that was removed that it is there still.
void Capabilities::definition_changed(const Change& change) {
  const std::string& resource = change.record().key.name;
  const bool another = change.before && (!change.after || change.after->uid != change.before->uid);
  for (const auto& entry : entries_) {
    if (entry->kind.kind.resource() != resource) continue;
    entry->definition_removed = !change.after;
    if (another) gone(*entry);
  }
  if (!change.initial || !served(resource)) discover_in(kDebounce);
}

void Capabilities::discover() {
  discover_at_.reset();
  discovery_ = std::make_unique<Discovery>(*this, ++discoveries_);
}

void Capabilities::discovery_answered(std::uint64_t number) {
  if (!discovery_ || discovery_->number() != number) return;
  if (!discovery_->read()) return discovery_failed(discovery_->read().error());
  if (!discovery_->whole()) return discovery_->ask(kube::discover_core());
  const auto ended = std::move(discovery_);
  discovered(ended->served());
}

void Capabilities::discover_in(base::Clock::duration delay) {
  const auto at = base::Clock::now() + delay;
  if (discover_at_ && *discover_at_ <= at) return;
  discover_at_ = at;
  timer_ = loop_.schedule(at, [this] { discover(); });
}

void Capabilities::discovery_failed(const base::Error& error) {
  log_.warn("discovery failed, trying again", error);
  discover_in(backoff_.next(base::Clock::now()));
}

void Capabilities::discovered(const kube::ServedKinds& served) {
  const auto now = base::Clock::now();
  bool again = false;
  for (const auto& entry : entries_) {
    if (served.is_stale(entry->kind.kind)) {
      excuse(*entry);
      continue;
    }
    const bool listed = served.contains(entry->kind.kind) && !entry->definition_removed;
    if (update(*entry, listed, now)) again = true;
  }
  start_ready_to_start();
  const bool poll = std::ranges::any_of(entries_, [&](const auto& entry) {
    return served.is_stale(entry->kind.kind) || comes_untold(*entry);
  });
  if (again) {
    discover_in(kUnlistedInterval);
  } else if (poll || definitions_unread_) {
    discover_in(kPoll);
  }
}

// Defined, and yet not served: nothing will tell when that ends.
bool Capabilities::comes_untold(const Entry& entry) const {
  return (entry.availability == Availability::kAbsent ||
          entry.availability == Availability::kLost) &&
         defined(entry.kind.kind);
}

bool Capabilities::defined(const object::Kind& kind) const {
  return definitions_->store.get({.ns = {}, .name = kind.resource()}) != nullptr;
}

bool Capabilities::served(std::string_view resource) const {
  return std::ranges::any_of(entries_, [&](const auto& entry) {
    return entry->kind.kind.resource() == resource && entry->running;
  });
}

bool Capabilities::update(Entry& entry, bool listed, base::Clock::time_point now) {
  if (listed) {
    entry.unlisted_since.reset();
    if (!entry.running) set(entry, Availability::kSyncing);
    return false;
  }
  if (!entry.unlisted_since) entry.unlisted_since = now;
  const bool passing = defined(entry.kind.kind) && now - *entry.unlisted_since < kUnlistedGrace;
  if (!passing) gone(entry);
  return passing;
}

// A kind is read once the one that it depends on is whole.
void Capabilities::start_ready_to_start() {
  for (const auto& entry : entries_) {
    if (entry->running || entry->availability != Availability::kSyncing) continue;
    const auto* after = entry->kind.after;
    if (after != nullptr && of(after->kind) != Availability::kReady) continue;
    entry->running = true;
    entry->driver->start();
  }
}

void Capabilities::gone(Entry& entry) {
  if (entry.running) entry.driver->stop();
  entry.running = false;
  const bool was_ready =
      entry.availability == Availability::kReady || entry.availability == Availability::kLost;
  set(entry, was_ready ? Availability::kLost : Availability::kAbsent);
  entry.kind.store.clear();
}

// Discovery lists the kind, but the API server answers 404 to its reflector.
void Capabilities::not_served(Entry& entry) {
  gone(entry);
  discover_in(kPoll);
}

void Capabilities::failed(Entry& entry, const base::Error& error) {
  if (error.reason == base::Reason::kForbidden) excuse(entry);
}

// Until it is read: an outage in between does not make it a kind that is waited for.
void Capabilities::excuse(Entry& entry) {
  {
    const base::MutexLock lock(mutex_);
    if (std::exchange(entry.excused, true)) return;
  }
  changed_(entry.kind, entry.availability);
}

void Capabilities::set(Entry& entry, Availability availability) {
  {
    const base::MutexLock lock(mutex_);
    if (entry.availability == availability) return;
    entry.availability = availability;
    entry.excused = false;
  }
  available_.with({entry.kind.kind.resource()}).set(availability == Availability::kReady ? 1 : 0);
  log_.info("availability of a kind changed",
            {{"kind", entry.kind.kind.resource()}, {"availability", to_string(availability)}});
  changed_(entry.kind, availability);
  if (availability == Availability::kReady) {
    post([this] { start_ready_to_start(); });
  }
}

Availability Capabilities::of(const object::Kind& kind) const {
  const base::MutexLock lock(mutex_);
  Availability worst = Availability::kAbsent;
  for (const auto& entry : entries_) {
    if (!(entry->kind.kind == kind)) continue;
    worst = entry->availability;
    if (worst != Availability::kReady) break;
  }
  return worst;
}

bool Capabilities::settled() const {
  const base::MutexLock lock(mutex_);
  return std::ranges::all_of(entries_, [](const auto& entry) {
    switch (entry->availability) {
      case Availability::kReady:
      case Availability::kAbsent:
      case Availability::kLost:
        return true;
      case Availability::kSyncing:
      case Availability::kUnknown:
        return entry->excused;
    }
    return false;
  });
}

std::vector<const WatchedKind*> Capabilities::silent(base::Clock::time_point now) const {
  std::vector<const WatchedKind*> silent;
  for (const auto& entry : entries_) {
    if (now > entry->driver->silent_after()) silent.push_back(&entry->kind);
  }
  return silent;
}

void Capabilities::admit_again(const WatchedKind& kind, std::string index_value) {
  post([this, &kind, value = std::move(index_value)] {
    for (const auto& entry : entries_) {
      if (&entry->kind == &kind && entry->running) entry->driver->admit_again(value);
    }
  });
}

}  // namespace runtime
