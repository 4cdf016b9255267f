#include "runtime/applier_pass.h"

#include <utility>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "json/parse.h"
#include "kube/request.h"
#include "runtime/adoption.h"
#include "runtime/applier_decision.h"
#include "runtime/list_removal.h"
#include "runtime/rival.h"
#include "runtime/write_request.h"

namespace runtime {
namespace {

using base::Error;
using base::Reason;
using object::Outcome;

// Of what is watched, news end the wait long before.
constexpr std::chrono::minutes kAwaitDeletion{5};

// Whether the object that is to be deleted is there, and stays unless we delete it.
bool is_to_be_deleted(const object::Unwanted& unwanted, const object::RecordPtr& stored) {
  return stored && stored->uid == unwanted.uid && !stored->terminating;
}

// Whether a refusal says that what was to be deleted is gone: absent, or another object by now.
bool is_gone(const object::Write& write, Reason reason) {
  if (std::holds_alternative<object::RemoveByName>(write)) return reason == Reason::kNotFound;
  return std::holds_alternative<object::Unwanted>(write) &&
         (reason == Reason::kNotFound || reason == Reason::kConflict);
}

Cure cure_of(Reason reason) {
  switch (reason) {
    case Reason::kAlreadyExists:  // of what is written once: the other object stays
    case Reason::kNotFound:       // the kind or the namespace: it does not come by itself
      return Cure::kChange;
    default:
      return base::is_permanent(reason) ? Cure::kChange : Cure::kTime;
  }
}

net::Request get_metadata(const object::Write& write) {
  return kube::get(kind_of(write), key_of(write), kube::View::kMetadata);
}

}  // namespace

Applier::Pass::Pass(Applier& applier, const object::Key& owner, const object::Ownership& ownership,
                    std::stop_token stop)
    : applier_(applier), owner_(owner), ownership_(ownership), stop_(std::move(stop)) {}

std::vector<Outcome> Applier::Pass::run(std::vector<object::Write> writes) {
  jobs_.reserve(writes.size());
  for (auto& write : writes) start(jobs_.emplace_back(job_of(std::move(write))));
  for (const Stage stage :
       {Stage::kLook, Stage::kAskRival, Stage::kReadManagers, Stage::kMoveFields, Stage::kSend,
        Stage::kReadItems, Stage::kRemoveItems, Stage::kSendAgain}) {
    exchange(stage);
  }
  std::vector<Outcome> outcomes;
  outcomes.reserve(jobs_.size());
  for (auto& job : jobs_) outcomes.push_back(std::move(job.outcome));
  return outcomes;
}

// --- From stage to stage.

Applier::Pass::Job Applier::Pass::job_of(object::Write write) const {
  Job job{.write = std::move(write)};
  const object::Kind& kind = kind_of(job.write);
  const object::Key& key = key_of(job.write);
  job.id = {.kind = &kind, .key = key, .verb = job.write.index(), .owner = owner_};
  job.content = content_of(job.write);
  if (auto* wanted = std::get_if<object::Wanted>(&job.write)) annotate(wanted->body, job.content);
  if (!std::holds_alternative<object::RemoveByName>(job.write)) {
    job.watched = applier_.catalog_.find(kind);
    job.stored = job.watched->store.get(key);
  }
  job.live = job.stored;
  job.outcome.record = job.live;
  return job;
}

void Applier::Pass::start(Job& job) {
  const auto* unwanted = std::get_if<object::Unwanted>(&job.write);
  if (unwanted != nullptr && !is_to_be_deleted(*unwanted, job.stored)) {
    return job.done(Outcome::What::kUnchanged);
  }
  if (waits(job)) return;
  if (!std::holds_alternative<object::Wanted>(job.write)) return send(job);
  if (job.live) return consider(job);
  job.next(Stage::kLook, kube::get(*job.id.kind, job.id.key));
}

// A wanted object that is there.
void Applier::Pass::consider(Job& job) {
  const auto& wanted = std::get<object::Wanted>(job.write);
  Decision decision = decide(wanted, job.content, *job.live, ownership_,
                             applier_.memory_.settled(job.id, job.content, *job.live));
  switch (decision.what) {
    case Decision::What::kLeave:
      applier_.metrics_.unchanged.increment();
      return job.done(Outcome::What::kUnchanged);
    case Decision::What::kForeign:
      applier_.metrics_.foreign.increment();
      job.outcome.record = nullptr;
      return back_off(job, foreign_error(wanted, *job.live, ownership_), Cure::kChange);
    case Decision::What::kAwaitDeletion:
      return await_deletion(job);
    case Decision::What::kApply:
      break;
  }
  if (!decision.taken.empty() &&
      applier_.memory_.fighting(job.id, decision.taken, base::Clock::now())) {
    job.taken = std::move(decision.taken);
    return job.next(Stage::kAskRival, get_metadata(job.write));
  }
  // Once we have applied it this is not asked again, so nothing is applied before it succeeds.
  if (decision.never_applied && !applier_.options_.legacy_managers.empty()) {
    return job.next(Stage::kReadManagers, get_metadata(job.write));
  }
  send(job);
}

void Applier::Pass::send(Job& job, Stage stage) const {
  job.next(stage, request_of(job.write, manager()));
}

void Applier::Pass::exchange(Stage stage) {
  std::vector<Job*> asking;
  std::vector<net::Request> requests;
  for (auto& job : jobs_) {
    if (job.stage != stage) continue;
    const bool reads = job.request.method == net::Method::kGet;
    if (!reads && !job.writing && job.watched != nullptr) {
      job.writing.emplace(job.watched->store, job.id.key);
    }
    asking.push_back(&job);
    requests.push_back(std::move(job.request));
  }
  if (asking.empty()) return;
  const auto answers = applier_.client_.send_all(std::move(requests), stop_);
  for (std::size_t i = 0; i < asking.size(); ++i) answered(*asking[i], answers[i]);
}

void Applier::Pass::answered(Job& job, const Answer& answer) {
  switch (job.stage) {
    case Stage::kLook:
      return looked(job, answer);
    case Stage::kAskRival:
      return asked_rival(job, answer);
    case Stage::kReadManagers:
      return read_managers(job, answer);
    case Stage::kMoveFields:
      return moved_fields(job, answer);
    case Stage::kSend:
    case Stage::kSendAgain:
      return sent(job, answer);
    case Stage::kReadItems:
      return read_items(job, answer);
    case Stage::kRemoveItems:
      return removed_items(job, answer);
    case Stage::kDone:
      return;
  }
}

void Applier::Pass::looked(Job& job, const Answer& answer) {
  if (!answer && answer.error().reason == Reason::kNotFound) return send(job);
  auto record = answer ? read(job, answer->body) : std::unexpected(answer.error());
  if (!record) return fail(job, "looking for", record.error());
  job.live = std::move(*record);
  job.outcome.record = job.live;
  consider(job);
}

void Applier::Pass::asked_rival(Job& job, const Answer& answer) {
  const auto& wanted = std::get<object::Wanted>(job.write);
  const auto live = answer ? json::parse(answer->body) : std::unexpected(answer.error());
  const std::string rival =
      rival_of(job.taken, wanted.body, live.value_or(nullptr), manager(), applier_.catalog_.pool());
  Error error{.reason = Reason::kConflict,
              .message = fmt::format(
                  "{}: \"{}\" takes {} again after each of our writes; left alone for a while",
                  name_of(*wanted.kind, wanted.key), rival, job.taken)};
  applier_.metrics_.fights.with({wanted.kind->resource(), job.taken, rival}).increment();
  applier_.log_.warn("another manager undoes our writes", error);
  const auto wait = applier_.memory_.lost(job.id, attempt(job), error, base::Clock::now());
  job.failed(Outcome::What::kWaiting, std::move(error), wait);
}

void Applier::Pass::read_managers(Job& job, const Answer& answer) {
  const auto live = answer ? json::parse(answer->body) : std::unexpected(answer.error());
  if (!live) return fail(job, "taking over", live.error());
  const auto patch = adoption_patch(*live, applier_.options_.legacy_managers, manager());
  if (patch.empty()) return send(job);
  job.next(Stage::kMoveFields,
           kube::json_patch(*job.id.kind, job.id.key, boost::json::serialize(patch), manager()));
}

void Applier::Pass::moved_fields(Job& job, const Answer& answer) {
  if (!answer) return fail(job, "taking over", answer.error());
  note(job, *answer);
  send(job);
}

void Applier::Pass::sent(Job& job, const Answer& answer) {
  if (answer) return written(job, *answer);
  const bool stuck = job.stage == Stage::kSend && job.live && refuses_removal(answer.error());
  if (!stuck || !std::holds_alternative<object::Wanted>(job.write)) {
    return refused(job, answer.error());
  }
  job.refusal = answer.error();
  job.next(Stage::kReadItems, kube::get(*job.id.kind, job.id.key));
}

void Applier::Pass::read_items(Job& job, const Answer& answer) {
  const auto live = answer ? json::parse(answer->body) : std::unexpected(answer.error());
  if (!live) return refused(job, *job.refusal);
  const auto& wanted = std::get<object::Wanted>(job.write);
  const auto patch = removal_patch(*live, job.live->owned, wanted.body, job.live->uid);
  if (patch.empty()) return refused(job, *job.refusal);
  job.next(Stage::kRemoveItems,
           kube::json_patch(*job.id.kind, job.id.key, boost::json::serialize(patch), manager()));
}

void Applier::Pass::removed_items(Job& job, const Answer& answer) {
  if (!answer) return refused(job, *job.refusal);
  note(job, *answer);
  send(job, Stage::kSendAgain);
}

// --- What became of it.

// An answer of success to the write itself.
void Applier::Pass::written(Job& job, const net::Response& answer) {
  const bool by_name = std::holds_alternative<object::RemoveByName>(job.write);
  if (by_name || std::holds_alternative<object::Unwanted>(job.write)) return deleted(job, answer);
  auto record = read(job, answer.body);
  if (!record) return refused(job, record.error());
  job.writing->answered(*record);
  job.outcome.record = *record;
  remember(job, **record);
  const bool moved = !job.live || job.live->resource_version != (*record)->resource_version;
  job.done(answer.status == 201 ? Outcome::What::kCreated
           : moved              ? Outcome::What::kUpdated
                                : Outcome::What::kUnchanged);
}

void Applier::Pass::deleted(Job& job, const net::Response& answer) {
  job.outcome.record = nullptr;
  if (job.watched != nullptr) {
    // Usually a Status; the object itself where finalizers keep it.
    if (auto record = read(job, answer.body); record && (*record)->terminating) {
      job.writing->answered(*record);
      job.outcome.record = std::move(*record);
    } else {
      job.writing->deleted(job.content);
    }
  }
  forget(job);
  job.done(Outcome::What::kDeleted);
}

void Applier::Pass::refused(Job& job, const Error& error) {
  if (is_gone(job.write, error.reason)) {
    if (job.writing) job.writing->deleted(job.content);
    job.outcome.record = nullptr;
    forget(job);
    return job.done(Outcome::What::kUnchanged);
  }
  const bool deletes = std::holds_alternative<object::Unwanted>(job.write) ||
                       std::holds_alternative<object::RemoveByName>(job.write);
  fail(job, deletes ? "deleting" : "writing", error);
}

// The object is gone: whatever was written to it is not written any more.
void Applier::Pass::forget(const Job& job) {
  WriteId id = job.id;
  for (id.verb = 0; id.verb < std::variant_size_v<object::Write>; ++id.verb) {
    applier_.memory_.forget(id);
  }
}

void Applier::Pass::await_deletion(Job& job) {
  Error error{.reason = Reason::kConflict,
              .message = name_of(*job.id.kind, job.id.key) +
                         " is being deleted; it is created again when it is gone"};
  // What the store does not have, nobody tells of: look again soon, then ever slower.
  const auto wait = job.stored
                        ? kAwaitDeletion
                        : applier_.memory_.failed(job.id, attempt(job), nullptr, error,
                                                  Cure::kChange, base::Clock::now(), job.live);
  job.failed(Outcome::What::kWaiting, std::move(error), wait);
}

// The answer to a write before the last one of this job. What the store lacks is left out of it: as
// long as it does not carry our labels, the watch would never correct it.
void Applier::Pass::note(Job& job, const net::Response& answer) const {
  auto record = read(job, answer.body);
  if (!record) return;
  job.live = std::move(*record);
  job.outcome.record = job.live;
  if (!job.stored) return;
  job.writing->answered(job.live);
  job.stored = job.live;
}

// True where an earlier failure of the same attempt is backing off.
bool Applier::Pass::waits(Job& job) const {
  auto waiting = applier_.memory_.waiting(job.id, attempt(job), job.stored, base::Clock::now());
  if (!waiting) return false;
  if (!job.stored) job.outcome.record = std::move(waiting->found);
  job.failed(Outcome::What::kWaiting, std::move(waiting->error), waiting->remaining);
  return true;
}

void Applier::Pass::fail(Job& job, std::string_view doing, const Error& cause) {
  back_off(job, cause.wrap(fmt::format("{} {}", doing, name_of(*job.id.kind, job.id.key))),
           cure_of(cause.reason));
}

void Applier::Pass::back_off(Job& job, const Error& error, Cure cure) {
  const std::string kind = job.id.kind->resource();
  const std::string object = job.id.key.to_string();
  const auto now = base::Clock::now();
  applier_.metrics_.failures.with({kind, base::to_string(error.reason)}).increment();
  // Of a lost lease the manager tells, once for all that was under way.
  const bool told_elsewhere = error.reason == base::Reason::kNotLeader;
  if (const auto held_back =
          told_elsewhere ? std::nullopt : applier_.warnings_.admit(kind + object, now)) {
    applier_.log_.warn("a write failed", error,
                       {{"kind", kind}, {"object", object}, {"heldBack", *held_back}});
  }
  const auto wait = applier_.memory_.failed(job.id, attempt(job), job.stored, error, cure, now);
  job.failed(Outcome::What::kFailed, error, wait);
}

void Applier::Pass::remember(const Job& job, const object::Record& after) {
  const auto* wanted = std::get_if<object::Wanted>(&job.write);
  const bool complete =
      wanted == nullptr || (after.applied_hash == job.content &&
                            object::compare_ownership(wanted->body, after.owned).empty());
  applier_.memory_.succeeded(job.id, job.content, after, complete, base::Clock::now());
}

base::Result<object::RecordPtr> Applier::Pass::read(const Job& job, std::string_view body) const {
  auto value = json::parse(body, job.watched->projection.filter);
  if (!value) return std::unexpected(std::move(value.error()));
  return object::read_record(*value, job.watched->projection, applier_.catalog_.pool());
}

// What is tried: another content, or a change of the owner, makes it a new attempt.
std::string Applier::Pass::attempt(const Job& job) const {
  return job.content + "@" + std::to_string(ownership_.generation);
}

}  // namespace runtime
