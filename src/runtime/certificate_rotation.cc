#include "runtime/certificate_rotation.h"

namespace runtime {
namespace {

using TimePoint = base::WallClock::time_point;

bool is_valid(const HeldCertificate& certificate, TimePoint now) {
  return certificate.not_before <= now && now < certificate.not_after;
}

TimePoint made_at(const HeldCertificate& certificate) {
  return certificate.not_before + kBackdated;
}

// After two thirds of its life, as cert-manager: what fails then has a third of it to be cured.
bool is_ageing(const HeldCertificate& certificate, TimePoint now) {
  const auto life = certificate.not_after - made_at(certificate);
  return now >= made_at(certificate) + life * 2 / 3;
}

bool can_issue(const HeldCertificates& held, TimePoint now) {
  return held.can_sign && !held.authorities.empty() && is_valid(held.authorities.front(), now);
}

bool can_be_served(const std::optional<HeldServing>& serving, TimePoint now) {
  return serving && serving->signed_by && is_valid(serving->certificate, now);
}

}  // namespace

std::string_view to_string(Renewal renewal) {
  switch (renewal) {
    case Renewal::kNone:
      return "none";
    case Renewal::kServing:
      return "serving";
    case Renewal::kAuthority:
      return "authority";
    case Renewal::kAll:
      return "all";
  }
  return "none";
}

Renewal due(const HeldCertificates& held, base::WallClock::time_point now,
            std::optional<base::Clock::duration> trusted_for, const RotationOptions& options) {
  const bool issues = can_issue(held, now);
  if (!can_be_served(held.serving, now)) return issues ? Renewal::kServing : Renewal::kAll;

  const HeldServing& serving = *held.serving;
  const bool outlives =
      issues && held.authorities.front().not_after >= now + options.serving_lifetime;
  if (!outlives) {
    // Until then a replica may serve what an earlier authority signed, which now goes.
    const bool settled = now >= made_at(serving.certificate) + options.settle;
    if (settled) return Renewal::kAuthority;
    if (!issues) return Renewal::kNone;
  }
  const bool of_the_first = serving.signed_by == 0U;
  const bool wanted = !of_the_first || !serving.has_names || is_ageing(serving.certificate, now);
  const bool trusted = of_the_first || (trusted_for && *trusted_for >= options.settle);
  return wanted && trusted ? Renewal::kServing : Renewal::kNone;
}

}  // namespace runtime
