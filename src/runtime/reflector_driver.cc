#include "runtime/reflector_driver.h"

#include <array>
#include <charconv>
#include <utility>

#include <boost/json/monotonic_resource.hpp>
#include <fmt/format.h>

#include "json/parse.h"
#include "json/value.h"
#include "kube/request.h"
#include "kube/status.h"

namespace runtime {
namespace {

using base::fail;
using base::Reason;

// Objects of most kinds fit; a larger one takes a block from the heap.
constexpr std::size_t kParseBuffer = 32 * 1024;
// One object of a list: twice etcd's default limit of a request (1.5 MiB), for what the API server
// adds to it.
constexpr std::size_t kMaxItem = 3 * 1024 * 1024;

constexpr std::string_view kInitialEventsEnd = "k8s.io/initial-events-end";

// What an event is made of beside the object: its type, and what a bookmark and an error say.
const std::vector<std::string>& event_paths() {
  static const std::vector<std::string> paths{
      "/type",
      "/object/kind",
      "/object/code",
      "/object/reason",
      "/object/message",
      "/object/details",
      "/object/metadata/resourceVersion",
      "/object/metadata/annotations/k8s.io~1initial-events-end"};
  return paths;
}

base::Result<std::uint64_t> read_version(const boost::json::value& object) {
  const std::string_view text = json::string_at(object, {"metadata", "resourceVersion"});
  std::uint64_t version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
    return fail(Reason::kProtocol,
                fmt::format("resourceVersion \"{}\" is not a decimal number", text));
  }
  return version;
}

}  // namespace

ReflectorMetrics::ReflectorMetrics(telemetry::metrics::Registry& registry)
    : lists(registry.counters("capp_reflector_lists_total", "LIST requests sent.", {"kind"})),
      watches(registry.counters("capp_reflector_watches_total", "WATCH requests sent.", {"kind"})),
      recoveries(registry.counters("capp_reflector_recoveries_total",
                                   "Requests and streams that ended, by what followed and why.",
                                   {"kind", "recovery", "cause"})),
      events(registry.counters("capp_reflector_events_total", "Events received.", {"kind"})) {}

ReflectorDriver::ReflectorDriver(net::Loop& loop, kube::Client& client, WatchedKind& kind,
                                 object::OwnedSetPool& pool, ReflectorMetrics& metrics,
                                 const telemetry::log::Logger& log, Hooks hooks)
    : loop_(loop),
      client_(client),
      kind_(kind),
      pool_(pool),
      metrics_(metrics),
      event_count_(metrics.events.with({kind.kind.resource()})),
      log_(log.named("reflector").with("kind", kind.kind.resource())),
      hooks_(std::move(hooks)),
      event_filter_(kind.projection.filter.within("/object", event_paths())),
      last_byte_(base::Clock::now()) {}

ReflectorDriver::~ReflectorDriver() = default;

void ReflectorDriver::start() {
  reflector_.emplace(ReflectorOptions{}, random_);
  last_byte_ = base::Clock::now();
  feed(Start{});
}

void ReflectorDriver::stop() {
  if (reflector_) feed(Stop{});
  reflector_.reset();
  stream_.reset();
  timer_.cancel();
  ++request_;
  synced_ = false;
}

void ReflectorDriver::feed(Input input) {
  for (Effect& effect : reflector_->step(std::move(input), base::Clock::now())) {
    std::visit([this](auto& what) { perform(std::move(what)); }, effect);
  }
}

void ReflectorDriver::perform(List&& effect) {
  metrics_.lists.with({kind_.kind.resource()}).increment();
  page_.clear();
  broken_.reset();
  list_.emplace([this](std::string_view item) { return on_item(item); }, kMaxItem);
  auto request = kube::list(kind_.kind, kind_.selection,
                            {.limit = effect.limit,
                             .continue_token = effect.continue_token,
                             .at_least = effect.at_least});
  open(std::move(request));
}

void ReflectorDriver::perform(Watch&& effect) {
  metrics_.watches.with({kind_.kind.resource()}).increment();
  list_.reset();
  open(kube::watch(kind_.kind, kind_.selection,
                   {.resource_version = effect.resource_version,
                    .initial_events = effect.initial_events,
                    .timeout = effect.timeout}));
}

void ReflectorDriver::open(net::Request request) {
  ++request_;
  lines_ = net::LineSplitter();
  stream_ = client_.open(std::move(request), {}, *this);
}

void ReflectorDriver::perform(CloseStream&&) {
  ++request_;
  stream_.reset();
}

