#pragma once
// One run of the applier: its writes, each on its way from stage to stage. Private to applier.cc.
//
// The stages are in one order for all, and each write goes through those that it needs:
//
//   look          a wanted object that the store lacks: is it there, and whose is it?
//   ask rival     a fight is given up: who takes the field again and again?
//   read managers, move fields
//                 first apply of an object that an older operator may have made
//   send          the write itself
//   read items, remove items, send again
//                 an apply that cannot drop a list (list_removal.h)
//
// The requests of one stage go out side by side. A write that needs fewer stages waits for the
// others before it is sent: reads are quicker than writes.
//
// What is to be done about an object is decided elsewhere (applier_decision.h), and so is what goes
// over the wire (write_request.h, adoption.h, list_removal.h, rival.h).

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "net/http.h"
#include "object/record.h"
#include "object/wanted.h"
#include "runtime/applier.h"
#include "runtime/catalog.h"
#include "runtime/store.h"
#include "runtime/write_memory.h"

namespace runtime {

// For one run, on one thread.
class Applier::Pass {
 public:
  Pass(Applier& applier, const object::Key& owner, const object::Ownership& ownership,
       std::stop_token stop);
  std::vector<object::Outcome> run(std::vector<object::Write> writes);

 private:
  using Answer = base::Result<net::Response>;

  enum class Stage {
    kLook,
    kAskRival,
    kReadManagers,
    kMoveFields,
    kSend,
    kReadItems,
    kRemoveItems,
    kSendAgain,
    kDone,  // `outcome` says it
  };

  // One write on its way.
  struct Job {
    object::Write write;
    WatchedKind* watched = nullptr;  // null for RemoveByName
    WriteId id{};
    std::string content{};       // of what is written; of a Wanted its hash
    object::RecordPtr stored{};  // what the store has, by what this job knows
    object::RecordPtr live{};    // what is known to be there: as stored, looked up or answered
    // The stage that `request` is for.
    Stage stage = Stage::kDone;
    net::Request request{};
    // From the first request that writes to the end of the pass.
    std::optional<Store::Write> writing{};
    std::string taken{};                   // the path of a fight
    std::optional<base::Error> refusal{};  // the 422 of an apply that cannot drop a list
    object::Outcome outcome{};

    void next(Stage of, net::Request what) {
      stage = of;
      request = std::move(what);
    }
    void done(object::Outcome::What what) {
      stage = Stage::kDone;
      outcome.what = what;
    }
    void failed(object::Outcome::What what, base::Error error, std::chrono::milliseconds again) {
      done(what);
      outcome.error = std::move(error);
      outcome.retry_after = again;
    }
  };

  // --- From stage to stage.

  [[nodiscard]] Job job_of(object::Write write) const;
  void start(Job& job);
  void consider(Job& job);
  void send(Job& job, Stage stage = Stage::kSend) const;
  void exchange(Stage stage);
  void answered(Job& job, const Answer& answer);
  void looked(Job& job, const Answer& answer);
  void asked_rival(Job& job, const Answer& answer);
  void read_managers(Job& job, const Answer& answer);
  void moved_fields(Job& job, const Answer& answer);
  void sent(Job& job, const Answer& answer);
  void read_items(Job& job, const Answer& answer);
  void removed_items(Job& job, const Answer& answer);

  // --- What became of it.

  void written(Job& job, const net::Response& answer);
  void deleted(Job& job, const net::Response& answer);
  void refused(Job& job, const base::Error& error);
  void forget(const Job& job);
  void await_deletion(Job& job);
  void note(Job& job, const net::Response& answer) const;
  bool waits(Job& job) const;
  void fail(Job& job, std::string_view doing, const base::Error& cause);
  void back_off(Job& job, const base::Error& error, Cure cure);
  void remember(const Job& job, const object::Record& after);

  [[nodiscard]] base::Result<object::RecordPtr> read(const Job& job, std::string_view body) const;
  [[nodiscard]] std::string attempt(const Job& job) const;
  [[nodiscard]] const std::string& manager() const { return applier_.options_.field_manager; }

  Applier& applier_;
  const object::Key& owner_;
  const object::Ownership& ownership_;
  std::stop_token stop_;
  std::vector<Job> jobs_;
};

}  // namespace runtime
