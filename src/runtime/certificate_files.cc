#include "runtime/certificate_files.h"

#include <utility>

#include <fmt/format.h>

#include "base/clock.h"
#include "kube/config/file.h"
#include "net/self_signed.h"

namespace runtime {
namespace {

using base::Reason;

// A chain of certificates has some 10 kB.
constexpr std::size_t kMaxBytes = 1024 * 1024;

base::Result<void> check_validity(const std::string& path, const std::string& pem) {
  const auto facts = net::read_certificates(pem);
  if (!facts) return std::unexpected(facts.error().wrap(path));
  if (facts->empty()) return base::fail(Reason::kTls, path + " holds no certificate");
  const auto& [not_before, not_after] = facts->front().validity;
  const auto now = base::WallClock::now();
  if (now < not_before) {
    return base::fail(Reason::kTls, fmt::format("the certificate in {} is not valid before {}",
                                                path, base::rfc3339(not_before)));
  }
  if (now > not_after) {
    return base::fail(Reason::kTls, fmt::format("the certificate in {} expired at {}", path,
                                                base::rfc3339(not_after)));
  }
  return {};
}

}  // namespace

CertificateFiles::CertificateFiles(CertificateFilesOptions options,
                                   telemetry::metrics::Registry& metrics,
                                   const telemetry::log::Logger& log)
    : options_(std::move(options)),
      certificate_path_(options_.directory + "/" + options_.certificate),
      key_path_(options_.directory + "/" + options_.key),
      reads_(metrics.counter("certwatcher_read_certificate_total",
                             "Total number of certificate reads")),
      errors_(metrics.counter("certwatcher_read_certificate_errors_total",
                              "Total number of certificate read errors")),
      log_(log.named("certwatcher")),
      directory_(options_.directory) {}

CertificateFiles::~CertificateFiles() {
  stop();
}

void CertificateFiles::start(CertificateChanged changed) {
  changed_ = std::move(changed);
  directory_.arm();
  read();
  thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
}

void CertificateFiles::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  directory_.wake();
  thread_.join();
}

void CertificateFiles::watch(const std::stop_token& stop) {
  while (true) {
    directory_.wait(options_.poll_period);
    if (stop.stop_requested()) return;
    read();
  }
}

base::Result<void> CertificateFiles::last_look() const {
  const base::MutexLock lock(mutex_);
  return last_look_;
}

void CertificateFiles::read() {
  auto looked = look();
  const base::MutexLock lock(mutex_);
  last_look_ = std::move(looked);
}

base::Result<void> CertificateFiles::look() {
  const auto pair = load();
  const bool none_yet = given_.certificate_pem.empty();
  if (none_yet && !pair && pair.error().reason == Reason::kNotFound) {
    say(pair.error());
    return {};
  }
  reads_.increment();
  auto given = pair ? give(*pair) : std::unexpected(pair.error());
  if (given) {
    said_.clear();
  } else {
    errors_.increment();
    say(given.error());
  }
  return given;
}

base::Result<net::TlsOptions> CertificateFiles::load() const {
  auto certificate = kube::read_file(certificate_path_, kMaxBytes);
  auto key = kube::read_file(key_path_, kMaxBytes);
  if (certificate.has_value() != key.has_value()) {
    // Not "none yet": one of them has another name than we were told.
    auto& lacking = certificate ? key.error() : certificate.error();
    return base::fail(Reason::kBadInput, lacking.describe());
  }
  if (!certificate) return std::unexpected(std::move(certificate.error()));
  return net::TlsOptions{.certificate_pem = std::move(*certificate),
                         .private_key_pem = std::move(*key)};
}

base::Result<void> CertificateFiles::give(const net::TlsOptions& pair) {
  if (pair.certificate_pem == given_.certificate_pem &&
      pair.private_key_pem == given_.private_key_pem) {
    return {};
  }
  if (auto valid = check_validity(certificate_path_, pair.certificate_pem); !valid) return valid;
  if (auto taken = changed_(pair); !taken) {
    return std::unexpected(
        taken.error().wrap(fmt::format("{} and {}", certificate_path_, key_path_)));
  }
  given_ = pair;
  return {};
}

void CertificateFiles::say(const base::Error& problem) {
  if (std::exchange(said_, problem.describe()) == problem.describe()) return;
  if (problem.reason == Reason::kNotFound && given_.certificate_pem.empty()) {
    log_.info("no certificate yet: it is used when it comes", {{"missing", problem.describe()}});
  } else {
    log_.warn(given_.certificate_pem.empty()
                  ? "a certificate cannot be used"
                  : "a certificate cannot be used: the one before it stays",
              problem);
  }
}

}  // namespace runtime
