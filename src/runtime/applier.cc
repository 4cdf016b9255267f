#include "runtime/applier.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "base/hash.h"
#include "json/canonical.h"
#include "json/parse.h"
#include "json/value.h"
#include "kube/request.h"
#include "runtime/adoption.h"
#include "runtime/list_removal.h"

namespace runtime {
namespace {

using base::Error;
using base::Reason;
using object::Outcome;
using object::RecordPtr;

// "services.serving.knative.dev web/capp": how an object is named in messages.
std::string name_of(const object::Kind& kind, const object::Key& key) {
  return kind.resource() + " " + key.to_string();
}

void annotate(boost::json::object& body, const std::string& hash) {
  auto& metadata = body["metadata"];
  if (!metadata.is_object()) metadata.emplace_object();
  auto& annotations = metadata.get_object()["annotations"];
  if (!annotations.is_object()) annotations.emplace_object();
  annotations.get_object()[object::kAppliedHashAnnotation] = hash;
}

// "parent=api, parent-ns=other".
std::string text_of(const object::Labels& labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    if (!text.empty()) text += ", ";
    text += fmt::format("{}={}", name, value);
  }
  return text;
}

Error foreign_error(const object::Wanted& wanted, const object::Record& live,
                    const object::Ownership& ownership) {
  const std::string name = name_of(*wanted.kind, wanted.key);
  if (const auto* controller = live.controller()) {
    return {.reason = Reason::kAlreadyExists,
            .message = fmt::format("{} exists and is controlled by {} {}; it is not taken over",
                                   name, controller->kind, controller->name)};
  }
  if (const auto labels = object::foreign_identity(live, ownership); !labels.empty()) {
    return {.reason = Reason::kAlreadyExists,
            .message = fmt::format("{} exists and belongs to {}; it is not taken over", name,
                                   text_of(labels))};
  }
  return {.reason = Reason::kAlreadyExists,
          .message = fmt::format(
              "{} exists and is not ours; to hand it over, annotate it with {}: \"true\"", name,
              object::kAdoptAnnotation)};
}

// The manager of another entry that owns `path` of `body`; "another manager" where none does.
std::string manager_of(const std::string& path, const boost::json::object& body,
                       std::string_view live_json, object::OwnedSetPool& pool,
                       std::string_view own_manager) {
  const auto live = json::parse(live_json);
  const auto* entries =
      live ? json::array_at(live->as_object(), {"metadata", "managedFields"}) : nullptr;
  if (entries != nullptr) {
    for (const auto& entry : *entries) {
      const std::string_view manager = json::string_at(entry, {"manager"});
      const auto* fields = json::find(entry, {"fieldsV1"});
      const auto owned = fields != nullptr && manager != own_manager
                             ? pool.read(*fields)
                             : base::fail(Reason::kNotFound, "no set of another manager");
      if (!owned) continue;
      const auto gap = object::compare_ownership(body, *owned);
      if (std::ranges::find(gap.not_owned, path) == gap.not_owned.end())
        return std::string(manager);
    }
  }
  return "another manager";
}

}  // namespace

ApplierMetrics::ApplierMetrics(telemetry::metrics::Registry& registry)
    : fights(registry.counters(
          "runtime_apply_fights_total",
          "Objects left alone for a while, since another manager undoes each write.",
          {"kind", "path", "manager"})),
      foreign(
          registry.counter("runtime_apply_foreign_objects_total",
                           "Wanted objects that exist and belong to somebody else, by look-up.")),
      failures(registry.counters("runtime_write_failures_total", "Writes that failed.",
                                 {"kind", "reason"})),
      unchanged(registry.counter("runtime_apply_unchanged_total",
                                 "Wanted objects that were as wanted: nothing was sent.")) {}

// One write on its way.
class Applier::Job {
 public:
  enum class Stage {
    kDone,  // `outcome` says it
    kLook,  // the request is a GET that tells whether the object is there, and whose it is
    kSend,  // the request is the write
  };

  Job(object::Write of, WatchedKind* of_kind) : write(std::move(of)), watched(of_kind) {}

  object::Write write;
  WatchedKind* watched;  // null for RemoveByName of a kind that nobody watches
  WriteId id;
  std::string hash;  // of what is written
  RecordPtr stored;  // what the store had at the start
  RecordPtr live;    // what is known to be there: as stored, or looked up
  Stage stage = Stage::kDone;
  net::Request request;
  Outcome outcome;

