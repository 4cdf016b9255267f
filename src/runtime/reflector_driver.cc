#include "runtime/reflector_driver.h"

#include <utility>

#include "kube/request.h"
#include "kube/status.h"

namespace runtime {
namespace {

// One object of a list: twice etcd's default limit of a request (1.5 MiB), for what the API server
// adds to it.
constexpr std::size_t kMaxItem = 3 * 1024 * 1024;
constexpr std::chrono::milliseconds kListIdle{30'000};

}  // namespace

ReflectorMetrics::ReflectorMetrics(telemetry::metrics::Registry& registry)
    : lists(registry.counters("runtime_reflector_lists_total", "LIST requests sent.", {"kind"})),
      watches(
          registry.counters("runtime_reflector_watches_total", "WATCH requests sent.", {"kind"})),
      recoveries(registry.counters("runtime_reflector_recoveries_total",
                                   "Requests and streams that ended, by what followed and why.",
                                   {"kind", "recovery", "cause"})),
      events(registry.counters("runtime_reflector_events_total", "Events received.", {"kind"})) {}

ReflectorDriver::ReflectorDriver(net::Loop& loop, kube::Client& client, WatchedKind& kind,
                                 object::OwnedSetPool& pool, ReflectorMetrics& metrics,
                                 const telemetry::log::Logger& log, Hooks hooks)
    : loop_(loop),
      client_(client),
      kind_(kind),
      metrics_(metrics),
      event_count_(metrics.events.with({kind.kind.resource()})),
      log_(log.named("reflector").with("kind", kind.kind.resource())),
      hooks_(std::move(hooks)),
      reader_(kind.projection, pool) {}

ReflectorDriver::~ReflectorDriver() = default;

void ReflectorDriver::start() {
  reflector_.emplace(ReflectorOptions{}, random_);
  feed(Start{});
}

void ReflectorDriver::stop() {
  if (reflector_) feed(Stop{});
  reflector_.reset();
  stream_.reset();
  timer_.cancel();
  ++request_;
  synced_ = false;
  silent_after_ = base::Clock::time_point::max();
}

// Bookmarks come every minute, and the reflector gives up a stream that was silent for 90 s; a
// server that sends none ends the stream itself.
void ReflectorDriver::heard() {
  if (!stream_) return;
  const State& state = reflector_->state();
  silent_after_ = state.bookmarks >= 2 ? base::Clock::now() + std::chrono::minutes(3)
                                       : state.opened_at + state.timeout + std::chrono::minutes(1);
}

void ReflectorDriver::feed(Input input) {
  for (Effect& effect : reflector_->step(std::move(input), base::Clock::now())) {
    std::visit([this](auto& what) { perform(std::move(what)); }, effect);
  }
}

void ReflectorDriver::perform(List&& effect) {
  metrics_.lists.with({kind_.kind.resource()}).increment();
  page_.clear();
  list_.emplace([this](std::string_view item) { return on_item(item); }, kMaxItem);
  auto request = kube::list(kind_.kind, kind_.selection,
                            {.limit = effect.limit,
                             .continue_token = effect.continue_token,
                             .at_least = effect.at_least});
  open(request);
}

void ReflectorDriver::perform(Watch&& effect) {
  metrics_.watches.with({kind_.kind.resource()}).increment();
  list_.reset();
  open(kube::watch(kind_.kind, kind_.selection,
                   {.resource_version = effect.resource_version,
                    .initial_events = effect.initial_events,
                    .timeout = effect.timeout}));
}

void ReflectorDriver::open(const net::Request& request) {
  ++request_;
  lines_ = net::LineSplitter();
  requested_at_ = base::Clock::now();
  // A watch is given up by the reflector; a list that stands still would be waited for for ever.
  stream_ = client_.open(request,
                         {.idle_timeout = list_ ? kListIdle : std::chrono::milliseconds(0)}, *this);
}

void ReflectorDriver::perform(CloseStream&&) {
  ++request_;
  stream_.reset();
  silent_after_ = base::Clock::time_point::max();
}

void ReflectorDriver::perform(SetTimer&& effect) {
  timer_ = loop_.schedule(effect.at, [this] { feed(Timer{}); });
}

void ReflectorDriver::perform(Init&& effect) {
  refused_.clear();
  kind_.store.init(effect.rewound);
}
void ReflectorDriver::perform(InitApply&& effect) {
  if (admitted(*effect.record)) kind_.store.init_apply(std::move(effect.record));
}

void ReflectorDriver::perform(InitDone&& effect) {
  kind_.store.init_done(effect.resource_version);
}
void ReflectorDriver::perform(Apply&& effect) {
  if (admitted(*effect.record)) kind_.store.apply(std::move(effect.record));
}

void ReflectorDriver::perform(Delete&& effect) {
  kind_.store.remove(effect.record);
}

bool ReflectorDriver::admitted(const object::Record& record) {
  if (!kind_.admit || kind_.admit(record)) return true;
  refused_.insert(std::hash<std::string>{}(kind_.store.index_value(record)));
  return false;
}

void ReflectorDriver::admit_again(const std::string& index_value) {
  if (!reflector_ || !refused_.contains(std::hash<std::string>{}(index_value))) return;
  refused_.clear();
  stop();
  start();
}

void ReflectorDriver::perform(Synced&&) {
  synced_ = true;
  log_.debug("synced", {{"objects", kind_.store.size()}});
  hooks_.synced();
}

void ReflectorDriver::perform(Absent&&) {
  synced_ = false;
  hooks_.absent();
}

void ReflectorDriver::perform(Report&& effect) {
  metrics_.recoveries
      .with({kind_.kind.resource(), to_string(effect.recovery), to_string(effect.cause)})
      .increment();
  if (!effect.error) return;
  if (effect.cause == Cause::kUnsupported) {
    return log_.debug("the API server does not stream the initial state: listing it");
  }
  hooks_.failed(*effect.error);
  // An API server that has just started asks every client to come again.
  const bool busy = effect.error->reason == base::Reason::kTooManyRequests;
  if (busy && !std::exchange(busy_, true)) {
    return log_.info("the API server asks to come again", {{"error", effect.error->describe()}});
  }
  if (const auto held_back = warnings_.admit(to_string(effect.cause), base::Clock::now())) {
    log_.warn("reading from the API server failed, trying again", *effect.error,
              {{"recovery", to_string(effect.recovery)},
               {"cause", to_string(effect.cause)},
               {"heldBack", *held_back}});
  }
}

void ReflectorDriver::on_open(const net::Response& head) {
  client_.answered(head.status, requested_at_);
  busy_ = false;
  if (list_) return;
  feed(WatchOpened{});
  heard();
}

void ReflectorDriver::on_data(std::string_view chunk) {
  if (list_) {
    if (auto fed = list_->feed(chunk); !fed) list_failed(fed.error());
    return;
  }
  const std::uint64_t request = request_;
  feed(Bytes{});
  heard();
  // A line may end this stream and begin another one, which must not get the rest of this chunk.
  net::LineSplitter lines = std::move(lines_);
  const auto fed = lines.feed(chunk, [&](std::string_view line) {
    if (request == request_) on_line(line);
  });
  if (request != request_) return;
  lines_ = std::move(lines);
  if (!fed) fail(fed.error());
}

void ReflectorDriver::on_end(base::Result<net::Response> end) {
  silent_after_ = base::Clock::time_point::max();
  if (end && !end->ok()) client_.answered(end->status, requested_at_);
  if (list_) return end_list(std::move(end));
  if (!end) return feed(WatchFailed{std::move(end.error())});
  if (!end->ok()) return feed(WatchFailed{kube::read_status(*end)});
  feed(WatchClosed{});
}

base::Result<void> ReflectorDriver::on_item(std::string_view item) {
  auto record = reader_.item(item);
  if (!record) return std::unexpected(std::move(record.error()));
  page_.push_back(std::move(*record));
  return {};
}

void ReflectorDriver::end_list(base::Result<net::Response> end) {
  if (!end) return feed(ListFailed{std::move(end.error())});
  if (!end->ok()) return feed(ListFailed{kube::read_status(*end)});
  if (auto page = read_page()) {
    feed(std::move(*page));
  } else {
    list_failed(page.error());
  }
}

void ReflectorDriver::list_failed(const base::Error& error) {
  perform(CloseStream{});
  feed(ListFailed{error.wrap("reading a list of " + kind_.kind.resource())});
}

base::Result<ListPage> ReflectorDriver::read_page() {
  const auto rest = list_->finish();
  if (!rest) return std::unexpected(rest.error());
  return WireReader::page(*rest, std::move(page_));
}

void ReflectorDriver::on_line(std::string_view line) {
  event_count_.increment();
  auto input = reader_.event(line);
  if (input) {
    feed(std::move(*input));
  } else {
    fail(input.error().wrap("reading an event of " + kind_.kind.resource()));
  }
}

// The stream cannot be used any more.
void ReflectorDriver::fail(base::Error error) {
  perform(CloseStream{});
  feed(WatchFailed{std::move(error)});
}

}  // namespace runtime
