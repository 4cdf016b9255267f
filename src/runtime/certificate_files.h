#pragma once
// A certificate and its key in files that are replaced while we run, by the kubelet or by hand
// (R49).

#include <chrono>
#include <stop_token>
#include <string>
#include <thread>

#include "base/error.h"
#include "base/mutex.h"
#include "net/tls.h"
#include "runtime/certificate_source.h"
#include "runtime/directory_watch.h"
#include "telemetry/log/logger.h"
#include "telemetry/metrics/registry.h"

namespace runtime {

struct CertificateFilesOptions {
  std::string directory;
  std::string certificate = "tls.crt";  // a chain, the server's own first
  std::string key = "tls.key";
  // How often the files are read though nobody said that they changed: controller-runtime's.
  std::chrono::milliseconds poll_period = std::chrono::seconds(10);
};

// Reads the pair when something in its directory changes, and at every poll: inotify alone misses
// what is behind a symbolic link (controller-runtime#2182). A pair that is not valid now, or that
// `changed` does not take, is tried again at every poll; the one before it stays. Files that are
// not there yet are no error; one without the other is.
//
// Counts as controller-runtime's certwatcher, all sources of a process together:
// certwatcher_read_certificate_total, certwatcher_read_certificate_errors_total.
class CertificateFiles final : public CertificateSource {
 public:
  // The registry outlives it.
  CertificateFiles(CertificateFilesOptions options, telemetry::metrics::Registry& metrics,
                   const telemetry::log::Logger& log);
  ~CertificateFiles() override;

  void start(CertificateChanged changed) override;
  [[nodiscard]] base::Result<void> last_look() const override CAPP_EXCLUDES(mutex_);
  void stop() override;

 private:
  void watch(const std::stop_token& stop);
  void read();
  base::Result<void> look();
  [[nodiscard]] base::Result<net::TlsOptions> load() const;
  base::Result<void> give(const net::TlsOptions& pair);
  void say(const base::Error& problem);

  const CertificateFilesOptions options_;
  const std::string certificate_path_;
  const std::string key_path_;
  telemetry::metrics::Counter& reads_;
  telemetry::metrics::Counter& errors_;
  telemetry::log::Logger log_;
  CertificateChanged changed_;
  // The pair in use; empty before the first.
  net::TlsOptions given_;
  // What was said last, so that a poll does not repeat it.
  std::string said_;
  mutable base::Mutex mutex_;
  base::Result<void> last_look_ CAPP_GUARDED_BY(mutex_);
  DirectoryWatch directory_;
  std::jthread thread_;
};

}  // namespace runtime