  void done(Outcome::What what) {
    stage = Stage::kDone;
    outcome.what = what;
  }
  void failed(Outcome::What what, Error error, std::chrono::milliseconds retry_after) {
    done(what);
    outcome.error = std::move(error);
    outcome.retry_after = retry_after;
  }
  void send(net::Request what) {
    stage = Stage::kSend;
    request = std::move(what);
  }
};

// One run of the applier.
class Applier::Pass {
 public:
  Pass(Applier& applier, const object::Key& owner, const object::Ownership& ownership,
       std::stop_token stop)
      : applier_(applier), owner_(owner), ownership_(ownership), stop_(std::move(stop)) {}

  std::vector<Outcome> run(std::vector<object::Write> writes) {
    jobs_.reserve(writes.size());
    for (auto& write : writes) start(std::move(write));
    // A look-up is quicker than a write: the writes that need none wait for it rather than the
    // looked-up object for them.
    exchange(Job::Stage::kLook);
    exchange(Job::Stage::kSend);
    std::vector<Outcome> outcomes;
    outcomes.reserve(jobs_.size());
    for (auto& job : jobs_) outcomes.push_back(std::move(job.outcome));
    return outcomes;
  }

 private:
  using TimePoint = base::Clock::time_point;

  void start(object::Write write) {
    const auto* kind = std::visit([](const auto& what) { return what.kind; }, write);
    WatchedKind* watched = applier_.catalog_.find(*kind);
    const std::size_t verb = write.index();
    Job& job = jobs_.emplace_back(std::move(write), watched);
    const auto& key =
        std::visit([](const auto& what) -> const object::Key& { return what.key; }, job.write);
    job.id = {.kind = watched != nullptr ? &watched->kind : kind,
              .key = key,
              .verb = verb,
              .owner = owner_};
    job.stored = watched != nullptr ? watched->store.get(key) : nullptr;
    job.live = job.stored;
    job.outcome.record = job.live;
    std::visit([&](auto& what) { prepare(job, what); }, job.write);
  }

  // What is tried: another content, or a change of the owner, makes it a new attempt.
  std::string attempt(const Job& job) const {
    return job.hash + "@" + std::to_string(ownership_.generation);
  }

  // True where an earlier failure of the same attempt is backing off.
  bool waits(Job& job) {
    const base::MutexLock lock(applier_.mutex_);
    auto waiting = applier_.memory_.waiting(job.id, attempt(job), job.stored, base::Clock::now());
    if (!waiting) return false;
    job.failed(Outcome::What::kWaiting, std::move(waiting->error), waiting->remaining);
    return true;
  }

  void prepare(Job& job, object::Wanted& wanted) {
    job.hash = object::applied_hash(wanted.body);
    annotate(wanted.body, job.hash);
    if (waits(job)) return;
    if (job.live) {
      decide(job, wanted);
    } else {
      job.stage = Job::Stage::kLook;
      job.request = kube::get(*wanted.kind, wanted.key);
    }
  }

  void prepare(Job& job, const object::Unwanted& unwanted) {
    job.hash = unwanted.uid;
    if (!job.live || job.live->uid != unwanted.uid || job.live->terminating) {
      return job.done(Outcome::What::kUnchanged);
    }
    if (waits(job)) return;
    job.send(kube::remove(*unwanted.kind, unwanted.key, {.uid = unwanted.uid}));
  }

  void prepare(Job& job, const object::Create& create) {
    std::string body = json::canonical(create.body);
    job.hash = base::sha256_hex128(body);
    if (waits(job)) return;
    job.send(kube::create(*create.kind, create.key.ns, std::move(body), manager()));
  }

  void prepare(Job& job, const object::SetFinalizers& set) {
    boost::json::array finalizers(set.finalizers.begin(), set.finalizers.end());
    job.hash = boost::json::serialize(finalizers);
    if (waits(job)) return;
    const boost::json::object patch{{"metadata",
                                     {{"finalizers", std::move(finalizers)},
                                      {"resourceVersion", std::to_string(set.resource_version)}}}};
    job.send(kube::merge_patch(*set.kind, set.key, boost::json::serialize(patch), manager()));
  }