void ReflectorDriver::perform(SetTimer&& effect) {
  timer_ = loop_.schedule(effect.at, [this] { feed(Timer{}); });
}

void ReflectorDriver::perform(Init&& effect) {
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
  hooks_.failed(*effect.error);
  if (const auto held_back = warnings_.admit(to_string(effect.cause), base::Clock::now())) {
    log_.warn("reading from the API server failed, trying again", *effect.error,
              {{"recovery", to_string(effect.recovery)},
               {"cause", to_string(effect.cause)},
               {"heldBack", *held_back}});
  }
}

void ReflectorDriver::on_open(const net::Response& head) {
  client_.answered(head.status);
  last_byte_ = base::Clock::now();
  if (!list_) feed(WatchOpened{});
}

void ReflectorDriver::on_data(std::string_view chunk) {
  last_byte_ = base::Clock::now();
  const std::uint64_t request = request_;
  if (list_) {
    if (auto fed = list_->feed(chunk); !fed && !broken_) broken_ = std::move(fed.error());
    return;
  }
  feed(Bytes{});
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
  if (end && !end->ok()) client_.answered(end->status);
  if (list_) return end_list(std::move(end));
  if (!end) return feed(WatchFailed{std::move(end.error())});
  if (!end->ok()) return feed(WatchFailed{kube::read_status(*end)});
  feed(WatchClosed{});
}

base::Result<void> ReflectorDriver::on_item(std::string_view item) {
  std::array<unsigned char, kParseBuffer> buffer;
  boost::json::monotonic_resource memory(buffer.data(), buffer.size());
  const auto value = json::parse(item, kind_.projection.filter, &memory);
  if (!value) return std::unexpected(value.error());
  auto record = object::read_record(*value, kind_.projection, pool_);
  if (!record) return std::unexpected(std::move(record.error()));
  page_.push_back(std::move(*record));
  return {};
}

void ReflectorDriver::end_list(base::Result<net::Response> end) {
  if (!end) return feed(ListFailed{std::move(end.error())});
  if (!end->ok()) return feed(ListFailed{kube::read_status(*end)});
  auto page = broken_ ? base::Result<ListPage>(std::unexpected(*broken_)) : read_page();
  if (page) {
    feed(std::move(*page));
  } else {
    feed(ListFailed{page.error().wrap("reading a list of " + kind_.kind.resource())});
  }
}

base::Result<ListPage> ReflectorDriver::read_page() {
  auto rest = list_->finish();
  if (!rest) return std::unexpected(std::move(rest.error()));
  const auto list = json::parse(*rest);
  if (!list) return std::unexpected(list.error());
  auto version = read_version(*list);
  if (!version) return std::unexpected(std::move(version.error()));
  return ListPage{.records = std::move(page_),
                  .resource_version = *version,
                  .continue_token = std::string(json::string_at(*list, {"metadata", "continue"}))};
}

void ReflectorDriver::on_line(std::string_view line) {
  event_count_.increment();
  auto input = read_event(line);
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

base::Result<Input> ReflectorDriver::read_event(std::string_view line) {
  std::array<unsigned char, kParseBuffer> buffer;
  boost::json::monotonic_resource memory(buffer.data(), buffer.size());
  const auto event = json::parse(line, event_filter_, &memory);
  if (!event) return std::unexpected(event.error());
  const auto* object = json::find(*event, {"object"});
  if (object == nullptr) return base::fail(Reason::kProtocol, "an event without an object");
  const std::string_view type = json::string_at(*event, {"type"});
  if (type == "ERROR") return StreamError{kube::read_status(*object)};
  if (type == "BOOKMARK") {
    const auto version = read_version(*object);
    if (!version) return std::unexpected(version.error());
    const bool last =
        json::string_at(*object, {"metadata", "annotations", kInitialEventsEnd}) == "true";
    return Bookmark{.resource_version = *version, .initial_events_end = last};
  }
  auto record = object::read_record(*object, kind_.projection, pool_);
  if (!record) return std::unexpected(std::move(record.error()));
  if (type == "ADDED") return Event{.type = EventType::kAdded, .record = std::move(*record)};
  if (type == "MODIFIED") return Event{.type = EventType::kModified, .record = std::move(*record)};
  if (type == "DELETED") return Event{.type = EventType::kDeleted, .record = std::move(*record)};
  return base::fail(Reason::kProtocol, fmt::format("an event of unknown type \"{}\"", type));
}

}  // namespace runtime
