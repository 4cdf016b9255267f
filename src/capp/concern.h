#pragma once
// The concerns of a Capp: what a person asks about, one condition each (behaviour 1, "Status").

#include <array>
#include <string_view>

namespace capp {

struct Concern {
  std::string_view condition;  // type of its own condition
  std::string_view not_ready;  // reason of that condition, and of Ready, while it is not ready
  // It cannot be ready without the Knative Service, so it is not judged while there is none to be.
  bool needs_service = false;

  friend bool operator==(const Concern&, const Concern&) = default;
};

inline constexpr Concern kLogging{"LoggingReady", "LoggingNotReady"};
inline constexpr Concern kDomain{"DomainMappingReady", "DomainMappingNotReady",
                                 /*needs_service=*/true};
inline constexpr Concern kTls{"CertificateReady", "CertificateNotReady"};
inline constexpr Concern kVolumes{"VolumesReady", "VolumesNotReady"};
inline constexpr Concern kEventing{"EventingReady", "EventingNotReady", /*needs_service=*/true};
inline constexpr Concern kDnsRecord{"DNSRecordReady", "DNSRecordNotReady"};
inline constexpr Concern kServing{"KnativeServiceReady", "KnativeServiceNotReady"};

// The order in which Ready looks at them; the first failure is Ready's.
inline constexpr std::array kConcerns{&kLogging,  &kDomain,    &kTls,    &kVolumes,
                                      &kEventing, &kDnsRecord, &kServing};

}  // namespace capp
