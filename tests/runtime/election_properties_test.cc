// Random histories of an API server, its network, and processes that want to lead (F18): whatever
// happens, no two may write at one time, and once the faults end one does.
//
// Clocks differ by an hour and run at rates that differ by 1 %; requests and answers are late, or
// lost, a request may be carried out long after its sender gave up; processes stand still for
// longer than a lease and die; two share one identity; people edit the Lease and delete it.
// Excluded is what docs/adr/0009 says cannot be survived: a deletion where a process never knew
// that there was a Lease, and an edit that looks like a release.

#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/election.h"

namespace runtime {
namespace {

using base::Reason;
using namespace std::chrono_literals;

using Time = std::chrono::microseconds;  // that of nobody's clock

class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed) {}

  void at(Time time, std::function<void()> what) { events_.emplace(time, std::move(what)); }
  void after(Time delay, std::function<void()> what) { at(now_ + delay, std::move(what)); }
  void run_until(Time end) {
    while (!events_.empty() && events_.begin()->first <= end) {
      auto event = events_.extract(events_.begin());
      now_ = event.key();
      event.mapped()();
    }
    now_ = end;
  }

  [[nodiscard]] Time now() const { return now_; }
  [[nodiscard]] std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  [[nodiscard]] bool one_in(std::uint64_t count) { return below(count) == 0; }
  [[nodiscard]] Time between(Time low, Time high) {
    return low + Time(below(static_cast<std::uint64_t>((high - low).count())));
  }

 private:
  std::mt19937_64 random_;
  std::multimap<Time, std::function<void()>> events_;
  Time now_{0};
};

base::Error answered(int code, Reason reason) {
  return {.reason = reason, .message = "refused", .http_code = code};
}

class Server {
 public:
  std::function<void(const Election::Seen&)> changed;

  [[nodiscard]] const std::optional<Lease>& lease() const { return lease_; }
  base::Result<Lease> put(const Election::Put& put) {
    if (!put.version && lease_) return std::unexpected(answered(409, Reason::kAlreadyExists));
    if (put.version && !lease_) return std::unexpected(answered(404, Reason::kNotFound));
    if (put.version && *put.version != lease_->version) {
      return std::unexpected(answered(409, Reason::kConflict));
    }
    return store(put.spec);
  }
  Lease store(const LeaseSpec& spec) {
    lease_ = Lease{.version = ++version_, .spec = spec};
    changed({.lease = *lease_});
    return *lease_;
  }
  void remove() {
    const Election::Seen seen{.lease = {.version = ++version_, .spec = lease_->spec},
                              .deleted = true};
    lease_.reset();
    changed(seen);
  }

 private:
  std::optional<Lease> lease_;
  std::uint64_t version_ = 0;
};

class Jitter final : public base::RandomSource {
 public:
  explicit Jitter(World& world) : world_(world) {}
  double uniform() override { return static_cast<double>(world_.below(1000)) / 1000; }

 private:
  World& world_;
};

class Process : public std::enable_shared_from_this<Process> {
 public:
  Process(World& world, Server& server, std::string identity, const bool& faults)
      : world_(world),
        server_(server),
        faults_(faults),
        jitter_(world),
        offset_(world.between(0s, 2h)),
        rate_(0.99 + static_cast<double>(world.below(21)) / 1000),
        election_(std::move(identity), {}, jitter_) {}

  void start() { feed(Election::Start{}); }
  void pause(Time time) { paused_until_ = std::max(paused_until_, world_.now() + time); }
  void kill() { killed_ = true; }

  // It has heard of the Lease, since that was made last.
  [[nodiscard]] bool knows() const { return knows_; }
  void forget() { knows_ = false; }
  [[nodiscard]] bool ended() const { return ended_ || killed_; }
  [[nodiscard]] bool may_write() const { return !ended() && local(world_.now()) < fence_; }
  void sees(const Election::Seen& seen) {
    if (!faults_ || !world_.one_in(4)) feed_after(delay(), seen);
  }

  std::function<void()> led;

 private:
  [[nodiscard]] Election::TimePoint local(Time time) const {
    const auto ticks = static_cast<std::int64_t>(static_cast<double>(time.count()) * rate_);
    return Election::TimePoint(offset_ + Time(ticks));
  }
  [[nodiscard]] Time from_local(Election::TimePoint time) const {
    const auto ticks = std::chrono::duration<double, std::micro>(time.time_since_epoch() - offset_);
    return std::max(world_.now(), Time(static_cast<std::int64_t>(ticks.count() / rate_) + 2));
  }
  Time delay() {
    if (faults_ && world_.one_in(20)) return world_.between(1s, 20s);
    return world_.between(1ms, 50ms);
  }
  bool lost() { return faults_ && world_.one_in(15); }

  void feed_after(Time delay, Election::Input input) {
    world_.after(delay,
                 [self = shared_from_this(), input = std::move(input)] { self->feed(input); });
  }

