#pragma once
// Which of several processes leads: the one that holds a Lease (R42, R43). Pure: `step` never
// blocks, sleeps or does I/O; a driver (leader_elector.h) performs the effects and feeds the
// results back.
//
// It goes by client-go's protocol, so that both may share one Lease, and is stricter where that
// would let two write:
// - A term is known by its acquireTime, not by the holder's name alone: two processes with one
//   identity do not share a term.
// - A lease that was deleted, or whose holder somebody cleared by hand, is taken no sooner than one
//   that ran out. Only a release (no holder, a duration of 1 s) is taken at once.
// - The leader's time counts from before its renewal was sent.
// Why no two write, and when they could: docs/adr/0009.

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "runtime/lease.h"

namespace runtime {

// One process's part in an election. Not thread-safe.
class Election {
 public:
  using TimePoint = base::BootClock::time_point;

  // `at` decides, `wall` is only written into the Lease.
  struct Now {
    TimePoint at;
    base::WallClock::time_point wall;
  };

  // ---- Inputs: what the driver tells.

  struct Start {};
  // What a Get was answered with; nothing where there is no such Lease.
  struct Read {
    base::Result<std::optional<Lease>> lease;
  };
  // What a Put was answered with.
  struct Written {
    base::Result<Lease> lease;
  };
  // What the watch told: the Lease as it is now, or was when it was deleted. At any time.
  struct Seen {
    Lease lease;
    bool deleted = false;
  };
  // The time of the last SetTimer has come.
  struct Timer {};
  // Nothing more will be written by this process: give the lease back, until `give_up`.
  struct Resign {
    TimePoint give_up;
  };
  using Input = std::variant<Start, Read, Written, Seen, Timer, Resign>;

  // ---- Effects: what the driver does, in their order. At most one Get or Put is outstanding; the
  // driver answers it after `timeout` at the latest.

  struct Get {
    std::chrono::milliseconds timeout;
  };
  // Write the spec over the Lease of that version; without one, create it.
  struct Put {
    LeaseSpec spec;
    std::optional<std::uint64_t> version;
    std::chrono::milliseconds timeout;
  };
  // Feed Timer at this time. Replaces the timer that was set before.
  struct SetTimer {
    TimePoint at;
  };
  // This process leads, or goes on leading, until then.
  struct Lead {
    TimePoint until;
  };
  // From now on this process must not write. The last effect but a release and End.
  struct StepDown {};
  // A renewal had to look first: somebody else has written the Lease, or an answer was lost.
  struct SlowPath {};
  // It is over; every later input is ignored. With the error that ended this process's term; none
  // after Resign.
  struct End {
    std::optional<base::Error> lost;
  };
  using Effect = std::variant<Get, Put, SetTimer, Lead, StepDown, SlowPath, End>;
  using Effects = std::vector<Effect>;

  // `identity` names this process and no other one; `times` were checked; `random` outlives this
  // object.
  Election(std::string identity, LeaseTimes times, base::RandomSource& random);

  [[nodiscard]] Effects step(Input input, Now now);

 private:
  enum class Phase { kIdle, kCandidate, kLeading, kResigning, kEnded };
  enum class Pending { kNothing, kGet, kPut };

  void on(Start, Now now);
  void on(Read&& read, Now now);
  void on(Written&& written, Now now);
  void on(const Seen& seen, Now now);
  void on(Timer, Now now);
  void on(const Resign& resign, Now now);

  void observe(const std::optional<Lease>& lease, TimePoint now);
  void read_as_candidate(Now now);
  void read_as_leader(Now now);
  void read_while_resigning(Now now);
  void led(Now now);
  void renewal_failed(const base::Error& error, TimePoint now);
  void wait(TimePoint now);
  void wait_as_candidate(TimePoint now);
  void finish();
  void lose(std::string why);

  void get(TimePoint now);
  void acquire(Now now);
  void renew(Now now);
  void release(Now now);
  void put(LeaseSpec spec, TimePoint now);
  [[nodiscard]] std::chrono::milliseconds timeout(TimePoint now) const;

  // The term that `spec` tells of is ours.
  [[nodiscard]] bool ours(const LeaseSpec& spec) const;
  // When a candidate may take the lease that is known.
  [[nodiscard]] TimePoint free_at() const;

  const std::string identity_;
  const LeaseTimes times_;
  base::RandomSource& random_;
  Phase phase_ = Phase::kIdle;
  Effects effects_;  // of the step

  // What the API server said last, and since when by our clock it says that, or that there is no
  // Lease any more: what was in it is remembered.
  std::optional<LeaseSpec> spec_;
  TimePoint since_;
  std::optional<std::uint64_t> version_;  // none: there is no Lease
  // The watch has told all that is known; while it has not, a candidate polls.
  bool told_ = false;

  // acquireTime of the term that we have written or, where an answer was lost, may have.
  std::optional<std::string> term_;
  bool acquiring_ = false;  // the last Put begins the term
  bool in_doubt_ = false;   // the answer to the last Put was lost
  TimePoint deadline_;      // of leading, or of resigning
  bool looked_ = false;     // this renewal has taken the slow path

  Pending pending_ = Pending::kNothing;
  TimePoint sent_at_;  // of the last request
};

}  // namespace runtime
