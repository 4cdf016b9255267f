#pragma once
// The configuration in force: read from its sources whenever one of them changes, the last good one
// kept.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "capp/config.h"
#include "runtime/catalog.h"
#include "runtime/event_recorder.h"
#include "telemetry/log/logger.h"

namespace op {

// Thread-safe.
class Configuration {
 public:
  // Adds the sources, objects of the operator's namespace `ns`, to the catalog.
  Configuration(runtime::Catalog& catalog, runtime::EventRecorder& events, const std::string& ns,
                const telemetry::log::Logger& log);

  // Called on the io thread after the configuration in force has changed.
  void on_change(std::function<void()> changed) { changed_ = std::move(changed); }

  [[nodiscard]] std::shared_ptr<const capp::Config> current() const CAPP_EXCLUDES(mutex_);

 private:
  void read() CAPP_EXCLUDES(mutex_);
  void report(const std::vector<capp::ConfigProblem>& problems);

  runtime::WatchedKind& defaults_;
  runtime::WatchedKind& fallback_;
  object::Key defaults_key_;
  object::Key fallback_key_;
  runtime::EventRecorder& events_;
  telemetry::log::Logger log_;
  std::function<void()> changed_;
  mutable base::Mutex mutex_;
  std::shared_ptr<const capp::Config> current_ CAPP_GUARDED_BY(mutex_);
};

}  // namespace op
