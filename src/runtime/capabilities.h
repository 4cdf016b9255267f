#pragma once
// Which of the kinds in a catalog the cluster serves, and their reflectors (design 3.4).
//
// absent -> syncing -> ready -> lost. A metadata-only watch on CustomResourceDefinitions says when
// to look; aggregated discovery says what is there. Nothing waits for a kind that is absent. A
// discovery that fails changes no state, nor does one of a group that the API server cannot reach.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "base/random.h"
#include "kube/client.h"
#include "kube/discovery.h"
#include "net/loop.h"
#include "runtime/backoff.h"
#include "runtime/catalog.h"
#include "runtime/reflector_driver.h"

namespace runtime {

enum class Availability {
  kUnknown,  // nothing is discovered yet
  kAbsent,
  kSyncing,  // served; its store is not whole yet
  kReady,
  kLost,  // was there, and is gone; its store is empty
};
std::string_view to_string(Availability availability);

// Start and stop from any thread but io; all else happens on the io thread. The catalog must be
// complete.
class Capabilities {
 public:
  // Called on the io thread at each change of what of() or settled() say; must not block.
  using Changed = std::function<void(const WatchedKind&, Availability)>;

  Capabilities(net::Loop& loop, kube::Client& client, Catalog& catalog,
               telemetry::metrics::Registry& metrics, const telemetry::log::Logger& log,
               Changed changed);
  ~Capabilities();

  void start();
  // Returns when no reflector runs any more.
  void stop();

  // Thread-safe.
  [[nodiscard]] Availability of(const object::Kind& kind) const CAPP_EXCLUDES(mutex_);
  // Thread-safe: every kind is either ready, or known to be absent, or cannot be waited for: it is
  // refused to us (Forbidden), or the aggregated API that serves it is away.
  [[nodiscard]] bool settled() const CAPP_EXCLUDES(mutex_);
  // Thread-safe: the kinds whose streams are dead at `now`.
  [[nodiscard]] std::vector<const WatchedKind*> silent(base::Clock::time_point now) const;

  // See ReflectorDriver::admit_again. Any thread.
  void admit_again(const WatchedKind& kind, std::string index_value);

 private:
  struct Entry;
  class Discovery;

  // Runs fn on the io thread, unless stop() has run there before.
  void post(std::function<void()> fn);
  void start_on_loop();
  void stop_on_loop();
  void definition_changed(const Change& change);
  void discover();
  // Unless it is to happen sooner anyway.
  void discover_in(base::Clock::duration delay);
  void discovery_answered(std::uint64_t number);
  void discovered(const kube::ServedKinds& served);
  void discovery_failed(const base::Error& error);
  // True where the answer may be a passing one, and discovery is to be asked again soon.
  bool update(Entry& entry, bool listed, base::Clock::time_point now);
  void start_ready_to_start();
  void gone(Entry& entry);
  void not_served(Entry& entry);
  void failed(Entry& entry, const base::Error& error) CAPP_EXCLUDES(mutex_);
  void excuse(Entry& entry) CAPP_EXCLUDES(mutex_);
  void set(Entry& entry, Availability availability) CAPP_EXCLUDES(mutex_);
  [[nodiscard]] bool comes_untold(const Entry& entry) const;
  [[nodiscard]] bool defined(const object::Kind& kind) const;
  [[nodiscard]] bool served(std::string_view resource) const;

  net::Loop& loop_;
  kube::Client& client_;
  Catalog& catalog_;
  telemetry::log::Logger log_;
  telemetry::metrics::Family<telemetry::metrics::Gauge>& available_;
  Changed changed_;
  ReflectorMetrics metrics_;
  std::vector<std::unique_ptr<Entry>> entries_;
  std::unique_ptr<WatchedKind> definitions_;
  std::unique_ptr<ReflectorDriver> definitions_driver_;
  std::unique_ptr<Discovery> discovery_;  // under way, or ended in failure
  std::uint64_t discoveries_ = 0;
  base::SystemRandom random_;
  Backoff backoff_;
  net::Timer timer_;
  std::optional<base::Clock::time_point> discover_at_;
  bool definitions_unread_ = false;  // the watch that says when to look does not work
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  mutable base::Mutex mutex_;
};

}  // namespace runtime
