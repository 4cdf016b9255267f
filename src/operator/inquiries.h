#pragma once
// Asks the API server what no store has (capp/lookups.h), as seldom as it can: TLS Secrets that are
// not there yet, and the pods of a Revision that fails.

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <unordered_map>

#include <boost/json/array.hpp>

#include "base/mutex.h"
#include "capp/lookups.h"
#include "capp/world.h"
#include "kube/client.h"
#include "object/key.h"
#include "operator/ask_schedule.h"

namespace op {

// Thread-safe; for one Capp on one thread at a time (the queue's rule).
class Inquiries {
 public:
  explicit Inquiries(kube::Client& client) : client_(client) {}

  // Sets `world.answers`: asked now where that is due, else as they were. A question that the API
  // server refuses keeps its last answer. Returns after which time to come back for the next one;
  // empty where nothing is open.
  std::optional<std::chrono::milliseconds> answer(capp::World& world, const std::stop_token& stop)
      CAPP_EXCLUDES(mutex_);

  // The Capp is gone.
  void forget(const object::Key& capp) CAPP_EXCLUDES(mutex_);

 private:
  // Of one Capp with a question.
  struct Memory {
    AskSchedule tls_secret;
    AskSchedule pods;
    capp::Answers answers;
    Memory();
  };

  std::shared_ptr<Memory> memory_of(const object::Key& capp) CAPP_EXCLUDES(mutex_);
  void ask(const capp::TlsSecretLookup& lookup, Memory& memory, const std::stop_token& stop);
  void ask(const capp::PodsLookup& lookup, Memory& memory, const std::stop_token& stop);

  kube::Client& client_;
  base::Mutex mutex_;
  std::unordered_map<object::Key, std::shared_ptr<Memory>> memories_ CAPP_GUARDED_BY(mutex_);
};

}  // namespace op
