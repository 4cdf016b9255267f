#pragma once
// Makes objects as they are wanted, with as few requests as can be (design 3.1-3.3).
//
// An object is sent only where its hash annotation differs from the hash of what is wanted, or our
// set of owned fields from the fields wanted. Values are never compared: webhooks rewrite them.

#include <stop_token>
#include <string>
#include <vector>

#include "kube/client.h"
#include "object/wanted.h"
#include "runtime/catalog.h"
#include "runtime/write_memory.h"
#include "telemetry/log/logger.h"
#include "telemetry/log/repeat_limiter.h"
#include "telemetry/metrics/registry.h"

namespace runtime {

struct ApplierOptions {
  std::string field_manager;  // owner of every field that is written
  // Field managers of operators that this one replaces: what they set by updates becomes ours at
  // the first write.
  std::vector<std::string> legacy_managers;
  WriteMemoryOptions memory;
};

struct ApplierMetrics {
  explicit ApplierMetrics(telemetry::metrics::Registry& registry);

  // Fights over a field that were given up for a while, by kind, path and the other manager.
  telemetry::metrics::Family<telemetry::metrics::Counter>& fights;
  // Objects in the way of a wanted one that belong to somebody else.
  telemetry::metrics::Counter& foreign;
  // Writes that failed, by kind and reason.
  telemetry::metrics::Family<telemetry::metrics::Counter>& failures;
  // Writes that were not sent, since nothing differs.
  telemetry::metrics::Counter& unchanged;
};

// Thread-safe; each call belongs to one owner, and two calls never write the same object at a time
// (the queue's rule).
class Applier {
 public:
  Applier(kube::Client& client, Catalog& catalog, ApplierOptions options, ApplierMetrics& metrics,
          telemetry::log::Logger log);

  // Does the writes of `owner` side by side and returns what became of each, in their order. A
  // wanted object that its store lacks may be somebody else's: it is looked up before anything is
  // written. `ownership` decides about objects that are there already. Answers are in the stores
  // when this returns.
  std::vector<object::Outcome> run(const object::Key& owner, std::vector<object::Write> writes,
                                   const object::Ownership& ownership, std::stop_token stop);

  // The owner is gone: what is remembered of its writes goes too.
  void forget(const object::Key& owner) { memory_.forget_owner(owner); }
  // The kind came: what was refused while it went, or was not there, is tried at once. Any thread.
  void forget(const object::Kind& kind) { memory_.forget_kind(kind); }

 private:
  class Pass;  // applier_pass.h

  kube::Client& client_;
  Catalog& catalog_;
  ApplierOptions options_;
  ApplierMetrics& metrics_;
  telemetry::log::Logger log_;
  telemetry::log::RepeatLimiter warnings_;
  WriteMemory memory_;
};

}  // namespace runtime