  void prepare(Job& job, const object::SetStatus& set) {
    job.hash = set.content;
    if (waits(job)) return;
    // Replaced whole, so that nothing of an older writer stays; of that very object only.
    const boost::json::array patch{{{"op", "test"}, {"path", "/metadata/uid"}, {"value", set.uid}},
                                   {{"op", "add"}, {"path", "/status"}, {"value", set.status}}};
    job.send(
        kube::json_patch(*set.kind, set.key, boost::json::serialize(patch), manager(), "status"));
  }

  void prepare(Job& job, const object::RemoveByName& named) {
    if (waits(job)) return;
    job.send(kube::remove(*named.kind, named.key, {}));
  }

  // What is to be done about an object that is there.
  void decide(Job& job, const object::Wanted& wanted) {
    const object::Record& live = *job.live;
    if (object::is_ours(live, ownership_, job.hash) == object::Ours::kNo) {
      applier_.metrics_.foreign.increment();
      job.outcome.record = nullptr;
      return fail(job, foreign_error(wanted, live, ownership_), /*permanent=*/true);
    }
    if (live.terminating) return wait_for_deletion(job, wanted);
    const auto gap = object::compare_ownership(wanted.body, live.owned);
    if ((live.applied_hash == job.hash && gap.empty()) || settled(job)) {
      applier_.metrics_.unchanged.increment();
      return job.done(Outcome::What::kUnchanged);
    }
    // With our hash on it the object was as wanted once: what is not ours any more was taken.
    const bool taken = live.applied_hash == job.hash && !gap.not_owned.empty();
    if (taken && fighting(job, gap.not_owned.front())) {
      return give_up(job, wanted, gap.not_owned.front());
    }
    if (live.owned.set == nullptr) {
      if (auto adopted = adopt(job); !adopted) {
        return fail(job, adopted.error().wrap("taking over " + name_of(*wanted.kind, wanted.key)),
                    base::is_permanent(adopted.error().reason));
      }
    }
    job.send(apply_request(wanted));
  }

  void wait_for_deletion(Job& job, const object::Wanted& wanted) {
    Error error{.reason = Reason::kConflict,
                .message = name_of(*wanted.kind, wanted.key) +
                           " is being deleted; it is created again when it is gone"};
    // What the store does not have, nobody tells of: look again soon, then ever slower.
    if (!job.stored) return fail(job, error, /*permanent=*/true);
    job.failed(Outcome::What::kWaiting, std::move(error), std::chrono::minutes(5));
  }

  net::Request apply_request(const object::Wanted& wanted) const {
    return kube::apply(*wanted.kind, wanted.key, boost::json::serialize(wanted.body), manager());
  }

  // Ours, but never applied by us: an older operator may have made it. Once we have applied it this
  // is not asked again, so nothing is applied before it succeeds.
  base::Result<void> adopt(const Job& job) {
    if (applier_.options_.legacy_managers.empty()) return {};
    const auto answer =
        applier_.client_.send(kube::get(*job.id.kind, job.id.key, kube::View::kMetadata), stop_);
    if (!answer) return std::unexpected(answer.error());
    const auto live = json::parse(answer->body);
    if (!live) return std::unexpected(live.error());
    const auto* metadata = json::find(*live, {"metadata"});
    const auto* entries = json::find(*live, {"metadata", "managedFields"});
    if (entries == nullptr || !entries->is_array()) return {};
    auto adopted = adopt_fields(entries->get_array(), applier_.options_.legacy_managers, manager());
    if (adopted.empty()) return {};
    const boost::json::array patch{
        {{"op", "test"},
         {"path", "/metadata/resourceVersion"},
         {"value", json::string_at(*metadata, {"resourceVersion"})}},
        {{"op", "replace"}, {"path", "/metadata/managedFields"}, {"value", std::move(adopted)}}};
    auto patched = applier_.client_.send(
        kube::json_patch(*job.id.kind, job.id.key, boost::json::serialize(patch), manager()),
        stop_);
    if (!patched) return std::unexpected(std::move(patched.error()));
    return {};
  }

  bool settled(const Job& job) {
    const base::MutexLock lock(applier_.mutex_);
    return applier_.memory_.settled(job.id, job.hash, *job.live);
  }

  bool fighting(const Job& job, const std::string& path) {
    const base::MutexLock lock(applier_.mutex_);
    return applier_.memory_.fighting(job.id, path, base::Clock::now());
  }

