#pragma once
// Performs what a Reflector decides: requests, streams and timers on the io thread, records into
// the store.

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/random.h"
#include "kube/client.h"
#include "kube/list_splitter.h"
#include "net/line_splitter.h"
#include "net/loop.h"
#include "runtime/catalog.h"
#include "runtime/reflector.h"
#include "runtime/wire_reader.h"
#include "telemetry/log/logger.h"
#include "telemetry/log/repeat_limiter.h"
#include "telemetry/metrics/registry.h"

namespace runtime {

struct ReflectorMetrics {
  explicit ReflectorMetrics(telemetry::metrics::Registry& registry);

  telemetry::metrics::Family<telemetry::metrics::Counter>& lists;       // by kind
  telemetry::metrics::Family<telemetry::metrics::Counter>& watches;     // by kind
  telemetry::metrics::Family<telemetry::metrics::Counter>& recoveries;  // by kind, recovery, cause
  telemetry::metrics::Family<telemetry::metrics::Counter>& events;      // by kind
};

// One kind's reflector at work. Everything happens on the io thread, start and stop included; only
// synced and silent_after may be asked from elsewhere. Stopped before it is destroyed.
class ReflectorDriver final : private net::StreamHandler {
 public:
  struct Hooks {
    std::function<void()> synced;  // the store holds the whole state for the first time
    std::function<void()> absent;  // the server does not have the kind (any more)
    std::function<void(const base::Error&)>
        failed;  // a request or stream failed; it will be tried again
  };

  // References outlive the driver.
  ReflectorDriver(net::Loop& loop, kube::Client& client, WatchedKind& kind,
                  object::OwnedSetPool& pool, ReflectorMetrics& metrics,
                  const telemetry::log::Logger& log, Hooks hooks);
  ~ReflectorDriver() override;

  void start();
  // Ends the stream; start() then begins anew with the whole state. The store keeps what it has.
  void stop();

  // What WatchedKind::admit refused under this index value may be admitted now: read the whole
  // state again if there was such a record.
  void admit_again(const std::string& index_value);

  // Thread-safe.
  [[nodiscard]] bool synced() const { return synced_; }
  // Thread-safe: when an open watch counts as dead, should nothing arrive until then; never where
  // none is open. The reflector gives a silent stream up well before: past this, nobody drives it.
  [[nodiscard]] base::Clock::time_point silent_after() const { return silent_after_; }

 private:
  void feed(Input input);
  void perform(List&& effect);
  void perform(Watch&& effect);
  void perform(CloseStream&&);
  void perform(SetTimer&& effect);
  void perform(Init&& effect);
  void perform(InitApply&& effect);
  void perform(InitDone&& effect);
  void perform(Apply&& effect);
  void perform(Delete&& effect);
  void perform(Synced&&);
  void perform(Absent&&);
  void perform(Report&& effect);
  void open(const net::Request& request);
  bool admitted(const object::Record& record);

  void on_open(const net::Response& head) override;
  void on_data(std::string_view chunk) override;
  void on_end(base::Result<net::Response> end) override;
  base::Result<void> on_item(std::string_view item);
  void on_line(std::string_view line);
  void list_failed(const base::Error& error);
  void end_list(base::Result<net::Response> end);
  base::Result<ListPage> read_page();
  void fail(base::Error error);
  void heard();

  net::Loop& loop_;
  kube::Client& client_;
  WatchedKind& kind_;
  ReflectorMetrics& metrics_;
  telemetry::metrics::Counter& event_count_;
  telemetry::log::Logger log_;
  telemetry::log::RepeatLimiter warnings_;
  Hooks hooks_;
  WireReader reader_;
  base::SystemRandom random_;
  std::optional<Reflector> reflector_;

  // Hashes of the index values of what was not admitted: 8 bytes for each foreign owner, not each
  // foreign object.
  std::unordered_set<std::size_t> refused_;
  // Counts the requests; what belongs to an earlier one is dropped.
  std::uint64_t request_ = 0;
  std::optional<kube::ListSplitter> list_;  // while the stream is a list
  std::vector<object::RecordPtr> page_;
  net::LineSplitter lines_;
  net::Timer timer_;

  bool busy_ = false;  // the API server has too many requests, since the last stream that it opened
  std::atomic<bool> synced_ = false;
  std::atomic<base::Clock::time_point> silent_after_ = base::Clock::time_point::max();
  base::Clock::time_point requested_at_;
  std::unique_ptr<net::Stream> stream_;  // last: it is closed before what its handler uses goes
};

}  // namespace runtime
