#include "runtime/event_recorder.h"

#include <algorithm>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/utf8.h"
#include "kube/request.h"

namespace runtime {
namespace {

constexpr object::Kind kEvent{
    .group = "events.k8s.io", .version = "v1", .kind = "Event", .plural = "events"};
// The API's limit of a note.
constexpr std::size_t kMaxNote = 1024;
// How often series are looked at; EventSeries::tick says "about once a minute".
constexpr std::chrono::minutes kTick{1};

Moment moment() {
  return {.at = base::Clock::now(), .wall = base::WallClock::now()};
}

boost::json::object reference(const EventSubject& subject) {
  boost::json::object reference{{"apiVersion", subject.api_version},
                                {"kind", subject.kind},
                                {"name", subject.name},
                                {"uid", subject.uid}};
  if (!subject.ns.empty()) reference["namespace"] = subject.ns;
  if (!subject.field_path.empty()) reference["fieldPath"] = subject.field_path;
  return reference;
}

boost::json::object series(const EventTally& tally) {
  return {{"count", tally.count}, {"lastObservedTime", base::rfc3339_micro(tally.last_observed)}};
}

std::string body_of(const EventSend& send) {
  if (send.verb == EventSend::Verb::kPatchSeries) {
    return boost::json::serialize(boost::json::object{{"series", series(*send.series)}});
  }
  boost::json::object event{{"apiVersion", kEvent.api_version()},
                            {"kind", kEvent.kind},
                            {"metadata", {{"name", send.name}, {"namespace", send.ns}}},
                            {"eventTime", base::rfc3339_micro(send.event_time)},
                            {"type", send.key.type},
                            {"action", send.key.action},
                            {"reason", send.key.reason},
                            {"note", send.note},
                            {"reportingController", send.key.reporting_controller},
                            {"reportingInstance", send.key.reporting_instance},
                            {"regarding", reference(send.key.regarding)}};
  if (send.series) event["series"] = series(*send.series);
  return boost::json::serialize(event);
}

net::Request request_of(const EventSend& send, const std::string& manager) {
  if (send.verb == EventSend::Verb::kCreate) {
    return kube::create(kEvent, send.ns, body_of(send), manager);
  }
  return kube::merge_patch(kEvent, {.ns = send.ns, .name = send.name}, body_of(send), manager);
}

}  // namespace

EventRecorder::EventRecorder(EventRecorderOptions options, kube::Client& client, const Fence& fence,
                             telemetry::metrics::Registry& registry,
                             const telemetry::log::Logger& log)
    : options_(std::move(options)),
      client_(client),
      fence_(fence),
      log_(log.named("events")),
      sent_(registry.counter("runtime_events_sent_total", "Events and updates of series sent.")),
      failed_(registry.counter(
          "runtime_events_failed_total",
          "Requests about events that the API server refused; they may be tried again.")),
      dropped_(registry.counter("runtime_events_dropped_total",
                                "Events that were not sent, since too many were waiting.")),
      series_({}, random_) {}

EventRecorder::~EventRecorder() {
  stop({});
}

void EventRecorder::start() {
  worker_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

void EventRecorder::stop(std::chrono::milliseconds grace) {
  if (!worker_.joinable()) return;
  {
    const base::MutexLock lock(mutex_);
    draining_ = true;
    changed_.notify_all();
    const auto deadline = base::Clock::now() + grace;
    while ((!waiting_.empty() || sending_) && base::Clock::now() < deadline) {
      changed_.wait_until(mutex_, deadline);
    }
  }
  worker_.request_stop();
  worker_.join();
}

void EventRecorder::record(ObjectEvent event) {
  if (!fence_.open(base::BootClock::now())) return;
  const EventKey key{.type = event.type == ObjectEvent::Type::kNormal ? "Normal" : "Warning",
                     .action = std::move(event.action),
                     .reason = std::move(event.reason),
                     .reporting_controller = options_.controller,
                     .reporting_instance = options_.instance,
                     .regarding = std::move(event.regarding),
                     .related = std::nullopt};
  const base::MutexLock lock(mutex_);
  if (auto send =
          series_.observe(key, std::string(base::utf8_prefix(event.note, kMaxNote)), moment())) {
    enqueue(std::move(*send));
  }
}

void EventRecorder::enqueue(EventSend send) {
  if (waiting_.size() >= options_.queue_limit) {
    dropped_.increment();
    series_.dropped(send);
    return;
  }
  waiting_.push_back(std::move(send));
  changed_.notify_all();
}

void EventRecorder::work(const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] {
    const base::MutexLock lock(mutex_);
    changed_.notify_all();
  });
  while (!stop.stop_requested()) {
    if (auto batch = take_due(stop); !batch.empty()) send(std::move(batch), stop);
  }
}

// Waits until something is due, may be, or the token fires.
std::vector<EventSend> EventRecorder::take_due(const std::stop_token& stop) {
  const base::MutexLock lock(mutex_);
  const auto now = base::Clock::now();
  if (now >= next_tick_) {
    for (auto& send : series_.tick(moment())) enqueue(std::move(send));
    next_tick_ = now + kTick;
  }
  std::vector<EventSend> due;
  auto wake_at = next_tick_;
  for (auto it = waiting_.begin(); it != waiting_.end() && due.size() < options_.batch;) {
    if (it->not_before <= now) {
      due.push_back(std::move(*it));
      it = waiting_.erase(it);
    } else {
      wake_at = std::min(wake_at, it->not_before);
      ++it;
    }
  }
  sending_ = !due.empty();
  if (due.empty() && !stop.stop_requested()) changed_.wait_until(mutex_, wake_at);
  return due;
}

void EventRecorder::send(std::vector<EventSend> batch, const std::stop_token& stop) {
  std::vector<net::Request> requests;
  requests.reserve(batch.size());
  for (const auto& send : batch) requests.push_back(request_of(send, options_.controller));
  const auto answers = client_.send_all(std::move(requests), stop);
  const base::MutexLock lock(mutex_);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    std::optional<EventSend> next;
    if (answers[i]) {
      sent_.increment();
      next = series_.succeeded(batch[i], moment());
    } else {
      failed_.increment();
      log_.debug("an event was refused",
                 {{"reason", batch[i].key.reason}, {"error", answers[i].error().describe()}});
      next = series_.failed(std::move(batch[i]), answers[i].error(), moment());
    }
    if (next && !draining_) enqueue(std::move(*next));
  }
  sending_ = false;
  changed_.notify_all();
}

}  // namespace runtime