  void give_up(Job& job, const object::Wanted& wanted, const std::string& path) {
    const auto live =
        applier_.client_.send(kube::get(*wanted.kind, wanted.key, kube::View::kMetadata), stop_);
    const std::string other =
        live ? manager_of(path, wanted.body, live->body, applier_.catalog_.pool(), manager())
             : "another manager";
    Error error{.reason = Reason::kConflict,
                .message = fmt::format(
                    "{}: \"{}\" takes {} again after each of our writes; left alone for a while",
                    name_of(*wanted.kind, wanted.key), other, path)};
    applier_.metrics_.fights.with({wanted.kind->resource(), path, other}).increment();
    applier_.log_.warn("another manager undoes our writes", error);
    const base::MutexLock lock(applier_.mutex_);
    const auto wait = applier_.memory_.lost(job.id, attempt(job), error, base::Clock::now());
    job.failed(Outcome::What::kWaiting, std::move(error), wait);
  }

  void fail(Job& job, const Error& error, bool permanent) {
    const std::string_view reason = base::to_string(error.reason);
    const std::string kind = job.id.kind->resource();
    applier_.metrics_.failures.with({kind, reason}).increment();
    if (const auto held_back =
            applier_.warnings_.admit(kind + job.id.key.to_string(), base::Clock::now())) {
      applier_.log_.warn(
          "a write failed", error,
          {{"kind", kind}, {"object", job.id.key.to_string()}, {"heldBack", *held_back}});
    }
    const base::MutexLock lock(applier_.mutex_);
    const auto wait = applier_.memory_.failed(job.id, attempt(job), job.stored, error, permanent,
                                              base::Clock::now());
    job.failed(Outcome::What::kFailed, error, wait);
  }

  // Sends what is to be sent, side by side.
  void exchange(Job::Stage stage) {
    std::vector<Job*> sent;
    std::vector<net::Request> requests;
    std::vector<std::optional<Store::Write>> writes;
    for (auto& job : jobs_) {
      if (job.stage != stage) continue;
      auto& write = writes.emplace_back();
      if (stage == Job::Stage::kSend && job.watched != nullptr) {
        write.emplace(job.watched->store, job.id.key);
      }
      sent.push_back(&job);
      requests.push_back(std::move(job.request));
    }
    if (sent.empty()) return;
    auto answers = applier_.client_.send_all(std::move(requests), stop_);
    for (std::size_t i = 0; i < sent.size(); ++i) {
      if (stage == Job::Stage::kLook) {
        looked(*sent[i], answers[i]);
      } else if (writes[i]) {
        written(*sent[i], *writes[i], answers[i]);
      } else {
        removed(*sent[i], answers[i]);
      }
    }
  }

  void looked(Job& job, base::Result<net::Response>& answer) {
    const auto& wanted = std::get<object::Wanted>(job.write);
    if (!answer && answer.error().reason == Reason::kNotFound) {
      return job.send(apply_request(wanted));
    }
    auto record = answer ? read(job, answer->body) : std::unexpected(std::move(answer.error()));
    if (!record) {
      return fail(job, record.error().wrap("looking for " + name_of(*wanted.kind, wanted.key)),
                  base::is_permanent(record.error().reason));
    }
    job.live = std::move(*record);
    job.outcome.record = job.live;
    decide(job, wanted);
  }

  void written(Job& job, Store::Write& write, base::Result<net::Response>& answer) {
    if (!answer && refuses_null(answer.error()) && remove_items(job)) {
      answer = applier_.client_.send(apply_request(std::get<object::Wanted>(job.write)), stop_);
    }
    if (!answer) return refused(job, write, answer.error());
    if (std::holds_alternative<object::Unwanted>(job.write)) return deleted(job, write, *answer);
    auto record = read(job, answer->body);
    if (!record) return refused(job, write, record.error());
    write.answered(*record);
    job.outcome.record = *record;
    remember_success(job, **record);
    const bool moved = !job.live || job.live->resource_version != (*record)->resource_version;
    job.done(answer->status == 201 ? Outcome::What::kCreated
             : moved               ? Outcome::What::kUpdated
                                   : Outcome::What::kUnchanged);
  }

