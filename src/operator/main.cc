#include "operator/main.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <malloc.h>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "base/names.h"
#include "base/uuid.h"
#include "base/version.h"
#include "capp/names.h"
#include "kube/config/discover.h"
#include "kube/config/file.h"
#include "operator/cluster_domain.h"
#include "operator/flags.h"
#include "operator/operator.h"
#include "operator/webhooks.h"
#include "runtime/manager.h"
#include "telemetry/log/encoder.h"
#include "telemetry/log/sink.h"

namespace op {
namespace {

using telemetry::log::Logger;

// As Go names it, for the user agent.
#if defined(__aarch64__)
constexpr const char* kArchitecture = "arm64";
#else
constexpr const char* kArchitecture = "amd64";
#endif

// reportingController of events (behaviour 2, "Events").
constexpr const char* kReportingController = "container-app-controller";
// The Lease by which replicas agree on one that works (behaviour 6).
constexpr const char* kLeaseName = "c1382367.dana.io";
constexpr const char* kDefaultNamespace = "capp-operator-system";

// SIGTERM and SIGINT, taken by a thread that waits for them. Blocked in every other thread: made
// before any starts.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    for (const int signal : {SIGTERM, SIGINT, SIGUSR1}) sigaddset(&set_, signal);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    // A log reader or a peer that went away is an error of write(), not the end of the process.
    std::signal(SIGPIPE, SIG_IGN);
    waiter_ = std::jthread([this] { wait(); });
  }
  ~Signals() { pthread_kill(waiter_.native_handle(), SIGUSR1); }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }

 private:
  void wait() {
    for (int received = 0;;) {
      int signal = 0;
      sigwait(&set_, &signal);
      if (signal == SIGUSR1) return;
      if (++received > 1) std::_Exit(128 + signal);
      stop_.request_stop();
    }
  }

  sigset_t set_{};
  std::stop_source stop_;
  std::jthread waiter_;
};

Logger make_logger(const Flags& flags) {
  using namespace telemetry::log;
  auto encoder = flags.ecs_logging
                     ? ecs_encoder({.name = "capp-operator", .version = base::kVersion})
                     : console_encoder();
  return Logger({.sink = std::make_shared<FdSink>(STDERR_FILENO),
                 .encoder = std::move(encoder),
                 .level = level_of_verbosity(flags.log_verbosity)});
}

// The pod's name where there is one.
std::string host_name() {
  char host[256] = {};
  gethostname(host, sizeof host - 1);
  return host;
}

std::optional<runtime::LeaderElectionOptions> leader_election(const Flags& flags,
                                                              const std::string& ns) {
  if (!flags.leader_elect) return std::nullopt;
  return runtime::LeaderElectionOptions{
      .lease = {.ns = ns, .name = kLeaseName},
      // Two processes on one host are two.
      .identity = fmt::format("{}_{}", host_name(), base::random_uuid()),
      .field_manager = std::string(capp::kFieldManager),
      .times = flags.lease};
}

std::optional<runtime::SecureMetrics> secure_metrics(const MetricsFlags& flags) {
  if (!flags.secure) return std::nullopt;
  const CertificateFlags& files = flags.certificate;
  if (files.path.empty()) return runtime::SecureMetrics{};
  return runtime::SecureMetrics{
      .certificate = runtime::CertificateFilesOptions{
          .directory = files.path, .certificate = files.name, .key = files.key}};
}

// --namespace, else the pod's own, else the default of the installation. The pod says it itself: a
// kubeconfig in a pod may name another one.
std::string operator_namespace(const Flags& flags) {
  if (!flags.ns.empty()) return flags.ns;
  const kube::ConfigOptions defaults;
  const auto own = kube::read_file(defaults.service_account_dir + "/namespace", 1024);
  return own && base::is_dns1123_label(*own) ? *own : kDefaultNamespace;
}

base::Result<void> serve(const Flags& flags, const Logger& log, const std::stop_token& stop) {
  const auto environment = kube::process_environment();
  auto config = kube::discover_config({.kubeconfig = flags.kubeconfig}, environment);
  if (!config) return std::unexpected(std::move(config.error()));
  const OperatorOptions options{.ns = operator_namespace(flags),
                                .workers = flags.max_concurrent_reconciles,
                                .dns_api = flags.dns_api,
                                .admission = {.cluster_domain = cluster_domain(),
                                              .resolve = flags.check_dns ? resolve : nullptr}};
  const std::string user_agent = fmt::format("capp-operator/{} (linux/{}) {}", base::kVersion,
                                             kArchitecture, base::kGitCommit);
  log.info("starting", {{"version", base::kVersion},
                        {"git", base::kGitCommit},
                        {"apiServer", config->server.host},
                        {"config", config->origin},
                        {"operatorNamespace", options.ns}});
  auto manager = runtime::Manager::create(
      {.config = *config,
       .user_agent = user_agent,
       .applier = {.field_manager = std::string(capp::kFieldManager),
                   .legacy_managers = {std::string(capp::kLegacyFieldManager)},
                   .memory = {}},
       .metrics_address = flags.metrics_bind_address,
       .secure_metrics = secure_metrics(flags.metrics),
       .probe_address = flags.health_probe_bind_address,
       .events = {.controller = kReportingController,
                  .instance = fmt::format("{}-{}", kReportingController, host_name())},
       .leader_election = leader_election(flags, options.ns)},
      log);
  if (!manager) return std::unexpected(std::move(manager.error()));
  net::Loop admission_loop;
  auto admission_client = kube::Client::connect(
      admission_loop, *std::move(config),
      {.user_agent = user_agent + "/admission", .max_in_flight = Admission::kMaxInFlight},
      (*manager)->metrics(), log);
  if (!admission_client) return std::unexpected(std::move(admission_client.error()));
  Operator capp_operator(**manager, **admission_client, options);
  if (webhooks_enabled(environment)) {
    serve_webhooks(**manager, flags.webhook, options.ns, capp_operator.admission_handlers());
  }
  return (*manager)->run(stop);
}

}  // namespace

int run(const std::vector<std::string>& arguments) {
  auto parsed = parse_flags(arguments);
  if (const auto* exit = std::get_if<Exit>(&parsed)) {
    std::fputs(exit->text.c_str(), exit->code == 0 ? stdout : stderr);
    return exit->code;
  }
  const Flags& flags = std::get<Flags>(parsed);
  // Sixteen workers would get an arena each; two are as fast here and keep freed memory together.
  mallopt(M_ARENA_MAX, 2);
  const Signals signals;
  const Logger log = make_logger(flags);
  const auto served = serve(flags, log, signals.token());
  if (served) return 0;
  log.error("ending", served.error());
  return 1;
}

}  // namespace op
