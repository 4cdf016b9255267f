#pragma once
// An API server reduced to one kind, and a driver that plays it against a reflector: in order, or
// with the faults that a test picks. What happens when is decided by a tape of numbers, so that a
// failure replays and shrinks.

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/reflector.h"
#include "tests/runtime/model.h"

namespace runtime::test {

class ModelServer {
 public:
  void put(const std::string& name);
  void remove(const std::string& name);
  // Forgets the events up to now: a watch from before is refused with 410.
  void compact() { compacted_ = version_; }
  void take_backup() { backup_ = {version_, objects_}; }
  // Goes back to the backup, as etcd does; versions are given out a second time.
  void restore();

  [[nodiscard]] std::uint64_t version() const { return version_; }
  [[nodiscard]] bool has_expired(std::uint64_t version) const { return version < compacted_; }
  [[nodiscard]] std::vector<object::RecordPtr> objects() const;
  // The first event after `version`; null if there is none.
  [[nodiscard]] const Event* next_event(std::uint64_t version) const;
  // "name@version", sorted.
  [[nodiscard]] std::set<std::string> content() const;

 private:
  using Objects = std::map<std::string, object::RecordPtr>;
  std::uint64_t version_ = 100;
  std::uint64_t compacted_ = 0;
  Objects objects_;
  std::map<std::uint64_t, Event> log_;
  std::pair<std::uint64_t, Objects> backup_{100, {}};
};

// Performs a reflector's effects on a ModelServer and a ModelStore, one input at a time.
class ModelDriver {
 public:
  ModelDriver(ModelServer& server, ReflectorOptions options);

  // The server answers as it should: the next part of what is outstanding, or the timer if nothing
  // is.
  void proceed();
  // What is outstanding fails; `choice` says how.
  void fail(std::uint8_t choice);
  // The server was restored: every connection breaks.
  void cut();
  // A bookmark on an open stream.
  void bookmark();
  // The timer fires when it is due.
  void wait();

  [[nodiscard]] const ModelStore& store() const { return store_; }
  [[nodiscard]] const State& state() const { return reflector_.state(); }
  // The stream is open and has brought all there is.
  [[nodiscard]] bool at_rest() const;
  // The newest version that the reflector passed on since its last whole state.
  [[nodiscard]] std::uint64_t newest() const { return newest_; }
  [[nodiscard]] int syncs() const { return syncs_; }
  [[nodiscard]] int relist_reports() const { return relist_reports_; }

 private:
  void feed(Input input);
  void take(const Effect& effect);
  void answer_list();
  void answer_watch();

  ModelServer& server_;
  FixedRandom random_{0.5};
  Reflector reflector_;
  ModelStore store_;
  base::Clock::time_point now_ = kStart;
  std::optional<base::Clock::time_point> timer_;
  std::optional<List> list_;
  std::optional<Watch> watch_;
  bool open_ = false;
  bool snapshot_sent_ = false;
  std::uint64_t position_ = 0;             // of the stream, or of the snapshot that is being sent
  std::deque<object::RecordPtr> pending_;  // of that snapshot
  std::uint64_t newest_ = 0;
  int syncs_ = 0;
  int relist_reports_ = 0;
};

}  // namespace runtime::test
