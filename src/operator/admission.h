#pragma once
// The admission webhooks of Capps: they find out what the rules (capp/admission) have to know, and
// answer what those say.

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "capp/admission/submission.h"
#include "capp/admission/validate.h"
#include "kube/client.h"
#include "operator/configuration.h"
#include "operator/own_user.h"
#include "runtime/admission.h"
#include "runtime/admission_endpoints.h"
#include "runtime/manager.h"
#include "runtime/store.h"
#include "telemetry/log/repeat_limiter.h"
#include "telemetry/metrics/registry.h"

namespace op {

// Asks the DNS servers of this process (net/name_lookup.h).
[[nodiscard]] capp::admission::Resolution resolve(const std::string& host);

struct AdmissionOptions {
  std::string cluster_domain;
  // Whether DNS knows a name; empty: nobody asks. On the threads of the admission server; blocks
  // no longer than net::kLookUpTimeout.
  std::function<capp::admission::Resolution(const std::string& host)> resolve{};
};

// Thread-safe; on every replica, leader or not. A configuration that is not read yet is the
// built-in one.
class Admission {
 public:
  // Questions to the API server under way at most.
  static constexpr std::size_t kMaxInFlight = 4;

  // `client` is for nothing else: whoever reaches the webhooks makes it ask, and reconciling must
  // not wait for that. `capps` is indexed by capp::hostname_of. All four outlive it.
  Admission(runtime::Manager& manager, kube::Client& client, const Configuration& configuration,
            const runtime::Store& capps, AdmissionOptions options);

  // "/validate-capp" and "/mutate-capp" (behaviour 5). They refer to this object.
  [[nodiscard]] runtime::AdmissionHandlers handlers();

 private:
  [[nodiscard]] runtime::AdmissionReply validate(const runtime::AdmissionRequest& request) const;
  [[nodiscard]] runtime::AdmissionReply mutate(const runtime::AdmissionRequest& request);
  [[nodiscard]] runtime::AdmissionReply reply(const capp::admission::Judgement& judgement) const;

  [[nodiscard]] capp::admission::Facts find_out(
      const capp::admission::Submission& submission) const;
  [[nodiscard]] std::optional<object::Key> served_by(const object::Key& self,
                                                     const std::vector<std::string>& names) const;
  [[nodiscard]] std::map<std::string, capp::admission::SecretFacts, std::less<>> look_at_secrets(
      const std::string& ns, std::span<const std::string> names) const;
  [[nodiscard]] capp::admission::SecretFacts facts_of(
      const object::Key& secret, const base::Result<net::Response>& answer) const;

  runtime::Manager& manager_;
  kube::Client& client_;
  const Configuration& configuration_;
  const runtime::Store& capps_;
  AdmissionOptions options_;
  OwnUser own_user_;
  mutable telemetry::log::RepeatLimiter failures_told_;
  telemetry::metrics::Family<telemetry::metrics::Counter>& refusals_;
};

}  // namespace op
