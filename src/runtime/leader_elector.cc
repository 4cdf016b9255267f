#include "runtime/leader_elector.h"

#include <future>
#include <string_view>
#include <utility>
#include <variant>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "base/duration.h"
#include "json/parse.h"
#include "json/value.h"
#include "kube/request.h"

namespace runtime {
namespace {

using base::BootClock;
using base::Reason;

// The spec as it is, for read_lease_spec.
std::string lease_body(const boost::json::object& object) {
  return boost::json::serialize(boost::json::object{
      {"spec", json::object_or_empty(object, {"spec"})},
  });
}

object::Projection lease_projection() {
  return {.filter = json::Filter::drop({"/metadata/managedFields"}),
          .labels = {},
          .field_manager = {},
          .body = lease_body};
}

kube::Selection only(const object::Key& lease) {
  return {.ns = lease.ns, .label_selector = {}, .field_selector = "metadata.name=" + lease.name};
}

Lease lease_of(const object::Record& record) {
  const auto body = json::parse(record.body);
  return {.version = record.resource_version,
          .spec = body ? read_lease_spec(body->as_object()) : LeaseSpec{}};
}

// What a person can do about it; empty where time may.
std::string advice(const base::Error& error, const object::Key& lease) {
  if (error.reason == Reason::kForbidden) {
    return fmt::format(
        "a Role in namespace {} has to grant create of leases.coordination.k8s.io, and get, list, "
        "watch and update of {}",
        lease.ns, lease.name);
  }
  if (error.reason == Reason::kNotFound) {
    return fmt::format("there is no namespace {} to keep the lease in", lease.ns);
  }
  return {};
}

boost::json::object new_lease(const object::Key& key) {
  return {{"apiVersion", kLease.api_version()},
          {"kind", kLease.kind},
          {"metadata", {{"name", key.name}, {"namespace", key.ns}}}};
}

}  // namespace

// Metrics have the names of client-go's (R52).
LeaderElector::LeaderElector(const LeaderElectionOptions& options, Fence& fence, Watchdog& watchdog,
                             telemetry::metrics::Registry& registry,
                             const telemetry::log::Logger& log)
    : options_(options),
      log_(log.named("leader-election").with("lease", options.lease.to_string())),
      fence_(fence),
      watchdog_(watchdog),
      leading_(registry
                   .gauges("leader_election_master_status",
                           "Gauge of if the reporting system is master of the relevant lease, 0 "
                           "indicates backup, 1 indicates master.",
                           {"name"})
                   .with({options.lease.name})),
      slow_paths_(registry
                      .counters("leader_election_slowpath_total",
                                "Total number of slow path exercised in renewing leader leases.",
                                {"name"})
                      .with({options.lease.name})),
      watched_(kLease, lease_projection(), only(options.lease), nullptr),
      reflector_metrics_(registry),
      election_(options.identity, options.times, random_) {
  fence_.close();
}

base::Result<std::unique_ptr<LeaderElector>> LeaderElector::create(
    const LeaderElectionOptions& options, const kube::Config& config, const std::string& user_agent,
    Fence& fence, Watchdog& watchdog, telemetry::metrics::Registry& registry,
    const telemetry::log::Logger& log) {
  std::unique_ptr<LeaderElector> elector(
      new LeaderElector(options, fence, watchdog, registry, log));
  // Without retries: a conflict says that the write was not carried out, which it would not where a
  // first attempt was.
  auto client = kube::Client::connect(
      elector->loop_, config, {.user_agent = user_agent + "/leader-election", .max_retries = 0},
      registry, elector->log_);
  if (!client) return std::unexpected(std::move(client.error()));
  elector->client_ = std::move(*client);
  return elector;
}

LeaderElector::~LeaderElector() {
  resign({});
}

void LeaderElector::start(Hooks hooks) {
  hooks_ = std::move(hooks);
  watched_.store.set_handler([this](const Change& change) { seen(change); });
  watch_ = std::make_unique<ReflectorDriver>(
      loop_, *client_, watched_, pool_, reflector_metrics_, log_,
      ReflectorDriver::Hooks{.synced = [] {}, .absent = [] {}, .failed = [](const auto&) {}});
  loop_.post([this] { watch_->start(); });
  log_.info("standing for election", {{"identity", options_.identity}});
  thread_ = std::thread([this] { work(); });
}

void LeaderElector::resign(std::chrono::milliseconds grace) {
  if (!thread_.joinable()) return;
  {
    const base::MutexLock lock(mutex_);
    const auto until = base::Clock::now() + grace;
    give_up_ = BootClock::now() + grace;
    changed_.notify_all();
    while (!ended_ && base::Clock::now() < until) changed_.wait_until(mutex_, until);
  }
  requests_.request_stop();
  thread_.join();
  stop_watch();
}

void LeaderElector::stop_watch() {
  std::promise<void> stopped;
  loop_.post([&] {
    watch_->stop();
    stopped.set_value();
  });
  stopped.get_future().wait();
}

void LeaderElector::work() {
  pthread_setname_np(pthread_self(), "lease");
  Election::Input input = Election::Start{};
  for (;;) {
    const Election::Now now{.at = BootClock::now(), .wall = base::WallClock::now()};
    for (const auto& effect : election_.step(std::move(input), now)) {
      std::visit([this](const auto& what) { perform(what); }, effect);
      if (std::holds_alternative<Election::End>(effect)) return;
    }
    input = answer_ ? *std::exchange(answer_, std::nullopt) : next();
  }
}

Election::Input LeaderElector::next() {
  const base::MutexLock lock(mutex_);
  for (;;) {
    if (give_up_) return Election::Resign{.give_up = *std::exchange(give_up_, std::nullopt)};
    if (!seen_.empty()) {
      Election::Seen first = std::move(seen_.front());
      seen_.pop_front();
      if (!first.deleted) tell(first.lease.spec);
      return first;
    }
    if (!timer_) {
      changed_.wait(mutex_);
      continue;
    }
    const auto left = *timer_ - BootClock::now();
    if (left <= BootClock::duration::zero()) {
      timer_.reset();
      return Election::Timer{};
    }
    changed_.wait_until(mutex_, base::Clock::now() + left);
  }
}

void LeaderElector::perform(const Election::Get& get) {
  auto lease = exchange(kube::get(kLease, options_.lease), get.timeout);
  if (!lease && lease.error().reason == Reason::kNotFound) {
    answer_ = Election::Read{.lease = std::optional<Lease>()};
  } else if (lease) {
    read_error_.reset();
    tell(lease->spec);
    answer_ = Election::Read{.lease = std::move(*lease)};
  } else {
    tell(lease.error(), read_error_);
    answer_ = Election::Read{.lease = std::unexpected(std::move(lease.error()))};
  }
}

void LeaderElector::perform(const Election::Put& put) {
  boost::json::object object = put.version ? object_ : new_lease(options_.lease);
  write_lease_spec(put.spec, object);
  std::string body = boost::json::serialize(object);
  auto request =
      put.version
          ? kube::update(kLease, options_.lease, std::move(body), options_.field_manager)
          : kube::create(kLease, options_.lease.ns, std::move(body), options_.field_manager);
  auto lease = exchange(std::move(request), put.timeout);
  if (lease) {
    write_error_.reset();
    tell(lease->spec);
  } else {
    tell(lease.error(), write_error_);
  }
  answer_ = Election::Written{.lease = std::move(lease)};
}

void LeaderElector::perform(const Election::SetTimer& timer) {
  timer_ = timer.at;
}

void LeaderElector::perform(const Election::Lead& lead) {
  // Awake before the first write may go out. Half of the time in which nobody writes: enough for an
  // orderly end, and well before the next leader.
  const auto slack = options_.times.duration - options_.times.renew_deadline;
  watchdog_.arm(lead.until + slack / 2);
  fence_.open_until(lead.until);
  if (std::exchange(leads_, true)) return;
  leading_.set(1);
  hooks_.began();
}

void LeaderElector::perform(const Election::StepDown&) {
  fence_.close();
  leading_.set(0);
  hooks_.stepped_down();
  // What is left to do, an orderly end, may take longer than the lease.
  watchdog_.disarm();
}

void LeaderElector::perform(const Election::SlowPath&) {
  slow_paths_.increment();
}

void LeaderElector::perform(const Election::End& end) {
  if (end.lost) {
    log_.error("the lease is lost: this process writes nothing more and ends", *end.lost);
    hooks_.lost(*end.lost);
  }
  const base::MutexLock lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

base::Result<Lease> LeaderElector::exchange(net::Request request,
                                            std::chrono::milliseconds timeout) {
  request.timeout = timeout;
  const auto answer = client_->send(std::move(request), requests_.get_token());
  if (!answer) return std::unexpected(answer.error());
  auto parsed = json::parse(answer->body, json::Filter::drop({"/metadata/managedFields"}));
  if (!parsed) return std::unexpected(std::move(parsed.error()));
  if (!parsed->is_object()) return base::fail(Reason::kProtocol, "the Lease is not an object");
  object_ = std::move(parsed->as_object());
  return read_lease(object_);
}

void LeaderElector::seen(const Change& change) {
  const base::MutexLock lock(mutex_);
  seen_.push_back({.lease = lease_of(change.record()), .deleted = !change.after});
  changed_.notify_all();
}

void LeaderElector::tell(const LeaseSpec& spec) {
  tell_holder(spec.holder);
  tell_disbelief(spec);
}

void LeaderElector::tell_disbelief(const LeaseSpec& spec) {
  if (std::exchange(duration_, spec.duration) == spec.duration) return;
  const auto longest = patience(spec, options_.times);
  if (spec.duration <= longest) return;
  log_.warn("the lease says a duration that is not believed",
            {{"says", base::format_duration(spec.duration)},
             {"believed", base::format_duration(longest)}});
}

void LeaderElector::tell_holder(const std::string& holder) {
  if (std::exchange(holder_, holder) == holder) return;
  if (holder.empty()) return log_.info("nobody leads");
  log_.info(holder == options_.identity ? "this process leads" : "another process leads",
            {{"leader", holder}});
}

void LeaderElector::tell(const base::Error& error, std::optional<base::Reason>& told) {
  const bool race = error.reason == Reason::kConflict || error.reason == Reason::kAlreadyExists;
  if (race || error.reason == Reason::kCancelled) return;
  if (std::exchange(told, error.reason) == error.reason) return;
  log_.error("cannot use the lease", error, {{"advice", advice(error, options_.lease)}});
}

}  // namespace runtime
