#include "kube/config/exec_credentials.h"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "kube/config/exec_credential.h"
#include "kube/config/process.h"

namespace kube {
namespace {

std::vector<std::string> environment_of(const ExecPlugin& plugin, Environment environment) {
  for (const auto& [name, value] : plugin.env) environment[name] = value.reveal();
  environment["KUBERNETES_EXEC_INFO"] = exec_info(plugin);
  std::vector<std::string> entries;
  for (const auto& [name, value] : environment)
    entries.push_back(fmt::format("{}={}", name, value));
  return entries;
}

// "exec plugin aws: it took too long", and for a missing one how to install it.
base::Error explain(const ExecPlugin& plugin, const base::Error& error) {
  std::string context = fmt::format("exec plugin {}", plugin.command);
  if (error.reason == base::Reason::kNotFound && !plugin.install_hint.empty()) {
    context += fmt::format(" ({})", plugin.install_hint);
  }
  return error.wrap(std::move(context));
}

base::Error exit_error(const ProcessResult& result) {
  return {
      .reason = base::Reason::kBadInput,
      .message = result.diagnostics.empty()
                     ? fmt::format("exit status {}", result.exit_status)
                     : fmt::format("exit status {}: {}", result.exit_status, result.diagnostics)};
}

Identity identity_of(const ExecCredential& credential) {
  Identity identity{.authorization = std::nullopt, .certificate = credential.certificate};
  if (!credential.token.reveal().empty()) {
    identity.authorization.emplace("Bearer " + credential.token.reveal());
  }
  return identity;
}

bool same(const ClientCertificate* a, const ClientCertificate* b) {
  return a != nullptr && b != nullptr && a->certificate_pem == b->certificate_pem &&
         a->key_pem == b->key_pem;
}

}  // namespace

ExecCredentials::ExecCredentials(ExecPlugin plugin, Environment environment,
                                 std::chrono::milliseconds timeout)
    : plugin_(std::move(plugin)),
      environment_(std::move(environment)),
      timeout_(timeout),
      thread_([this](std::stop_token stop) { run(std::move(stop)); }) {}

Identity ExecCredentials::current(base::Clock::time_point /*now*/) {
  const base::MutexLock lock(mutex_);
  return obtained_ ? obtained_->identity : Identity{};
}

bool ExecCredentials::usable(base::Clock::time_point now) const {
  return obtained_ && !rejected_ && (!obtained_->expires || now < *obtained_->expires);
}

base::Result<void> ExecCredentials::refresh(base::Clock::time_point now,
                                            base::Clock::time_point deadline,
                                            std::stop_token stop) {
  const std::stop_callback wake(stop, [this] {
    const base::MutexLock lock(mutex_);
    changed_.notify_all();
  });
  const base::MutexLock lock(mutex_);
  const std::uint64_t runs_before = runs_;
  while (!usable(now)) {
    // A failure is an answer; an old one is too, until the next run is due.
    if (problem_ && (runs_ > runs_before || now < schedule_.next_run())) {
      return std::unexpected(*problem_);
    }
    if (stop.stop_requested()) return base::fail(base::Reason::kCancelled, "stopped");
    if (changed_.wait_until(mutex_, deadline) == std::cv_status::timeout) {
      return base::fail(base::Reason::kTimeout,
                        fmt::format("exec plugin {} has not answered yet", plugin_.command));
    }
  }
  return {};
}

void ExecCredentials::unauthorized(base::Clock::time_point started_at) {
  const base::MutexLock lock(mutex_);
  if (!obtained_ || obtained_at_ >= started_at) return;
  rejected_ = true;
  schedule_.rejected(base::Clock::now());
  changed_.notify_all();
}

std::optional<base::Error> ExecCredentials::problem() const {
  const base::MutexLock lock(mutex_);
  return problem_;
}

bool ExecCredentials::wait_until_due(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto due = schedule_.next_run();
    if (base::Clock::now() >= due) return true;
    changed_.wait_until(mutex_, due);
  }
  return false;
}

void ExecCredentials::run(std::stop_token stop) {
  const std::stop_callback wake(stop, [this] {
    const base::MutexLock lock(mutex_);
    changed_.notify_all();
  });
  while (true) {
    {
      const base::MutexLock lock(mutex_);
      if (!wait_until_due(stop)) return;
    }
    auto obtained = obtain(stop);
    const base::MutexLock lock(mutex_);
    store(std::move(obtained), base::Clock::now());
    changed_.notify_all();
  }
}

base::Result<ExecCredentials::Obtained> ExecCredentials::obtain(std::stop_token stop) const {
  const ProcessOptions options{.program = plugin_.command,
                               .arguments = plugin_.args,
                               .environment = environment_of(plugin_, environment_)};
  const auto result = run_process(options, base::Clock::now() + timeout_, std::move(stop));
  if (!result) return std::unexpected(explain(plugin_, result.error()));
  if (result->exit_status != 0) return std::unexpected(explain(plugin_, exit_error(*result)));
  const auto now = base::WallClock::now();
  const auto credential = parse_exec_credential(result->output, plugin_.api_version, now);
  if (!credential) return std::unexpected(explain(plugin_, credential.error()));
  Obtained obtained{.identity = identity_of(*credential), .expires = std::nullopt};
  if (credential->expires) obtained.expires = base::Clock::now() + (*credential->expires - now);
  return obtained;
}

void ExecCredentials::store(base::Result<Obtained> obtained, base::Clock::time_point now) {
  ++runs_;
  if (!obtained) {
    problem_ = std::move(obtained.error());
    schedule_.failed(now);
    return;
  }
  // The same certificate keeps its identity, so that no connection is renewed for nothing.
  if (obtained_ &&
      same(obtained_->identity.certificate.get(), obtained->identity.certificate.get())) {
    obtained->identity.certificate = obtained_->identity.certificate;
  }
  schedule_.succeeded(now, obtained->expires);
  obtained_ = std::move(*obtained);
  obtained_at_ = now;
  rejected_ = false;
  problem_.reset();
}

}  // namespace kube
