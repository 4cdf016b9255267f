#include "runtime/applier.h"

#include <utility>

#include "runtime/applier_pass.h"

namespace runtime {

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

Applier::Applier(kube::Client& client, Catalog& catalog, ApplierOptions options,
                 ApplierMetrics& metrics, telemetry::log::Logger log)
    : client_(client),
      catalog_(catalog),
      options_(std::move(options)),
      metrics_(metrics),
      log_(std::move(log)),
      memory_(options_.memory) {}

std::vector<object::Outcome> Applier::run(const object::Key& owner,
                                          std::vector<object::Write> writes,
                                          const object::Ownership& ownership,
                                          std::stop_token stop) {
  return Pass(*this, owner, ownership, std::move(stop)).run(std::move(writes));
}

}  // namespace runtime
