#include "runtime/election.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/duration.h"

namespace runtime {
namespace {

// What a leader that ends leaves behind for the next one (client-go's release).
constexpr std::chrono::seconds kReleased{1};

// Given back, or never held. One that was cleared by hand keeps the duration of its holder, who may
// not know yet.
bool is_released(const LeaseSpec& spec) {
  return spec.holder.empty() && (spec.duration <= kReleased || spec.renewed.empty());
}

// The API server has not carried it out. Of 5xx, time-outs and broken connections nobody knows.
bool refused(const base::Error& error) {
  return error.http_code >= 400 && error.http_code < 500;
}

bool out_of_date(base::Reason reason) {
  return reason == base::Reason::kConflict || reason == base::Reason::kNotFound ||
         reason == base::Reason::kAlreadyExists;
}

}  // namespace

Election::Election(std::string identity, LeaseTimes times, base::RandomSource& random)
    : identity_(std::move(identity)), times_(times), random_(random) {}

Election::Effects Election::step(Input input, Now now) {
  effects_.clear();
  const bool late = now.at >= deadline_;
  if (late && phase_ == Phase::kLeading) {
    lose(fmt::format("the lease was not renewed for {}",
                     base::format_duration(times_.renew_deadline)));
  } else if (late && phase_ == Phase::kResigning) {
    finish();
  } else if (phase_ != Phase::kEnded) {
    std::visit([&](auto& what) { on(std::move(what), now); }, input);
  }
  return std::exchange(effects_, {});
}

void Election::on(Start, Now now) {
  phase_ = Phase::kCandidate;
  get(now.at);
}

void Election::on(Read&& read, Now now) {
  pending_ = Pending::kNothing;
  if (!read.lease) return wait(now.at);
  const std::optional<Lease>& lease = *read.lease;
  // The watch would have told, if it worked.
  if (lease && lease->spec != spec_) told_ = false;
  observe(lease, now.at);
  in_doubt_ = false;
  switch (phase_) {
    case Phase::kCandidate:
      return read_as_candidate(now);
    case Phase::kLeading:
      return read_as_leader(now);
    default:
      return read_while_resigning(now);
  }
}

void Election::read_as_candidate(Now now) {
  if (version_ && ours(*spec_)) return renew(now);
  if (free_at() > now.at) return wait(now.at);
  acquire(now);
}

void Election::read_as_leader(Now now) {
  if (version_ && !ours(*spec_)) {
    return lose(spec_->holder.empty() ? "somebody has taken the holder out of the lease"
                                      : fmt::format("the lease is held by {} since {}",
                                                    spec_->holder, spec_->acquired));
  }
  effects_.emplace_back(SlowPath{});
  renew(now);
}

void Election::read_while_resigning(Now now) {
  if (!version_ || !ours(*spec_)) return finish();
  release(now);
}

void Election::on(Written&& written, Now now) {
  pending_ = Pending::kNothing;
  if (written.lease) {
    observe(*written.lease, now.at);
    in_doubt_ = false;
    return led(now);
  }
  const base::Error& error = written.lease.error();
  in_doubt_ = in_doubt_ || !refused(error);
  // What was never written cannot be ours, should another process of this name have written it.
  if (acquiring_ && refused(error)) term_.reset();
  renewal_failed(error, now.at);
}

void Election::led(Now now) {
  if (phase_ == Phase::kResigning) return read_while_resigning(now);
  const TimePoint until = sent_at_ + times_.renew_deadline;
  // It was so long on its way that nothing is left of it.
  if (now.at >= until) return renew(now);
  phase_ = Phase::kLeading;
  deadline_ = until;
  looked_ = false;
  effects_.emplace_back(Lead{.until = until});
  wait(now.at);
}

void Election::renewal_failed(const base::Error& error, TimePoint now) {
  const bool look = out_of_date(error.reason) && phase_ != Phase::kCandidate && !looked_;
  if (!look) return wait(now);
  looked_ = true;
  get(now);
}

void Election::on(const Seen& seen, Now now) {
  if (version_ && seen.lease.version < *version_) return;
  told_ = true;
  const bool foreign = seen.deleted || !ours(seen.lease.spec);
  if (phase_ == Phase::kCandidate) {
    observe(seen.lease, now.at);
    if (seen.deleted) observe(std::nullopt, now.at);
    if (pending_ == Pending::kNothing) free_at() <= now.at ? get(now.at) : wait(now.at);
  } else if (phase_ == Phase::kLeading && foreign && pending_ == Pending::kNothing) {
    looked_ = true;
    get(now.at);
  }
}

void Election::on(Timer, Now now) {
  if (pending_ != Pending::kNothing) return;
  looked_ = false;
  if (phase_ == Phase::kLeading) return renew(now);
  get(now.at);
}

void Election::on(const Resign& resign, Now now) {
  const bool leading = phase_ == Phase::kLeading;
  if (leading) effects_.emplace_back(StepDown{});
  deadline_ = leading ? std::min(deadline_, resign.give_up) : resign.give_up;
  phase_ = Phase::kResigning;
  looked_ = false;
  if (pending_ != Pending::kNothing) return;
  in_doubt_ ? get(now.at) : read_while_resigning(now);
}

void Election::observe(const std::optional<Lease>& lease, TimePoint now) {
  const bool was_there = version_.has_value();
  version_ = lease ? std::optional(lease->version) : std::nullopt;
  // One that is gone may have been renewed until a moment ago.
  const bool news = lease ? lease->spec != spec_ : was_there;
  if (news) since_ = now;
  if (lease) spec_ = lease->spec;
}

bool Election::ours(const LeaseSpec& spec) const {
  return spec.holder == identity_ && spec.acquired == term_;
}

Election::TimePoint Election::free_at() const {
  if (!spec_ || is_released(*spec_)) return TimePoint::min();
  return since_ + patience(*spec_, times_);
}

void Election::finish() {
  phase_ = Phase::kEnded;
  effects_.emplace_back(End{});
}

void Election::lose(std::string why) {
  phase_ = Phase::kEnded;
  effects_.emplace_back(StepDown{});
  effects_.emplace_back(
      End{.lost = base::Error{.reason = base::Reason::kNotLeader, .message = std::move(why)}});
}

// Until the next attempt.
void Election::wait(TimePoint now) {
  if (phase_ == Phase::kCandidate) return wait_as_candidate(now);
  const TimePoint next = std::max(now, sent_at_ + times_.retry_period);
  effects_.emplace_back(SetTimer{.at = std::min(next, deadline_)});
}

void Election::wait_as_candidate(TimePoint now) {
  const auto pause = std::chrono::duration_cast<TimePoint::duration>(
      times_.retry_period * (1 + kLeaseJitter * random_.uniform()));
  const TimePoint poll = std::max(now, sent_at_ + pause);
  const TimePoint free = free_at();
  TimePoint next = poll;
  // A watch that has fallen silent costs no more than the time until then.
  if (free > now) next = told_ ? free : std::min(poll, free);
  effects_.emplace_back(SetTimer{.at = next});
}

std::chrono::milliseconds Election::timeout(TimePoint now) const {
  // Half of the deadline, as in controller-runtime: one that hangs leaves time for another.
  const auto usual = times_.renew_deadline / 2;
  if (phase_ == Phase::kCandidate) return usual;
  const auto left = std::chrono::floor<std::chrono::milliseconds>(deadline_ - now);
  return std::clamp(left, std::chrono::milliseconds(1), usual);
}

void Election::get(TimePoint now) {
  pending_ = Pending::kGet;
  sent_at_ = now;
  effects_.emplace_back(Get{.timeout = timeout(now)});
}

void Election::acquire(Now now) {
  term_ = base::rfc3339_micro(now.wall);
  acquiring_ = true;
  put({.holder = identity_,
       .duration = std::chrono::duration_cast<std::chrono::seconds>(times_.duration),
       .acquired = *term_,
       .renewed = *term_,
       .transitions = version_ ? spec_->transitions + 1 : 0},
      now.at);
}

void Election::renew(Now now) {
  acquiring_ = false;
  put({.holder = identity_,
       .duration = std::chrono::duration_cast<std::chrono::seconds>(times_.duration),
       .acquired = *term_,
       .renewed = base::rfc3339_micro(now.wall),
       .transitions = spec_->transitions},
      now.at);
}

void Election::release(Now now) {
  acquiring_ = false;
  const std::string at = base::rfc3339_micro(now.wall);
  put({.holder = {},
       .duration = kReleased,
       .acquired = at,
       .renewed = at,
       .transitions = spec_->transitions},
      now.at);
}

void Election::put(LeaseSpec spec, TimePoint now) {
  pending_ = Pending::kPut;
  sent_at_ = now;
  effects_.emplace_back(Put{.spec = std::move(spec), .version = version_, .timeout = timeout(now)});
}

}  // namespace runtime
