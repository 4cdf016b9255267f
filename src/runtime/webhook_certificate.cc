#include "runtime/webhook_certificate.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "json/parse.h"
#include "kube/request.h"
#include "runtime/backoff.h"
#include "runtime/webhook_trust.h"

namespace runtime {
namespace {

using base::Reason;

// The first wait for a Secret that is not there yet, or after a failure; each further one is twice
// as long, up to the poll period. A replica that waits for the leader's Secret serves soon, and an
// API server that is away is not hammered.
constexpr std::chrono::milliseconds kFirstWait{500};

base::Result<boost::json::object> object_of(const net::Response& answer) {
  auto body = json::parse(answer.body);
  if (!body) return std::unexpected(std::move(body.error()));
  if (!body->is_object()) return base::fail(Reason::kProtocol, "the answer is no object");
  return std::move(body->as_object());
}

}  // namespace

WebhookCertificate::Metrics::Metrics(telemetry::metrics::Registry& registry)
    : renewals(registry.counters("runtime_webhook_certificate_renewals_total",
                                 "Certificates made for the webhooks: all, authority or serving.",
                                 {"renewal"})),
      trust_writes(registry.counter("runtime_webhook_ca_bundle_writes_total",
                                    "Webhook configurations that were given the CA bundle.")),
      failures(registry.counter("runtime_webhook_certificate_failures_total",
                                "Looks at the webhooks' certificate that failed.")) {
  for (const auto renewal : {Renewal::kAll, Renewal::kAuthority, Renewal::kServing}) {
    renewals.with({to_string(renewal)});
  }
}

WebhookCertificate::WebhookCertificate(WebhookCertificateOptions options, kube::Client& client,
                                       Leading leading, telemetry::metrics::Registry& metrics,
                                       const telemetry::log::Logger& log)
    : options_(std::move(options)),
      client_(client),
      leading_(std::move(leading)),
      metrics_(metrics),
      log_(log.named("webhook-certificate").with("secretName", options_.secret.to_string())),
      last_look_(base::fail(Reason::kUnavailable, "the Secret was not read yet")) {}

WebhookCertificate::~WebhookCertificate() {
  stop();
}

void WebhookCertificate::start(CertificateChanged changed) {
  changed_ = std::move(changed);
  worker_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

base::Result<void> WebhookCertificate::last_look() const {
  const bool leads = leading_();
  const base::MutexLock lock(mutex_);
  if (!last_look_ || serves_ || !leads) return last_look_;
  return base::fail(Reason::kUnavailable, "the certificate is not made yet");
}

void WebhookCertificate::stop() {
  worker_.request_stop();
  if (worker_.joinable()) worker_.join();
}

void WebhookCertificate::wake() {
  const base::MutexLock lock(mutex_);
  wake_ = true;
  woken_.notify_all();
}

void WebhookCertificate::work(const std::stop_token& stop) {
  const ItemBackoff backoff{.initial = kFirstWait, .cap = options_.poll_period};
  std::uint32_t failures = 0;
  while (!stop.stop_requested()) {
    const auto passed = pass(stop);
    remember(passed);
    if (!passed && !stop.stop_requested()) tell(passed.error());
    if (passed && given_out_ != net::KeyPair{}) {
      failures = 0;
      wait(options_.poll_period, stop);
    } else {
      wait(backoff.delay(failures++), stop);
    }
  }
}

void WebhookCertificate::remember(const base::Result<void>& passed) {
  const base::MutexLock lock(mutex_);
  last_look_ = passed;
  serves_ = given_out_ != net::KeyPair{};
}

void WebhookCertificate::wait(base::Clock::duration time, const std::stop_token& stop) {
  const std::stop_callback on_stop(stop, [this] { wake(); });
  const auto until = base::Clock::now() + time;
  const base::MutexLock lock(mutex_);
  while (!wake_ && woken_.wait_until(mutex_, until) == std::cv_status::no_timeout) continue;
  wake_ = false;
}

base::Result<void> WebhookCertificate::pass(const std::stop_token& stop) {
  const auto secret = read_secret(stop);
  if (!secret) return std::unexpected(secret.error());
  if (!leading_()) {
    trust_.reset();
    return give_out(secret->certificates.serving);
  }
  const auto kept = keep(*secret, stop);
  // What cannot be kept can be served all the same.
  auto given = give_out((kept ? *kept : *secret).certificates.serving);
  if (!kept) return std::unexpected(kept.error());
  return given;
}

base::Result<CertificateSecret> WebhookCertificate::read_secret(const std::stop_token& stop) {
  const auto answer = client_.send(kube::get(kSecret, options_.secret), stop);
  if (!answer) {
    if (answer.error().reason == Reason::kNotFound) return CertificateSecret{.ours = true};
    return std::unexpected(answer.error().wrap("reading the Secret"));
  }
  const auto object = object_of(*answer);
  if (!object) return std::unexpected(object.error().wrap("reading the Secret"));
  auto secret = read_certificate_secret(*object, options_.label);
  if (secret.ours) return secret;
  return base::fail(
      Reason::kBadInput,
      fmt::format("the Secret {} is somebody else's, and is neither served nor changed: it has no "
                  "label {}={}. Delete it, or name another Secret",
                  options_.secret.to_string(), options_.label.key, options_.label.value));
}

base::Result<WebhookCertificate::Callers> WebhookCertificate::read_callers(
    const std::stop_token& stop) {
  Callers callers;
  const std::pair<const object::Kind&, const std::string&> wanted[] = {
      {kMutatingWebhooks, options_.mutating_configuration},
      {kValidatingWebhooks, options_.validating_configuration}};
  for (const auto& [kind, name] : wanted) {
    const object::Key key{.ns = {}, .name = name};
    const auto answer = client_.send(kube::get(kind, key), stop);
    if (!answer && answer.error().reason == Reason::kNotFound) {
      if (absent_.insert(&kind).second) {
        log_.info("a webhook configuration is absent", {{"kind", kind.kind}, {"name", name}});
      }
      continue;
    }
    if (!answer) return std::unexpected(answer.error().wrap(fmt::format("reading {}", name)));
    auto configuration = object_of(*answer);
    if (!configuration) {
      return std::unexpected(configuration.error().wrap(fmt::format("reading {}", name)));
    }
    absent_.erase(&kind);
    callers.push_back({.kind = &kind, .key = key, .configuration = *std::move(configuration)});
  }
  return callers;
}

base::Result<CertificateSecret> WebhookCertificate::keep(const CertificateSecret& secret,
                                                         const std::stop_token& stop) {
  const auto callers = read_callers(stop);
  if (!callers) return std::unexpected(callers.error());
  auto kept = renew_if_due(secret, *callers, stop);
  if (!kept) return kept;
  auto trusted = trust(*callers, kept->certificates.authority.certificate_pem, stop);
  if (!trusted) {
    trust_.reset();
    return std::unexpected(std::move(trusted.error()));
  }
  return kept;
}

base::Result<CertificateSecret> WebhookCertificate::renew_if_due(const CertificateSecret& secret,
                                                                 const Callers& callers,
                                                                 const std::stop_token& stop) {
  const auto& certificates = secret.certificates;
  const auto called_by = names(callers);
  const auto now = base::WallClock::now();
  const Renewal renewal =
      due(held(certificates, called_by), now,
          trusted_for(callers, certificates.authority.certificate_pem), options_.rotation);
  if (renewal == Renewal::kNone) return secret;
  const auto renewed = renew(certificates, renewal, called_by, now, options_.rotation);
  if (!renewed) return std::unexpected(renewed.error().wrap("making a certificate"));
  auto written = write(secret, *renewed, stop);
  if (!written) return written;
  metrics_.renewals.with({to_string(renewal)}).increment();
  log_.info(
      "new certificates for the webhooks",
      {{"renewal", to_string(renewal)}, {"names", fmt::format("{}", fmt::join(called_by, ", "))}});
  return written;
}

base::Result<CertificateSecret> WebhookCertificate::write(const CertificateSecret& before,
                                                          const OwnCertificates& certificates,
                                                          const std::stop_token& stop) {
  // By apply also where it is new: unlike a right to POST, the right to that can name the Secret.
  const auto answer = client_.send(
      kube::apply(kSecret, options_.secret,
                  certificate_secret(options_.secret, options_.label, before, certificates),
                  options_.field_manager),
      stop);
  if (!answer) return std::unexpected(answer.error().wrap("writing the Secret"));
  const auto object = object_of(*answer);
  if (!object) return std::unexpected(object.error().wrap("writing the Secret"));
  return read_certificate_secret(*object, options_.label);
}

base::Result<void> WebhookCertificate::trust(const Callers& callers, const std::string& bundle,
                                             const std::stop_token& stop) {
  bool changed = !trust_ || trust_->bundle != bundle;
  for (const auto& [kind, key, configuration] : callers) {
    auto patch = trust_patch(configuration, bundle);
    if (patch.empty()) continue;
    const auto answer =
        client_.send(kube::json_patch(*kind, key, std::move(patch), options_.field_manager), stop);
    if (!answer) {
      return std::unexpected(
          answer.error().wrap(fmt::format("writing the caBundle of {}", key.name)));
    }
    metrics_.trust_writes.increment();
    log_.info("wrote the CA bundle", {{"kind", kind->kind}, {"name", key.name}});
    changed = true;
  }
  if (changed) trust_ = Trust{.bundle = bundle, .since = base::Clock::now()};
  return {};
}

std::vector<std::string> WebhookCertificate::names(const Callers& callers) const {
  std::vector<std::string> names = service_names(options_.secret.ns, options_.service);
  for (const auto& caller : callers) {
    const auto more = called_names(caller.configuration);
    names.insert(names.end(), more.begin(), more.end());
  }
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return names;
}

std::optional<base::Clock::duration> WebhookCertificate::trusted_for(
    const Callers& callers, const std::string& bundle) const {
  const bool all_have_it = std::ranges::all_of(callers, [&](const Caller& caller) {
    return trust_patch(caller.configuration, bundle).empty();
  });
  if (!all_have_it || !trust_ || trust_->bundle != bundle) return std::nullopt;
  return base::Clock::now() - trust_->since;
}

base::Result<void> WebhookCertificate::give_out(const net::KeyPair& pair) {
  // One that is damaged is replaced by the leader; until then the one before it stays.
  if (pair == given_out_ || !net::is_key_pair(pair)) return {};
  auto taken = changed_(
      {.certificate_pem = pair.certificate_pem, .private_key_pem = pair.private_key_pem.reveal()});
  if (!taken) return std::unexpected(taken.error().wrap("taking the certificate into use"));
  given_out_ = pair;
  return {};
}

void WebhookCertificate::tell(const base::Error& error) {
  // The Secret changed since it was read, or another replica leads by now: the next look shows it.
  if (error.reason == Reason::kConflict || error.reason == Reason::kNotLeader) {
    log_.debug("the webhooks' certificate is somebody else's to write",
               {{"error", error.describe()}});
    return;
  }
  metrics_.failures.increment();
  if (const auto held_back = failures_told_.admit(error.describe(), base::Clock::now())) {
    log_.error("cannot keep the webhooks' certificate", error, {{"heldBack", *held_back}});
  }
}

}  // namespace runtime