  void feed(const Election::Input& input) {
    if (ended()) return;
    if (world_.now() < paused_until_) return feed_after(paused_until_ - world_.now(), input);
    const auto* read = std::get_if<Election::Read>(&input);
    knows_ = knows_ || (read != nullptr && read->lease && *read->lease);
    const Election::Now now{
        .at = local(world_.now()),
        .wall = base::WallClock::time_point(local(world_.now()).time_since_epoch() + 500'000h)};
    for (const auto& effect : election_.step(input, now)) {
      std::visit([this](const auto& what) { perform(what); }, effect);
    }
  }

  // The answer, or none within the time-out.
  void exchange(std::chrono::milliseconds timeout,
                const std::function<Election::Input()>& carry_out, Election::Input no_answer) {
    const std::uint64_t request = ++request_;
    const auto answer = [self = shared_from_this(), request](const Election::Input& input) {
      if (self->request_ != request) return;
      ++self->request_;
      self->feed(input);
    };
    world_.at(from_local(local(world_.now()) + timeout),
              [answer, no_answer = std::move(no_answer)] { answer(no_answer); });
    if (lost()) return;
    world_.after(delay(), [this, self = shared_from_this(), answer, carry_out] {
      const Election::Input input = carry_out();
      if (!lost()) world_.after(delay(), [answer, input] { answer(input); });
    });
  }

  void perform(const Election::Get& get) {
    exchange(
        get.timeout, [this] { return Election::Read{.lease = server_.lease()}; },
        Election::Read{.lease = base::fail(Reason::kTimeout, "no answer")});
  }
  void perform(const Election::Put& put) {
    exchange(
        put.timeout, [this, put] { return Election::Written{.lease = server_.put(put)}; },
        Election::Written{.lease = base::fail(Reason::kTimeout, "no answer")});
  }
  void perform(const Election::SetTimer& timer) {
    world_.at(from_local(timer.at), [self = shared_from_this(), set = ++timers_] {
      if (self->timers_ == set) self->feed(Election::Timer{});
    });
  }
  void perform(const Election::Lead& lead) {
    fence_ = lead.until;
    led();
  }
  void perform(const Election::StepDown&) { fence_ = Election::TimePoint::min(); }
  void perform(const Election::SlowPath&) {}
  void perform(const Election::End&) { ended_ = true; }

  World& world_;
  Server& server_;
  const bool& faults_;
  Jitter jitter_;
  const Time offset_;
  const double rate_;
  Election election_;
  Election::TimePoint fence_ = Election::TimePoint::min();
  Time paused_until_{0};
  std::uint64_t request_ = 0;
  std::uint64_t timers_ = 0;
  bool knows_ = false;
  bool ended_ = false;
  bool killed_ = false;
};

// Three processes, two of them of one identity, with one server.
class History {
 public:
  explicit History(std::uint64_t seed) : world_(seed) {
    server_.changed = [this](const Election::Seen& seen) {
      for (const auto& process : processes_) process->sees(seen);
    };
    for (std::size_t i = 0; i < processes_.size(); ++i) begin(i);
    next_fault();
  }

  void run() {
    world_.run_until(120s);
    faults_ = false;
    replace_the_dead();
    // What is on its way, a pause, a holder of a minute that is found to be gone, and then a term.
    world_.run_until(120s + 180s);
  }

  [[nodiscard]] std::size_t writers() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        processes_, [](const auto& process) { return process->may_write(); }));
  }
  [[nodiscard]] std::size_t most_writers() const { return most_writers_; }
  [[nodiscard]] std::size_t renewals() const { return renewals_; }

 private:
  void begin(std::size_t slot) {
    auto& process = processes_.at(slot);
    process = std::make_shared<Process>(world_, server_, slot == 0 ? "a" : "b", faults_);
    process->led = [this] {
      ++renewals_;
      most_writers_ = std::max(most_writers_, writers());
    };
    process->start();
  }

  void replace_the_dead() {
    for (std::size_t i = 0; i < processes_.size(); ++i) {
      if (processes_.at(i)->ended() && world_.now() >= no_start_before_) begin(i);
    }
    world_.after(2s, [this] { replace_the_dead(); });
  }

  void next_fault() {
    world_.after(world_.between(100ms, 6s), [this] {
      if (!faults_) return;
      fault();
      next_fault();
    });
  }

  void fault() {
    const std::size_t slot = world_.below(processes_.size());
    switch (world_.below(8)) {
      case 0:
      case 1:
        return processes_.at(slot)->pause(world_.between(1s, 25s));
      case 2:
        return processes_.at(slot)->kill();
      case 3:
        if (world_.now() >= no_start_before_ && processes_.at(slot)->ended()) begin(slot);
        return;
      default:
        if (server_.lease()) edit(server_.lease()->spec);
    }
  }

  void edit(LeaseSpec spec) {
    switch (world_.below(6)) {
      case 0:
        server_.store(spec);  // a label
        return;
      case 1:
        spec.renewed = "edited at " + std::to_string(world_.now().count());
        break;
      case 2:
        spec.duration = std::chrono::seconds(2 + world_.below(60));
        break;
      case 3:
        if (spec.duration > 1s) spec.holder.clear();
        break;
      case 4:
        spec.holder = "somebody";
        spec.duration = 15s;
        break;
      default:
        return remove();
    }
    server_.store(spec);
  }

  void remove() {
    const bool all_know = std::ranges::all_of(
        processes_, [](const auto& process) { return process->ended() || process->knows(); });
    if (!all_know) return;
    for (const auto& process : processes_) process->forget();
    no_start_before_ = world_.now() + 30s;
    server_.remove();
  }

  World world_;
  Server server_;
  bool faults_ = true;
  std::array<std::shared_ptr<Process>, 3> processes_;
  Time no_start_before_{0};
  std::size_t most_writers_ = 0;
  std::size_t renewals_ = 0;
};

TEST(ElectionProperty, NeverTwoWriteAndInTheEndOneDoes) {
  std::size_t renewals = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    History history(seed);
    history.run();
    ASSERT_LE(history.most_writers(), 1U) << "seed " << seed;
    ASSERT_EQ(history.writers(), 1U) << "seed " << seed;
    renewals += history.renewals();
  }
  // It would hold as well if nobody ever led.
  EXPECT_GT(renewals, 2000U * 20);
}

}  // namespace
}  // namespace runtime