  // See list_removal.h.
  static bool refuses_null(const Error& error) {
    return error.http_code == 422 &&
           error.message.find(R"(Invalid value: "null")") != std::string::npos;
  }

  bool remove_items(const Job& job) {
    const auto* wanted = std::get_if<object::Wanted>(&job.write);
    if (wanted == nullptr || !job.live) return false;
    const auto answer = applier_.client_.send(kube::get(*wanted->kind, wanted->key), stop_);
    const auto live = answer ? json::parse(answer->body) : std::unexpected(answer.error());
    if (!live || !live->is_object()) return false;
    const auto patch =
        removal_patch(live->get_object(), job.live->owned, wanted->body, job.live->uid);
    return !patch.empty() && applier_.client_
                                 .send(kube::json_patch(*wanted->kind, wanted->key,
                                                        boost::json::serialize(patch), manager()),
                                       stop_)
                                 .has_value();
  }

  void remember_success(const Job& job, const object::Record& after) {
    bool complete = true;
    if (const auto* wanted = std::get_if<object::Wanted>(&job.write)) {
      complete = after.applied_hash == job.hash &&
                 object::compare_ownership(wanted->body, after.owned).empty();
    }
    const base::MutexLock lock(applier_.mutex_);
    applier_.memory_.succeeded(job.id, job.hash, after, complete);
  }

  void deleted(Job& job, Store::Write& write, const net::Response& answer) {
    // Usually a Status; the object itself where finalizers keep it.
    if (auto record = read(job, answer.body); record && (*record)->terminating) {
      write.answered(*record);
      job.outcome.record = *record;
    } else {
      write.deleted(job.hash);
      job.outcome.record = nullptr;
    }
    forget(job);
    job.done(Outcome::What::kDeleted);
  }

  // The answer to a RemoveByName.
  void removed(Job& job, const base::Result<net::Response>& answer) {
    if (!answer && answer.error().reason != Reason::kNotFound) {
      return fail(job, answer.error().wrap("deleting " + name_of(*job.id.kind, job.id.key)),
                  base::is_permanent(answer.error().reason));
    }
    forget(job);
    job.done(answer ? Outcome::What::kDeleted : Outcome::What::kUnchanged);
  }

  void refused(Job& job, Store::Write& write, const Error& error) {
    // Absent, or another object by now: what was to be deleted is gone.
    if (std::holds_alternative<object::Unwanted>(job.write) &&
        (error.reason == Reason::kNotFound || error.reason == Reason::kConflict)) {
      write.deleted(job.hash);
      job.outcome.record = nullptr;
      forget(job);
      return job.done(Outcome::What::kUnchanged);
    }
    // Of what is written once, another object of that name does not go away by itself.
    const bool in_the_way = error.reason == Reason::kAlreadyExists;
    const bool permanent = in_the_way || base::is_permanent(error.reason);
    fail(job, error.wrap("writing " + name_of(*job.id.kind, job.id.key)), permanent);
  }

  void forget(const Job& job) {
    const base::MutexLock lock(applier_.mutex_);
    applier_.memory_.forget(job.id);
  }

  base::Result<RecordPtr> read(const Job& job, std::string_view body) {
    auto value = json::parse(body, job.watched->projection.filter);
    if (!value) return std::unexpected(std::move(value.error()));
    return object::read_record(*value, job.watched->projection, applier_.catalog_.pool());
  }

  const std::string& manager() const { return applier_.options_.field_manager; }

  Applier& applier_;
  const object::Key& owner_;
  const object::Ownership& ownership_;
  std::stop_token stop_;
  std::vector<Job> jobs_;
};

Applier::Applier(kube::Client& client, Catalog& catalog, ApplierOptions options,
                 ApplierMetrics& metrics, telemetry::log::Logger log)
    : client_(client),
      catalog_(catalog),
      options_(std::move(options)),
      metrics_(metrics),
      log_(std::move(log)),
      memory_(options_.memory) {}

std::vector<Outcome> Applier::run(const object::Key& owner, std::vector<object::Write> writes,
                                  const object::Ownership& ownership, std::stop_token stop) {
  return Pass(*this, owner, ownership, std::move(stop)).run(std::move(writes));
}

void Applier::forget(const object::Key& owner) {
  const base::MutexLock lock(mutex_);
  memory_.forget_owner(owner);
}

}  // namespace runtime
